//! Events of orders as they happen: follows the event log once, through whichever replica is available, and fans each event out to
//! the clients that subscribe to its order or to its restaurant.
//!
//! Keeps no events: what a client missed is read from the log again. Must not know what an order's states mean.

mod event_stream;
mod log_follower;
pub mod order;
pub mod staff;
mod subscriptions;
mod topic;

use std::sync::{Arc, Mutex};
use std::time::Duration;

use http::{HeaderMap, Response};
use model::api;
use model::feed::{EventLogPage, OrderEvent};
use model::problem::Code;
use model::staff::StaffSession;
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;

use crate::gateway::Gateway;
use crate::http::problem::ProblemResponse;
use crate::http::response_body::ResponseBody;
use crate::sync::lock;
use subscriptions::Subscriptions;

pub use log_follower::follow_log;

/// How long the last read of the log counts as current. Reads end within a second of each other while replicas answer; a shorter
/// time would report an outage that is none, a longer one would hide one from clients.
const CURRENT_FOR: Duration = Duration::from_secs(3);

/// Reads the event log and holds the subscriptions to it.
pub struct EventHub {
    gateway: Arc<Gateway>,
    orders: Subscriptions,
    restaurants: Subscriptions,
    /// When the log was last read to its end.
    read_at: Mutex<Option<Instant>>,
    stop: CancellationToken,
}

impl EventHub {
    /// `stop` ends all streams of events.
    pub fn new(gateway: Arc<Gateway>, stop: CancellationToken) -> Self {
        Self {
            gateway,
            orders: Subscriptions::default(),
            restaurants: Subscriptions::default(),
            read_at: Mutex::default(),
            stop,
        }
    }

    /// Reads a page of the log through whichever replica is available.
    ///
    /// # Errors
    /// The error response for the client.
    async fn read_log(&self, path: &str) -> Result<EventLogPage, Response<ResponseBody>> {
        let body = self.gateway.fetch(path).await?;
        serde_json::from_slice(&body).map_err(|error| {
            tracing::warn!(%error, "a replica's page of the event log does not parse");
            unreadable_response().into_http()
        })
    }

    fn publish(&self, event: OrderEvent) {
        let event = Arc::new(event);
        self.orders.publish(&event.order, &event);
        self.restaurants.publish(&event.restaurant, &event);
    }

    /// Makes every subscriber read the log again, because events may have been missed.
    fn reset_subscriptions(&self) {
        self.orders.reset();
        self.restaurants.reset();
    }

    /// Fetches the account of a session from a replica.
    ///
    /// # Errors
    /// The replica's error response, 401 without a session, or the gateway's.
    async fn fetch_session(
        &self,
        session: &HeaderMap,
    ) -> Result<StaffSession, Response<ResponseBody>> {
        let body = self.gateway.fetch_as(api::STAFF_SESSION, session).await?;
        serde_json::from_slice(&body).map_err(|error| {
            tracing::warn!(%error, "a replica's description of a session does not parse");
            unreadable_response().into_http()
        })
    }

    /// True while subscribers have every event that the log has.
    fn is_current(&self) -> bool {
        lock(&self.read_at).is_some_and(|at| at.elapsed() < CURRENT_FOR)
    }
}

/// The error for a replica's response that does not parse.
fn unreadable_response() -> ProblemResponse {
    ProblemResponse::new(
        Code::Internal,
        "The answer of a replica cannot be read",
        "This is a fault of ours. Try again.",
    )
}
