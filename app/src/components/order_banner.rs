//! The link back to an order for a customer who has closed its page: an order in progress, or one whose outcome is not known yet.

use leptos::prelude::*;

use super::icon::{Glyph, Icon};
use crate::paths;
use crate::state::browser::now_ms;
use crate::state::use_state;

/// A slim line on top of the shop's pages; nothing where there is no such order.
#[component]
pub fn OrderBanner(
    /// Whether to show placed orders too, not only one whose outcome is not known.
    placed_orders: bool,
) -> impl IntoView {
    let state = use_state();
    let link = move || {
        let unknown = state
            .pending_orders
            .with(|pending| pending.open_restaurant().map(paths::checkout));
        if let Some(path) = unknown {
            let text = "We do not know yet whether your order arrived. Check now".to_owned();
            return Some((path, text));
        }
        if !placed_orders {
            return None;
        }
        state.recent_orders.with(|orders| {
            let order = orders.in_progress(now_ms())?;
            let text = format!(
                "Your order: number {}, {}",
                order.number, order.restaurant_name
            );
            Some((paths::order(&order.token), text))
        })
    };
    move || {
        link().map(|(path, text)| {
            view! {
                <nav class="recall" aria-label="Your order">
                    <a class="frame" href=path>
                        <Icon glyph=Glyph::Basket />
                        <span>{text}</span>
                        <Icon glyph=Glyph::Chevron />
                    </a>
                </nav>
            }
        })
    }
}
