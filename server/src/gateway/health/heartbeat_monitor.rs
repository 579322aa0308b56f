//! Heartbeats: polls whether the process of one replica runs, with a request that touches neither store nor locks. A replica
//! without a heartbeat while its requests get no answer may hang.
//!
//! A short absence only makes the replica suspect, so that its requests are hedged: on a busy machine a heartbeat is late too. A
//! long one makes it unavailable.

use std::pin::pin;
use std::sync::Arc;
use std::time::Duration;

use model::api;
use tokio::time::Instant;

use super::health_signals::HealthSignals;
use super::observation::{HealthReporter, Observation, ReceiverGone, Suspicion};
use super::probe_connection::ProbeConnection;
use crate::gateway::config::{
    HEARTBEAT_DELAYED_INTERVAL, HEARTBEAT_INTERVAL, HEARTBEAT_LOST_AFTER, HEARTBEAT_MAX_STEP,
    HEARTBEAT_SLOWDOWN_FACTOR, HEARTBEAT_STEP, HealthCheckConfig,
};
use crate::gateway::upstream::Endpoint;

/// Monitors the heartbeat until the receiver of the reports is gone.
///
/// # Errors
/// When the receiver is gone.
pub async fn monitor_heartbeat(
    endpoint: &Arc<Endpoint>,
    config: &HealthCheckConfig,
    signals: &HealthSignals,
    reporter: &HealthReporter,
) -> Result<(), ReceiverGone> {
    let mut connection = ProbeConnection::default();
    let mut slowest = Duration::ZERO;
    let mut suspect = false;
    loop {
        let began = Instant::now();
        let limit = (slowest * HEARTBEAT_SLOWDOWN_FACTOR)
            .max(config.heartbeat_floor)
            .min(config.timeout);
        let heartbeat = {
            let mut answer = pin!(connection.get(endpoint, api::HEALTH_LIVE, None));
            let overdue = async {
                signals.until_answers_delayed().await;
                wait_while_running(limit).await;
            };
            let early = tokio::select! {
                biased;
                answer = &mut answer => Some(answer.is_ok()),
                () = overdue, if !suspect => None,
                () = wait_while_running(HEARTBEAT_LOST_AFTER), if suspect => None,
            };
            if early.is_some() || suspect {
                early
            } else {
                suspect = true;
                reporter.report(Observation::Suspected(Suspicion::NoHeartbeat))?;
                tokio::select! {
                    biased;
                    answer = &mut answer => Some(answer.is_ok()),
                    () = wait_while_running(HEARTBEAT_LOST_AFTER) => None,
                }
            }
        };
        match heartbeat {
            Some(true) => {
                // A heartbeat that made the replica suspect counts only as the limit: a hang that passed is not usual.
                let latency = if suspect { limit } else { began.elapsed() };
                slowest = latency.max(slowest * 3 / 4);
                if std::mem::take(&mut suspect) {
                    reporter.report(Observation::Cleared(Suspicion::NoHeartbeat))?;
                }
            }
            // The readiness checks report why a replica refuses or breaks connections.
            Some(false) => {}
            None => {
                suspect = false;
                reporter.report(Observation::HeartbeatLost)?;
            }
        }
        tokio::time::sleep(HEARTBEAT_DELAYED_INTERVAL).await;
        tokio::select! {
            () = tokio::time::sleep(HEARTBEAT_INTERVAL) => {}
            () = signals.until_answers_delayed() => {}
            () = connection.closed() => signals.request_check(),
        }
    }
}

/// Waits for `time`, counting only the time in which this process was scheduled: a pause of the machine does not count against the
/// replica.
async fn wait_while_running(time: Duration) {
    let mut left = time;
    while !left.is_zero() {
        let began = Instant::now();
        tokio::time::sleep(left.min(HEARTBEAT_STEP)).await;
        left = left.saturating_sub(began.elapsed().min(HEARTBEAT_MAX_STEP));
    }
}
