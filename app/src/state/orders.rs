//! The orders placed from this phone, so that nobody has to keep a link. Pure; holds no name, phone or address.

use json::{FromJson, ToJson};
use model::Pence;
use model::order::Order;

/// Newest first.
#[derive(Clone, Debug, Default, PartialEq, FromJson, ToJson)]
pub struct RecentOrders(pub Vec<RecentOrder>);

#[derive(Clone, Debug, PartialEq, FromJson, ToJson)]
pub struct RecentOrder {
    pub token: String,
    pub number: u32,
    /// Slug.
    pub restaurant: String,
    pub restaurant_name: String,
    pub placed_at_ms: i64,
    pub total_pence: Pence,
    /// Nothing more will happen to it, as far as this phone has seen.
    #[serde(default)]
    pub done: bool,
}

const KEPT: usize = 20;
/// Nobody still waits for an order after a day, but for one placed ahead; its address is kept all the same.
const AWAITED_MS: i64 = 24 * 60 * 60 * 1_000;

impl RecentOrders {
    /// Remembers an order; the same one again is not doubled.
    pub fn remember(&mut self, order: &Order) {
        self.0.retain(|known| known.token != order.token);
        self.0.insert(
            0,
            RecentOrder {
                token: order.token.clone(),
                number: order.number,
                restaurant: order.restaurant.slug.clone(),
                restaurant_name: order.restaurant.name.clone(),
                placed_at_ms: order.placed_at_ms,
                total_pence: order.total_pence,
                done: order.state.is_final(),
            },
        );
        self.0.truncate(KEPT);
    }

    /// An order of this phone has come to its end.
    pub fn finished(&mut self, token: &str) {
        if let Some(known) = self.0.iter_mut().find(|known| known.token == token) {
            known.done = true;
        }
    }

    /// The newest order that somebody may still be waiting for.
    #[must_use]
    pub fn awaited(&self, now_ms: i64) -> Option<&RecentOrder> {
        self.0
            .iter()
            .find(|order| !order.done && now_ms - order.placed_at_ms < AWAITED_MS)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn order(number: u32, placed_at_ms: i64) -> RecentOrder {
        RecentOrder {
            token: format!("token-{number}"),
            number,
            restaurant: "copper-pan".into(),
            restaurant_name: "The Copper Pan".into(),
            placed_at_ms,
            total_pence: Pence(100),
            done: false,
        }
    }

    #[test]
    fn an_order_is_awaited_until_it_is_done_or_a_day_old() {
        let mut orders = RecentOrders(vec![order(2, 2_000), order(1, 1_000)]);
        assert_eq!(orders.awaited(3_000).map(|order| order.number), Some(2));
        orders.finished("token-2");
        assert_eq!(orders.awaited(3_000).map(|order| order.number), Some(1));
        assert_eq!(orders.awaited(1_000 + AWAITED_MS), None);
        orders.finished("token-of-somebody-else");
    }
}
