//! Runs the health tasks of one replica for as long as the replica is known.

use std::sync::Arc;

use http::HeaderValue;
use tokio::sync::{mpsc, watch};
use tokio_util::task::AbortOnDropHandle;

use super::health_checker::HealthChecker;
use super::health_signals::HealthSignals;
use super::observation::{HealthReport, HealthReporter};
use super::{heartbeat_monitor, progress_watch};
use crate::gateway::config::HealthCheckConfig;
use crate::gateway::upstream::Endpoint;

/// The handle on a replica's health tasks, which end when it is dropped.
pub struct HealthMonitor {
    signals: Arc<HealthSignals>,
    _tasks: AbortOnDropHandle<()>,
}

impl HealthMonitor {
    /// Starts to observe `endpoint`. While `no_healthy_upstream` is true, checks follow each other without the usual pause.
    pub fn spawn(
        endpoint: &Arc<Endpoint>,
        config: HealthCheckConfig,
        credential: HeaderValue,
        no_healthy_upstream: watch::Receiver<bool>,
        reports: mpsc::UnboundedSender<HealthReport>,
    ) -> Self {
        let signals = Arc::new(HealthSignals::default());
        let endpoint = Arc::clone(endpoint);
        let shared = Arc::clone(&signals);
        let tasks = tokio::spawn(async move {
            let reporter = HealthReporter::new(Arc::clone(&endpoint), reports);
            let mut checker = HealthChecker::new(&endpoint, &config, &credential);
            // Each of them ends only when the receiver of its reports is gone.
            let _ = tokio::select! {
                ended = checker.run(&shared, &no_healthy_upstream, &reporter) => ended,
                ended = progress_watch::watch_answers(&endpoint, config.progress, &shared, &reporter) => ended,
                ended = heartbeat_monitor::monitor_heartbeat(&endpoint, &config, &shared, &reporter) => ended,
            };
        });
        Self {
            signals,
            _tasks: AbortOnDropHandle::new(tasks),
        }
    }

    /// Requests a readiness check without waiting for the interval to pass.
    pub fn request_check(&self) {
        self.signals.request_check();
    }
}
