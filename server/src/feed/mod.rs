//! News of orders, as they happen: follows the event log once, from whichever replica is available, and hands each event to those who
//! listen for its order.
//!
//! Holds no truth: what a listener missed is read from the log again. Knows nothing of states or what they mean.

mod follow;
mod listen;
mod topics;

use std::sync::Arc;

use tokio_util::sync::CancellationToken;

use crate::gateway::Gateway;
use topics::Topics;

pub use follow::follow;
pub use listen::listen;

pub struct Feed {
    gateway: Arc<Gateway>,
    topics: Topics,
    stop: CancellationToken,
}

impl Feed {
    /// `stop` ends all listening.
    pub fn new(gateway: Arc<Gateway>, stop: CancellationToken) -> Self {
        Self {
            gateway,
            topics: Topics::default(),
            stop,
        }
    }
}
