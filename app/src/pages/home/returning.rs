//! For somebody who was here before: the basket that is still full, and the latest orders.

use crate::prelude::*;
use model::Postcode;

use crate::components::{Glyph, Icon, Show};
use crate::paths;
use crate::state::browser::now_ms;
use crate::state::use_state;

/// Orders of the last two days: what somebody may still want to follow, or to look up.
const RECENT_MS: i64 = 2 * 24 * 60 * 60 * 1000;
const AT_MOST: usize = 3;

/// Nothing for somebody who is here for the first time.
#[component]
pub fn Returning() -> View {
    let state = use_state();
    let basket = move || {
        let postcode = Postcode::parse(&state.postcode.get()).ok();
        state.baskets.with(|baskets| {
            let slug = baskets.current_slug()?;
            let basket = baskets.get(slug)?;
            let count = match basket.count() {
                1 => "1 dish".to_owned(),
                count => [&count.to_string(), " dishes"].concat(),
            };
            Some(entry(
                Glyph::Basket,
                paths::menu(slug, postcode.as_ref()),
                basket.restaurant_name.clone(),
                [&count, " in your basket"].concat(),
            ))
        })
    };
    let orders = move || {
        let since_ms = now_ms() - RECENT_MS;
        state.orders.with(|orders| {
            orders
                .0
                .iter()
                .filter(|order| order.placed_at_ms >= since_ms)
                .take(AT_MOST)
                .map(|order| {
                    entry(
                        Glyph::Check,
                        ["/orders/", &order.token].concat(),
                        order.restaurant_name.clone(),
                        [
                            "Order ",
                            &order.number.to_string(),
                            ", ",
                            &order.total_pence.to_string(),
                        ]
                        .concat(),
                    )
                })
                .collect_view()
        })
    };
    let anything = move || {
        let since_ms = now_ms() - RECENT_MS;
        state
            .baskets
            .with(|baskets| baskets.current_slug().is_some())
            || state
                .orders
                .with(|orders| orders.0.iter().any(|order| order.placed_at_ms >= since_ms))
    };
    view! {
        <Show when=anything>
            <section class="frame returning">
                <h2>"Carry on"</h2>
                <ul>{basket} {orders}</ul>
            </section>
        </Show>
    }
}

fn entry(glyph: Glyph, href: String, name: String, what: String) -> View {
    view! {
        <li>
            <a href=href>
                <Icon glyph />
                <span>
                    <strong>{name}</strong>
                    <span class="soft small">{what}</span>
                </span>
                <Icon glyph=Glyph::Chevron />
            </a>
        </li>
    }
}
