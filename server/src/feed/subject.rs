//! What somebody listens for.

use std::sync::Arc;

use model::api;
use model::feed::{Events, OrderEvent};
use tokio::sync::broadcast::Receiver;

use super::Feed;

pub enum Subject {
    /// By its token.
    Order(String),
    /// By its slug.
    Restaurant(String),
}

impl Subject {
    /// Its events from now on.
    pub fn news(&self, feed: &Feed) -> Receiver<Arc<OrderEvent>> {
        match self {
            Self::Order(token) => feed.orders.of(token),
            Self::Restaurant(slug) => feed.restaurants.of(slug),
        }
    }

    /// Where its part of the log after `told` is read; an order's is short, and always told from its beginning.
    pub fn log(&self, told: i64) -> String {
        match self {
            Self::Order(token) => format!("{}/{token}/events", api::INTERNAL_ORDERS),
            Self::Restaurant(slug) => {
                format!("{}/{slug}/events?after={told}", api::INTERNAL_RESTAURANTS)
            }
        }
    }

    /// Whether `part` of the log may not have been all of it.
    pub fn goes_on_after(&self, part: &Events) -> bool {
        match self {
            Self::Order(_) => false,
            Self::Restaurant(_) => !part.events.is_empty(),
        }
    }
}
