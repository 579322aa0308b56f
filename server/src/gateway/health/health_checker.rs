//! Readiness checks: polls whether one replica accepts requests, on a connection that is held open.
//!
//! The end of that connection reveals a killed replica before any timeout. A replica that hangs is detected by its heartbeat.

use std::sync::Arc;

use http::{HeaderValue, StatusCode};
use model::api;
use model::status::ReplicaReport;
use tokio::sync::watch;

use super::health_signals::HealthSignals;
use super::observation::{HealthReporter, Observation, ReceiverGone};
use super::probe_connection::ProbeConnection;
use crate::gateway::config::{HealthCheckConfig, MIN_CHECK_PAUSE};
use crate::gateway::upstream::Endpoint;

pub struct HealthChecker<'a> {
    endpoint: &'a Arc<Endpoint>,
    config: &'a HealthCheckConfig,
    credential: &'a HeaderValue,
    connection: ProbeConnection,
}

impl<'a> HealthChecker<'a> {
    pub fn new(
        endpoint: &'a Arc<Endpoint>,
        config: &'a HealthCheckConfig,
        credential: &'a HeaderValue,
    ) -> Self {
        Self {
            endpoint,
            config,
            credential,
            connection: ProbeConnection::default(),
        }
    }

    /// Checks the replica until the receiver of the reports is gone.
    ///
    /// # Errors
    /// When the receiver is gone.
    pub async fn run(
        &mut self,
        signals: &HealthSignals,
        no_healthy_upstream: &watch::Receiver<bool>,
        reporter: &HealthReporter,
    ) -> Result<(), ReceiverGone> {
        loop {
            let (observation, replica_report) = self.check().await;
            let inconclusive = matches!(
                observation,
                Observation::CheckBroken | Observation::CheckTimedOut
            );
            reporter.report_check(observation, replica_report)?;
            tokio::time::sleep(MIN_CHECK_PAUSE).await;
            // Without a healthy replica customers wait for the first one that returns.
            if inconclusive || *no_healthy_upstream.borrow() {
                continue;
            }
            let pause = self.config.interval.saturating_sub(MIN_CHECK_PAUSE);
            tokio::select! {
                () = tokio::time::sleep(pause) => {}
                () = signals.until_check_requested() => {}
                () = self.connection.closed() => {}
            }
        }
    }

    async fn check(&mut self) -> (Observation, Option<ReplicaReport>) {
        let check = tokio::time::timeout(self.config.timeout, self.read_report());
        match check.await {
            Ok(Ok((_, Some(report)))) => {
                let observation = if report.ready {
                    Observation::CheckPassed
                } else {
                    let reason = report.reason.clone();
                    Observation::NotReady(reason.unwrap_or_else(|| "it is not ready".to_owned()))
                };
                (observation, Some(report))
            }
            Ok(Ok((StatusCode::OK, None))) => {
                let reason =
                    "it rejects this server's credential; does it have the same signing key?";
                (Observation::NotReady(reason.to_owned()), None)
            }
            Ok(Ok((status, None))) => {
                let reason = format!("it answers its health check with {}", status.as_u16());
                (Observation::NotReady(reason), None)
            }
            Ok(Err(observation)) => (observation, None),
            Err(_) => (Observation::CheckTimedOut, None),
        }
    }

    async fn read_report(&mut self) -> Result<(StatusCode, Option<ReplicaReport>), Observation> {
        let credential = Some(self.credential);
        let (status, body) = self
            .connection
            .get(self.endpoint, api::HEALTH_READY, credential)
            .await?;
        Ok((status, serde_json::from_slice(&body).ok()))
    }
}
