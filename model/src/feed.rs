//! The log of what happens to orders, as front-end servers follow it and hand it on to those who wait for news.

use serde::{Deserialize, Serialize};

use crate::OrderState;

/// Answer of [`crate::api::EVENTS`]: a part of the log.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Events {
    /// In order, without gaps, the first one following the `after` that was asked for; without `after`, none.
    pub events: Vec<OrderEvent>,
    /// Sequence of the last event that this answer takes into account.
    pub last: i64,
}

/// One line of the log, without anything personal.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct OrderEvent {
    /// Counts all events of all orders, without gaps.
    pub sequence: i64,
    /// The order's token.
    pub order: String,
    /// Slug.
    pub restaurant: String,
    /// The order's version that this event made.
    pub version: u32,
    pub state: OrderState,
    pub at_ms: i64,
}

/// Data of an event that listeners of one order get; its id is the event's sequence.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct OrderNews {
    pub version: u32,
    pub state: OrderState,
    pub at_ms: i64,
}

/// Data of an event that a restaurant's staff get; its id is the event's sequence.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct KitchenNews {
    /// The order's token.
    pub order: String,
    pub version: u32,
    pub state: OrderState,
    pub at_ms: i64,
}
