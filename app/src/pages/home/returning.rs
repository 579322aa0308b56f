//! For a customer who has been here before: the basket that is still full, and the latest orders.

use leptos::prelude::*;
use model::Postcode;

use crate::components::{Glyph, Icon};
use crate::paths;
use crate::state::browser::now_ms;
use crate::state::recent_orders::RecentOrder;
use crate::state::use_state;

/// The age up to which an order is listed, in milliseconds: two days, in which it may still be followed or looked up.
const LISTED_MS: i64 = 2 * 24 * 60 * 60 * 1000;
const MAX_LISTED: usize = 3;

/// Nothing on the first visit.
#[component]
pub fn ReturningCustomer() -> impl IntoView {
    let state = use_state();
    let basket = move || {
        let postcode = Postcode::parse(&state.postcode.get()).ok();
        state.baskets.with(|baskets| {
            let slug = baskets.current_slug()?;
            let basket = baskets.get(slug)?;
            let dishes = match basket.count() {
                1 => "1 dish in your basket".to_owned(),
                count => format!("{count} dishes in your basket"),
            };
            let href = paths::menu(slug, postcode.as_ref());
            Some((href, basket.restaurant_name.clone(), dishes))
        })
    };
    let orders = move || {
        let since_ms = now_ms() - LISTED_MS;
        state.recent_orders.with(|orders| {
            let listed = orders
                .0
                .iter()
                .filter(|order| order.placed_at_ms >= since_ms);
            listed.take(MAX_LISTED).cloned().collect::<Vec<_>>()
        })
    };
    let order_link = |order: RecentOrder| {
        let detail = format!("Order {}, {}", order.number, order.total_pence);
        let href = paths::order(&order.token);
        view! { <EntryLink glyph=Glyph::Check href name=order.restaurant_name detail /> }
    };
    move || {
        let basket_link = basket().map(|(href, name, detail)| {
            view! { <EntryLink glyph=Glyph::Basket href name detail /> }
        });
        let order_links: Vec<_> = orders().into_iter().map(order_link).collect();
        (basket_link.is_some() || !order_links.is_empty()).then(|| {
            view! {
                <section class="frame returning">
                    <h2>"Carry on"</h2>
                    <ul>{basket_link} {order_links}</ul>
                </section>
            }
        })
    }
}

/// One link of the list.
#[component]
fn EntryLink(
    glyph: Glyph,
    href: String,
    /// The restaurant's.
    name: String,
    /// What the link leads to.
    detail: String,
) -> impl IntoView {
    view! {
        <li>
            <a href=href>
                <Icon glyph />
                <span>
                    <strong>{name}</strong>
                    <span class="soft small">{detail}</span>
                </span>
                <Icon glyph=Glyph::Chevron />
            </a>
        </li>
    }
}
