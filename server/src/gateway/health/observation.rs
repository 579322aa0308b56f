//! The observations of a replica, and the channel on which the health tasks report them.

use std::sync::Arc;

use model::status::ReplicaReport;
use tokio::sync::mpsc;

use crate::gateway::upstream::Endpoint;

/// An observation of a replica, by a health task or by a request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Observation {
    RequestAnswered,
    CheckPassed,
    /// The replica answers, and gives the reason why it cannot take requests.
    NotReady(String),
    /// No connection could be made, by a check or a request.
    ConnectionRefused,
    CheckBroken,
    CheckTimedOut,
    /// The replica may hang. Requests that another replica can answer go there too, until it is known.
    Suspected(Suspicion),
    /// The replica sent something. A heartbeat clears the suspicion that its absence caused, an answer to a request clears all.
    Cleared(Suspicion),
    /// The replica stays without a heartbeat.
    HeartbeatLost,
    /// The replica passes its checks and answers none of many requests.
    ProgressLost,
    RequestBroken,
    RequestTimedOut,
}

/// Why a replica is suspected to hang.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Suspicion {
    /// Its process does not answer the heartbeat.
    NoHeartbeat,
    /// Its requests get no answer.
    NoProgress,
}

/// An observation of a health task, on its way to the receiver that keeps the replicas' state.
pub struct HealthReport {
    pub endpoint: Arc<Endpoint>,
    pub observation: Observation,
    /// The replica's own report, if the observation is an answer to a readiness check.
    pub replica_report: Option<ReplicaReport>,
}

/// The health tasks' end of the channel, for one replica. The channel is unbounded, because a task must never wait before it can
/// report; each of them sends at most some hundred reports a second.
#[derive(Clone)]
pub struct HealthReporter {
    endpoint: Arc<Endpoint>,
    reports: mpsc::UnboundedSender<HealthReport>,
}

/// The receiver is gone, so that nothing need be observed any more.
#[derive(Debug)]
pub struct ReceiverGone;

/// Makes the channel that all health tasks report on. Reports arrive in the order in which they are sent.
pub fn report_channel() -> (
    mpsc::UnboundedSender<HealthReport>,
    mpsc::UnboundedReceiver<HealthReport>,
) {
    mpsc::unbounded_channel()
}

impl HealthReporter {
    pub fn new(endpoint: Arc<Endpoint>, reports: mpsc::UnboundedSender<HealthReport>) -> Self {
        Self { endpoint, reports }
    }

    /// Reports an observation.
    ///
    /// # Errors
    /// When the receiver is gone.
    pub fn report(&self, observation: Observation) -> Result<(), ReceiverGone> {
        self.report_check(observation, None)
    }

    /// Reports the result of a readiness check.
    ///
    /// # Errors
    /// When the receiver is gone.
    pub fn report_check(
        &self,
        observation: Observation,
        replica_report: Option<ReplicaReport>,
    ) -> Result<(), ReceiverGone> {
        self.reports
            .send(HealthReport {
                endpoint: Arc::clone(&self.endpoint),
                observation,
                replica_report,
            })
            .map_err(|_| ReceiverGone)
    }
}
