//! The intervals of heartbeats and retries, derived from the length of a lease.

use std::time::Duration;

/// Delay before the first retry of a failed registry operation.
const FIRST_RETRY: Duration = Duration::from_millis(50);

/// The length of a lease, and the intervals that follow from it.
#[derive(Clone, Copy, Debug)]
pub struct LeaseTiming {
    /// The registry's lease. It spans five heartbeats, so that a process may miss three and keep it.
    pub lease: Duration,
    /// Random number from 0 to 1, drawn for every wait, so that processes that start together do not heartbeat in step.
    pub jitter: fn() -> f64,
}

impl LeaseTiming {
    #[must_use]
    pub fn new(lease: Duration) -> Self {
        Self {
            lease,
            jitter: rand::random::<f64>,
        }
    }

    /// 80 to 100 % of `full`.
    fn jittered(&self, full: Duration) -> Duration {
        full.mul_f64(0.8 + 0.2 * (self.jitter)().clamp(0.0, 1.0))
    }

    pub(crate) fn until_heartbeat(&self) -> Duration {
        self.jittered(self.lease / 5)
    }

    /// Doubles with each failure in a row up to half a lease, so that a registry that is readable again is noticed within a lease.
    pub(crate) fn until_retry(&self, failures: u32) -> Duration {
        let doubled = FIRST_RETRY.saturating_mul(1 << failures.saturating_sub(1).min(10));
        self.jittered(doubled.min(self.lease / 2))
    }
}
