//! Active checks: asks one replica over and over whether it is ready, on a connection that is held open.
//!
//! The end of that connection says "gone" before anybody asks. Whether a replica that nobody gets an answer from hangs, its
//! heartbeat says.

use std::sync::{Arc, Weak};
use std::time::Duration;

use http::{HeaderValue, StatusCode};
use model::api;
use model::status::ReplicaReport;
use tokio::time::Instant;
use tokio_util::task::AbortOnDropHandle;

use super::concurrency::LimitBounds;
use super::endpoint::Endpoint;
use super::fleet::Fleet;
use super::health::{Observation, Sign};
use super::heartbeat;
use super::line::Line;
use super::pace::LateBounds;
use super::progress::{self, Bounds, Progress, Verdict};

/// Checks that are asked for in between keep this distance, so that a replica that breaks each one is not asked in a spin.
const SHORTEST_PAUSE: Duration = Duration::from_millis(20);

/// How replicas are asked.
#[derive(Clone)]
pub struct Asking {
    pub interval: Duration,
    pub timeout: Duration,
    /// How long a heartbeat may take at least while nobody gets an answer.
    pub probe_floor: Duration,
    /// When requests without an answer speak against a replica that answers its checks.
    pub progress: Bounds,
    /// When an answer is late.
    pub late: LateBounds,
    /// How many requests it is given at once.
    pub limit: LimitBounds,
    /// Proves that we are one of its own: strangers are not told everything.
    pub credential: HeaderValue,
}

pub struct Finding {
    pub observation: Observation,
    pub report: Option<ReplicaReport>,
}

/// Checks `endpoint` until the fleet is gone; whoever drops the handle ends it.
pub fn spawn(endpoint: Arc<Endpoint>, fleet: Weak<Fleet>, asking: Asking) -> AbortOnDropHandle<()> {
    AbortOnDropHandle::new(tokio::spawn(async move {
        tokio::select! {
            () = check_over_and_over(&endpoint, &fleet, &asking) => {}
            () = watch(&endpoint, &fleet, asking.progress) => {}
            () = heartbeat::listen(&endpoint, &fleet, asking.probe_floor, asking.timeout) => {}
        }
    }))
}

async fn check_over_and_over(endpoint: &Arc<Endpoint>, fleet: &Weak<Fleet>, asking: &Asking) {
    let mut line = Line::default();
    loop {
        let finding = check(endpoint, &mut line, asking).await;
        let doubtful = matches!(
            finding.observation,
            Observation::CheckBroken | Observation::CheckTimedOut
        );
        let Some(fleet) = fleet.upgrade() else { return };
        fleet.checked(endpoint, finding);
        // Customers wait for whoever returns first.
        let urgent = doubtful || fleet.is_deserted();
        drop(fleet);
        tokio::time::sleep(SHORTEST_PAUSE).await;
        if !urgent {
            let pause = asking.interval.saturating_sub(SHORTEST_PAUSE);
            tokio::select! {
                () = tokio::time::sleep(pause) => {}
                () = endpoint.check_asked_for() => {}
                // Its end says "gone" before anybody asks.
                () = line.ended() => {}
            }
        }
    }
}

/// Looks whether requests are answered, for as long as there are any.
async fn watch(endpoint: &Arc<Endpoint>, fleet: &Weak<Fleet>, bounds: Bounds) {
    let mut progress = Progress::new(bounds, Instant::now());
    loop {
        endpoint.has_work().await;
        let mut busy = Instant::now();
        let mut answers = endpoint.answers();
        progress.begin(answers, busy);
        while busy.elapsed() < progress::CALM {
            tokio::time::sleep(progress::TICK).await;
            let now = Instant::now();
            let (before, waiting) = (answers, endpoint.waiting());
            answers = endpoint.answers();
            if waiting > 0 || answers != before || progress.is_suspect() {
                busy = now;
            }
            let was_suspect = progress.is_suspect();
            let verdict = progress.look(answers, waiting, now);
            endpoint.doubt(verdict != Verdict::Going);
            let observation = match verdict {
                Verdict::Suspect if !was_suspect => Observation::Suspected(Sign::Progress),
                Verdict::Going if was_suspect => Observation::Cleared(Sign::Progress),
                Verdict::Stuck => Observation::Stuck,
                _ => continue,
            };
            let Some(fleet) = fleet.upgrade() else { return };
            fleet.heard(endpoint, observation);
        }
        endpoint.doubt(false);
    }
}

async fn check(endpoint: &Arc<Endpoint>, line: &mut Line, asking: &Asking) -> Finding {
    let asked = tokio::time::timeout(asking.timeout, ask(endpoint, line, asking))
        .await
        .ok();
    let observation = match asked {
        Some(Ok((_, Some(report)))) => {
            let observation = if report.ready {
                Observation::CheckPassed
            } else {
                let reason = report.reason.clone();
                Observation::NotReady(reason.unwrap_or_else(|| "it is not ready".to_owned()))
            };
            return Finding {
                observation,
                report: Some(report),
            };
        }
        Some(Ok((StatusCode::OK, None))) => Observation::NotReady(
            "it does not take our credential; does it have the same signing key?".to_owned(),
        ),
        Some(Ok((status, None))) => Observation::NotReady(format!(
            "it answers its health check with {}",
            status.as_u16()
        )),
        Some(Err(observation)) => observation,
        None => Observation::CheckTimedOut,
    };
    Finding {
        observation,
        report: None,
    }
}

async fn ask(
    endpoint: &Arc<Endpoint>,
    line: &mut Line,
    asking: &Asking,
) -> Result<(StatusCode, Option<ReplicaReport>), Observation> {
    let credential = Some(&asking.credential);
    let (status, body) = line.ask(endpoint, api::HEALTH_READY, credential).await?;
    Ok((status, serde_json::from_slice(&body).ok()))
}
