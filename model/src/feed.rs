//! The event log of orders, as front-end servers follow it and send it to clients.

use serde::{Deserialize, Serialize};

use crate::OrderState;

/// Response of [`crate::api::EVENTS`]: one page of the log.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct EventLogPage {
    /// Events in order and without gaps, beginning after the requested `after`; empty for a request without `after`.
    pub events: Vec<OrderEvent>,
    /// Sequence of the last event in the log that this response covers.
    pub last: i64,
}

/// One event of the log. Contains no personal data.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct OrderEvent {
    /// Number of the event among all orders' events, without gaps.
    pub sequence: i64,
    /// The order's token.
    pub order: String,
    /// Slug.
    pub restaurant: String,
    /// The order's version after this event.
    pub version: u32,
    pub state: OrderState,
    pub at_ms: i64,
}

/// Data of a server-sent event to the clients of one order. The id of the server-sent event is the sequence.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct OrderUpdate {
    pub version: u32,
    pub state: OrderState,
    pub at_ms: i64,
}

/// Data of a server-sent event to a restaurant's staff. The id of the server-sent event is the sequence.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct KitchenUpdate {
    /// The order's token.
    pub order: String,
    pub version: u32,
    pub state: OrderState,
    pub at_ms: i64,
}
