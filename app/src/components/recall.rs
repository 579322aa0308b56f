//! The way back to an order, for somebody who closed its page: the one under way, or the one that nobody knows of yet.

use crate::prelude::*;

use super::icon::{Glyph, Icon};
use crate::state::browser::now_ms;
use crate::state::{checkout_path, use_state};

/// A slim line on top of the shop's pages; nothing where nothing is awaited.
#[component]
pub fn Recall(
    /// Show placed orders too, not only the one that nobody knows of yet.
    orders: bool,
) -> View {
    let state = use_state();
    let line = memo(move || {
        let open = state
            .pendings
            .with(|pendings| pendings.open_restaurant().map(checkout_path));
        if let Some(path) = open {
            let words = "We do not know yet whether your order arrived. Check now";
            return Some((path, words.to_owned()));
        }
        if !orders {
            return None;
        }
        state.orders.with(|orders| {
            let order = orders.awaited(now_ms())?;
            let words = format!(
                "Your order: number {}, {}",
                order.number, order.restaurant_name
            );
            Some((format!("/orders/{}", order.token), words))
        })
    });
    (move || {
        line.get().map(|(path, words)| {
            view! {
                <nav class="recall" aria-label="Your order">
                    <a class="frame" href=path>
                        <Icon glyph=Glyph::Basket />
                        <span>{words}</span>
                        <Icon glyph=Glyph::Chevron />
                    </a>
                </nav>
            }
        })
    })
    .into_view()
}
