//! Counts a replica's answers while it has requests, and reports the state of its [`ProgressMonitor`].

use std::sync::Arc;

use tokio::time::Instant;

use super::health_signals::HealthSignals;
use super::observation::{HealthReporter, Observation, ReceiverGone, Suspicion};
use super::progress_monitor::{Progress, ProgressMonitor};
use crate::gateway::config::{PROGRESS_IDLE_AFTER, PROGRESS_TICK, ProgressBounds};
use crate::gateway::upstream::Endpoint;

/// Watches the replica's answers until the receiver of the reports is gone.
///
/// # Errors
/// When the receiver is gone.
pub async fn watch_answers(
    endpoint: &Arc<Endpoint>,
    bounds: ProgressBounds,
    signals: &HealthSignals,
    reporter: &HealthReporter,
) -> Result<(), ReceiverGone> {
    let mut monitor = ProgressMonitor::new(bounds, Instant::now());
    loop {
        endpoint.until_waiting().await;
        let mut busy_at = Instant::now();
        let mut answers = endpoint.answers();
        monitor.begin(answers, busy_at);
        while busy_at.elapsed() < PROGRESS_IDLE_AFTER {
            tokio::time::sleep(PROGRESS_TICK).await;
            let now = Instant::now();
            let (answers_before, waiting) = (answers, endpoint.waiting());
            answers = endpoint.answers();
            if waiting > 0 || answers != answers_before || monitor.is_suspect() {
                busy_at = now;
            }
            let was_suspect = monitor.is_suspect();
            let progress = monitor.observe(answers, waiting, now);
            signals.set_answers_delayed(progress != Progress::Normal);
            let observation = match progress {
                Progress::Suspect if !was_suspect => Observation::Suspected(Suspicion::NoProgress),
                Progress::Normal if was_suspect => Observation::Cleared(Suspicion::NoProgress),
                Progress::Stuck => Observation::ProgressLost,
                _ => continue,
            };
            reporter.report(observation)?;
        }
        signals.set_answers_delayed(false);
    }
}
