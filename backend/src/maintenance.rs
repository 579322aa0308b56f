//! Order maintenance: expires orders that the staff did not accept in time, and purges personal data after its retention period.
//!
//! Every replica runs it at the same interval and knows nothing of the others: the store makes sure that what is due happens once.

use std::sync::Arc;
use std::time::Duration;

use model::status::AdminState;
use process::clock::SharedClock;
use tokio::time::{MissedTickBehavior, interval};

use crate::domain::expiry::Deadlines;
use crate::replica::ReplicaHandle;
use crate::store::Store;

/// Interval between runs: an order expires at most this late. Shorter, and each run costs a write to the disk more often; longer, and it
/// comes near [`crate::store::OUTAGE_MS`], from which it must keep a wide distance.
const RUN_INTERVAL: Duration = Duration::from_secs(3);
/// Interval between purges: personal data is kept at most this much longer than its retention period.
const PURGE_INTERVAL_MS: i64 = 60 * 60_000;

/// The background task that maintains the store's orders.
pub struct OrderMaintenance {
    pub store: Arc<dyn Store>,
    pub clock: SharedClock,
    pub deadlines: Deadlines,
    /// Retention period of personal data, in milliseconds.
    pub retention_ms: i64,
    pub replica: ReplicaHandle,
    pub last_runs: LastRuns,
}

/// When this replica last completed each job, in milliseconds by its own clock.
#[derive(Default)]
pub struct LastRuns {
    expiry_ms: Option<i64>,
    purge_ms: Option<i64>,
}

impl OrderMaintenance {
    /// Runs for as long as the process does.
    pub async fn run(mut self) {
        let mut ticks = interval(RUN_INTERVAL);
        ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
        loop {
            ticks.tick().await;
            // A replica that is switched down behaves as dead, so it must not count as one that runs maintenance.
            if self.replica.admin_state() != AdminState::Down {
                self.expire_due_orders().await;
                self.purge_personal_data().await;
            }
        }
    }

    async fn expire_due_orders(&mut self) {
        let now_ms = self.clock.now_ms();
        let last_run_ms = self.last_runs.expiry_ms;
        let report = self
            .store
            .expire_due_orders(now_ms, last_run_ms, self.deadlines.clone())
            .await;
        match report {
            Ok(report) => {
                self.last_runs.expiry_ms = Some(now_ms);
                if let Some(outage_ms) = report.outage_ms {
                    tracing::warn!(
                        outage_ms,
                        "no replica ran for a while; waiting orders get a new acceptance window"
                    );
                }
                if report.expired > 0 {
                    tracing::info!(
                        expired = report.expired,
                        "orders expired that were not accepted in time"
                    );
                }
            }
            Err(error) => {
                tracing::warn!(%error, "due orders could not be expired; the next run tries again");
            }
        }
    }

    /// Purges unless the last purge was within [`PURGE_INTERVAL_MS`]; so a replica also purges at its start.
    async fn purge_personal_data(&mut self) {
        let now_ms = self.clock.now_ms();
        if self
            .last_runs
            .purge_ms
            .is_some_and(|at_ms| (0..PURGE_INTERVAL_MS).contains(&(now_ms - at_ms)))
        {
            return;
        }
        let before_ms = now_ms - self.retention_ms;
        match self.store.purge_personal_data(before_ms).await {
            Ok(0) => self.last_runs.purge_ms = Some(now_ms),
            // A purge is limited in size: the next run continues.
            Ok(orders) => {
                tracing::info!(
                    orders,
                    "personal data was purged after its retention period"
                );
            }
            Err(error) => {
                tracing::warn!(%error, "personal data could not be purged; the next run tries again");
            }
        }
    }
}

#[cfg(test)]
mod tests;
