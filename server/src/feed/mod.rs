//! News of orders, as they happen: follows the event log once, from whichever replica is available, and hands each event to those who
//! listen for its order, or for its restaurant.
//!
//! Holds no truth: what a listener missed is read from the log again. Knows nothing of states or what they mean.

mod follow;
pub mod kitchen;
mod listener;
pub mod order;
mod subject;
mod topics;

use std::sync::{Arc, Mutex};
use std::time::Duration;

use http::{HeaderMap, Response};
use model::api;
use model::feed::{Events, OrderEvent};
use model::staff::SignedIn;
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;

use crate::body::ServedBody;
use crate::gateway::Gateway;
use crate::problem::Refusal;
use crate::sync::locked;
use topics::Topics;

pub use follow::follow;

/// The log is asked for again within a second; after this long nobody has answered.
const CURRENT: Duration = Duration::from_secs(3);

pub struct Feed {
    gateway: Arc<Gateway>,
    orders: Topics,
    restaurants: Topics,
    /// When the log was last known to its end.
    followed: Mutex<Option<Instant>>,
    stop: CancellationToken,
}

impl Feed {
    /// `stop` ends all listening.
    pub fn new(gateway: Arc<Gateway>, stop: CancellationToken) -> Self {
        Self {
            gateway,
            orders: Topics::default(),
            restaurants: Topics::default(),
            followed: Mutex::default(),
            stop,
        }
    }

    /// A part of the log, from whichever replica is available.
    ///
    /// # Errors
    /// The answer that there is instead.
    async fn read(&self, path: &str) -> Result<Events, Response<ServedBody>> {
        let body = self.gateway.fetch(path).await?;
        serde_json::from_slice(&body).map_err(|error| {
            tracing::warn!(%error, "a part of the event log cannot be read");
            Refusal::unreadable().served()
        })
    }

    fn tell(&self, event: OrderEvent) {
        let event = Arc::new(event);
        self.orders.tell(&event.order, &event);
        self.restaurants.tell(&event.restaurant, &event);
    }

    /// Something may have been missed.
    fn lose(&self) {
        self.orders.lose();
        self.restaurants.lose();
    }

    /// Who is signed in, as any replica says.
    ///
    /// # Errors
    /// Its answer where nobody is, or there is none.
    async fn signed_in(&self, proof: &HeaderMap) -> Result<SignedIn, Response<ServedBody>> {
        let body = self.gateway.fetch_as(api::STAFF_SESSION, proof).await?;
        serde_json::from_slice(&body).map_err(|error| {
            tracing::warn!(%error, "what a replica says of a session cannot be read");
            Refusal::unreadable().served()
        })
    }

    /// What is told is all that there is to tell.
    fn is_current(&self) -> bool {
        locked(&self.followed).is_some_and(|at| at.elapsed() < CURRENT)
    }
}
