//! The orders placed from this phone, so that a customer need not keep a link. Pure; it holds no name, phone or address.

use model::Pence;
use model::order::Order;
use serde::{Deserialize, Serialize};

/// Newest first.
#[derive(Clone, Debug, Default, PartialEq, Deserialize, Serialize)]
pub struct RecentOrders(pub Vec<RecentOrder>);

#[derive(Clone, Debug, PartialEq, Deserialize, Serialize)]
pub struct RecentOrder {
    pub token: String,
    pub number: u32,
    /// The restaurant's slug.
    pub restaurant: String,
    pub restaurant_name: String,
    pub placed_at_ms: i64,
    pub total_pence: Pence,
    /// Whether this phone has seen it reach a final state.
    #[serde(default)]
    pub done: bool,
}

const MAX_STORED: usize = 20;
/// The age in milliseconds up to which an order may still be in progress. An order placed further ahead stays in the list.
const IN_PROGRESS_MS: i64 = 24 * 60 * 60 * 1_000;

impl RecentOrders {
    /// Adds an order; adding it again replaces it.
    pub fn add(&mut self, order: &Order) {
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
        self.0.truncate(MAX_STORED);
    }

    /// Marks an order as done; ignores orders of other phones.
    pub fn mark_done(&mut self, token: &str) {
        if let Some(known) = self.0.iter_mut().find(|known| known.token == token) {
            known.done = true;
        }
    }

    /// The newest order that may still be in progress.
    #[must_use]
    pub fn in_progress(&self, now_ms: i64) -> Option<&RecentOrder> {
        self.0
            .iter()
            .find(|order| !order.done && now_ms - order.placed_at_ms < IN_PROGRESS_MS)
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
    fn an_order_is_in_progress_until_it_is_done_or_a_day_old() {
        let mut orders = RecentOrders(vec![order(2, 2_000), order(1, 1_000)]);
        assert_eq!(orders.in_progress(3_000).map(|order| order.number), Some(2));
        orders.mark_done("token-2");
        assert_eq!(orders.in_progress(3_000).map(|order| order.number), Some(1));
        assert_eq!(orders.in_progress(1_000 + IN_PROGRESS_MS), None);
        orders.mark_done("token-of-somebody-else");
    }
}
