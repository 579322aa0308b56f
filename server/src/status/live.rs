//! The status as JSON, serialised once for all clients that follow it: once with what only the operator sees, once without.

use std::sync::Arc;

use tokio::sync::watch;

/// One status, serialised.
#[derive(Clone, Default)]
pub struct SerialisedStatus {
    pub public: Arc<str>,
    pub operator: Arc<str>,
}

#[derive(Default)]
pub struct LiveStatus {
    latest: watch::Sender<SerialisedStatus>,
}

impl LiveStatus {
    pub fn subscribe(&self) -> watch::Receiver<SerialisedStatus> {
        self.latest.subscribe()
    }

    pub fn has_subscribers(&self) -> bool {
        self.latest.receiver_count() > 0
    }

    pub fn publish(&self, status: SerialisedStatus) {
        self.latest.send_replace(status);
    }
}
