//! What a client subscribes to: one order or one restaurant.

use std::sync::Arc;

use model::api;
use model::feed::{EventLogPage, OrderEvent};
use tokio::sync::broadcast::Receiver;

use super::EventHub;

pub enum Topic {
    /// Holds the order's token.
    Order(String),
    /// Holds the restaurant's slug.
    Restaurant(String),
}

impl Topic {
    /// Subscribes to the topic's events from now on.
    pub fn subscribe(&self, hub: &EventHub) -> Receiver<Arc<OrderEvent>> {
        match self {
            Self::Order(token) => hub.orders.subscribe(token),
            Self::Restaurant(slug) => hub.restaurants.subscribe(slug),
        }
    }

    /// The path at which a replica serves the topic's part of the log after `cursor`. An order's part is short, and always served
    /// from its beginning.
    pub fn log_path(&self, cursor: i64) -> String {
        match self {
            Self::Order(token) => format!("{}/{token}/events", api::INTERNAL_ORDERS),
            Self::Restaurant(slug) => {
                format!("{}/{slug}/events?after={cursor}", api::INTERNAL_RESTAURANTS)
            }
        }
    }

    /// True if the log may have more after `page`, which was read from [`Topic::log_path`].
    pub fn may_have_more_after(&self, page: &EventLogPage) -> bool {
        match self {
            Self::Order(_) => false,
            Self::Restaurant(_) => !page.events.is_empty(),
        }
    }
}
