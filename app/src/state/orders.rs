//! The orders placed from this phone, so that nobody has to keep a link. Pure; holds no name, phone or address.

use model::Pence;
use model::order::Order;
use serde::{Deserialize, Serialize};

/// Newest first.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct RecentOrders(pub Vec<RecentOrder>);

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct RecentOrder {
    pub token: String,
    pub number: u32,
    /// Slug.
    pub restaurant: String,
    pub restaurant_name: String,
    pub placed_at_ms: i64,
    pub total_pence: Pence,
}

const KEPT: usize = 20;

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
            },
        );
        self.0.truncate(KEPT);
    }
}
