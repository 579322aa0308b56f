//! Signals between the health tasks of one replica: a check is due at once, and answers are delayed.

use tokio::sync::{Notify, watch};

pub struct HealthSignals {
    check_requested: Notify,
    /// No request has been answered for `PROGRESS_DELAYED_AFTER`, so that the heartbeat's limit applies.
    answers_delayed: watch::Sender<bool>,
}

impl Default for HealthSignals {
    fn default() -> Self {
        Self {
            check_requested: Notify::new(),
            answers_delayed: watch::Sender::new(false),
        }
    }
}

impl HealthSignals {
    /// Requests a readiness check without waiting for the interval to pass.
    pub fn request_check(&self) {
        self.check_requested.notify_one();
    }

    pub async fn until_check_requested(&self) {
        self.check_requested.notified().await;
    }

    /// Sets whether the replica's answers are delayed; requests a check when that begins.
    pub fn set_answers_delayed(&self, answers_delayed: bool) {
        let changed = self.answers_delayed.send_if_modified(|current| {
            std::mem::replace(current, answers_delayed) != answers_delayed
        });
        if changed && answers_delayed {
            self.request_check();
        }
    }

    pub async fn until_answers_delayed(&self) {
        let mut answers_delayed = self.answers_delayed.subscribe();
        // The sender lives as long as the signals.
        let _ = answers_delayed
            .wait_for(|answers_delayed| *answers_delayed)
            .await;
    }
}
