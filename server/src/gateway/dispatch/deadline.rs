//! The instant by which a request is answered or given up.

use std::time::Duration;

use tokio::time::Instant;

#[derive(Clone, Copy, Debug)]
pub struct Deadline(Instant);

impl Deadline {
    pub fn after(timeout: Duration, now: Instant) -> Self {
        Self(now + timeout)
    }

    /// The earlier of the two.
    pub fn or_earlier(self, other: Self) -> Self {
        Self(self.0.min(other.0))
    }

    pub fn is_over(self, now: Instant) -> bool {
        now >= self.0
    }

    /// The time left; zero when it is over.
    pub fn remaining(self, now: Instant) -> Duration {
        self.0.saturating_duration_since(now)
    }
}
