//! News of orders, as they happen: follows the event log once, from whichever replica is available, and hands each event to those who
//! listen for its order.
//!
//! Holds no truth: what a listener missed is read from the log again. Knows nothing of states or what they mean.

mod follow;
pub mod listen;
mod topics;

use std::sync::{Arc, Mutex};
use std::time::Duration;

use http::Response;
use model::feed::Events;
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
    topics: Topics,
    /// When the log was last known to its end.
    followed: Mutex<Option<Instant>>,
    stop: CancellationToken,
}

impl Feed {
    /// `stop` ends all listening.
    pub fn new(gateway: Arc<Gateway>, stop: CancellationToken) -> Self {
        Self {
            gateway,
            topics: Topics::default(),
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

    /// What is told is all that there is to tell.
    fn is_current(&self) -> bool {
        locked(&self.followed).is_some_and(|at| at.elapsed() < CURRENT)
    }
}
