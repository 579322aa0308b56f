//! What the health tasks of one replica tell each other: that a check is due at once, and that its requests get no answer.

use tokio::sync::{Notify, watch};

pub struct HealthSignals {
    check_requested: Notify,
    /// No request has been answered for a moment, so that the heartbeat's limit applies.
    in_doubt: watch::Sender<bool>,
}

impl Default for HealthSignals {
    fn default() -> Self {
        Self {
            check_requested: Notify::new(),
            in_doubt: watch::Sender::new(false),
        }
    }
}

impl HealthSignals {
    /// Asks for a readiness check without waiting for the interval to pass.
    pub fn request_check(&self) {
        self.check_requested.notify_one();
    }

    pub async fn until_check_requested(&self) {
        self.check_requested.notified().await;
    }

    /// Sets whether the replica's requests get no answer; asks for a check when that begins.
    pub fn set_in_doubt(&self, in_doubt: bool) {
        let changed = self
            .in_doubt
            .send_if_modified(|current| std::mem::replace(current, in_doubt) != in_doubt);
        if changed && in_doubt {
            self.request_check();
        }
    }

    pub async fn until_in_doubt(&self) {
        let mut in_doubt = self.in_doubt.subscribe();
        // The sender lives as long as the signals.
        let _ = in_doubt.wait_for(|in_doubt| *in_doubt).await;
    }
}
