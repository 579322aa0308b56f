//! Active checks: asks one replica over and over whether it is ready, on a connection that is held open.
//!
//! The end of that connection says "gone" before anybody asks. Requests that get no answer make it be asked at once.

use std::sync::{Arc, Weak};
use std::time::Duration;

use bytes::Bytes;
use http::header::HOST;
use http::{HeaderValue, Request, StatusCode, Uri};
use http_body_util::{BodyExt, Full, Limited};
use hyper::client::conn::http1;
use hyper_util::rt::TokioIo;
use model::api;
use model::status::ReplicaReport;
use tokio::net::TcpStream;
use tokio::time::Instant;
use tokio_util::task::AbortOnDropHandle;

use super::connection::{self, Sender};
use super::endpoint::Endpoint;
use super::fleet::Fleet;
use super::health::Observation;
use super::progress::{self, Bounds, Progress, Verdict};

/// Checks that are asked for in between keep this distance, so that a replica that breaks each one is not asked in a spin.
const SHORTEST_PAUSE: Duration = Duration::from_millis(20);
const LARGEST_REPORT_BYTES: usize = 64 * 1024;
/// While nobody gets an answer from a replica, it has this many times as long for a check as it took for the slowest of late,
/// and at least [`Asking::probe_floor`].
const PROBE: u32 = 4;

/// How replicas are asked.
#[derive(Clone)]
pub struct Asking {
    pub interval: Duration,
    pub timeout: Duration,
    /// How long a check may take at least while nobody gets an answer.
    pub probe_floor: Duration,
    /// When requests without an answer speak against a replica that answers its checks.
    pub progress: Bounds,
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
        let watching = watch(&endpoint, &fleet, asking.progress);
        tokio::select! {
            () = check_over_and_over(&endpoint, &fleet, &asking) => {}
            () = watching => {}
        }
    }))
}

async fn check_over_and_over(endpoint: &Arc<Endpoint>, fleet: &Weak<Fleet>, asking: &Asking) {
    let mut line = None;
    let mut slowest = Duration::ZERO;
    loop {
        let began = Instant::now();
        let probe = (slowest * PROBE)
            .max(asking.probe_floor)
            .min(asking.timeout);
        let finding = check(endpoint, &mut line, asking, probe).await;
        if finding.observation == Observation::CheckPassed {
            slowest = began.elapsed().max(slowest * 7 / 8);
        }
        let doubtful = matches!(
            finding.observation,
            Observation::CheckBroken | Observation::CheckTimedOut
        );
        let Some(fleet) = fleet.upgrade() else { return };
        fleet.checked(endpoint, finding);
        drop(fleet);
        tokio::time::sleep(SHORTEST_PAUSE).await;
        if !doubtful {
            let pause = asking.interval.saturating_sub(SHORTEST_PAUSE);
            let _ = tokio::time::timeout(pause, endpoint.check_asked_for()).await;
        }
    }
}

/// Looks whether requests are answered, for as long as there are any.
async fn watch(endpoint: &Arc<Endpoint>, fleet: &Weak<Fleet>, bounds: Bounds) {
    let mut progress = Progress::new(bounds, Instant::now());
    loop {
        endpoint.has_work().await;
        progress.begin(endpoint.answers(), Instant::now());
        while endpoint.waiting() > 0 {
            tokio::time::sleep(progress::TICK).await;
            let verdict = progress.look(endpoint.answers(), endpoint.waiting(), Instant::now());
            endpoint.doubt(verdict != Verdict::Going);
            if verdict == Verdict::Stuck {
                let Some(fleet) = fleet.upgrade() else { return };
                fleet.stuck(endpoint);
            }
        }
        endpoint.doubt(false);
    }
}

/// A connection for checks alone, never in the queue behind a slow answer.
struct Line {
    sender: Sender,
    _driver: AbortOnDropHandle<()>,
}

/// `probe`: how long it may take while nobody else gets an answer.
async fn check(
    endpoint: &Arc<Endpoint>,
    line: &mut Option<Line>,
    asking: &Asking,
    probe: Duration,
) -> Finding {
    let late = async {
        tokio::select! {
            () = tokio::time::sleep(asking.timeout) => {}
            () = async { endpoint.in_doubt().await; tokio::time::sleep(probe).await } => {}
        }
    };
    let asked = tokio::select! {
        biased;
        answer = ask(endpoint, line, asking) => Some(answer),
        () = late => None,
    };
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
        Some(Err(observation)) => {
            *line = None;
            observation
        }
        None => {
            *line = None;
            Observation::CheckTimedOut
        }
    };
    Finding {
        observation,
        report: None,
    }
}

async fn ask(
    endpoint: &Arc<Endpoint>,
    line: &mut Option<Line>,
    asking: &Asking,
) -> Result<(StatusCode, Option<ReplicaReport>), Observation> {
    let held = match line {
        Some(held) if !held.sender.is_closed() => held,
        _ => line.insert(connect(endpoint).await?),
    };
    let mut request = Request::new(Full::new(Bytes::new()));
    *request.uri_mut() = Uri::from_static(api::HEALTH_READY);
    let host = HeaderValue::from_str(&endpoint.address)
        .unwrap_or_else(|_| HeaderValue::from_static("replica"));
    let headers = request.headers_mut();
    headers.insert(HOST, host);
    headers.insert(api::CREDENTIAL, asking.credential.clone());
    let response = held
        .sender
        .send_request(request)
        .await
        .map_err(|_| Observation::CheckBroken)?;
    let status = response.status();
    let body = Limited::new(response.into_body(), LARGEST_REPORT_BYTES)
        .collect()
        .await
        .map_err(|_| Observation::CheckBroken)?;
    Ok((status, serde_json::from_slice(&body.to_bytes()).ok()))
}

async fn connect(endpoint: &Arc<Endpoint>) -> Result<Line, Observation> {
    let stream = TcpStream::connect(&endpoint.address)
        .await
        .map_err(|error| {
            if connection::is_exhaustion(&error) {
                // Late rather than refused: forgiven once, since it says nothing of the replica.
                Observation::CheckTimedOut
            } else {
                Observation::Refused
            }
        })?;
    stream
        .set_nodelay(true)
        .map_err(|_| Observation::CheckBroken)?;
    let (sender, connection) = http1::handshake(TokioIo::new(stream))
        .await
        .map_err(|_| Observation::CheckBroken)?;
    let told = Arc::clone(endpoint);
    let driver = AbortOnDropHandle::new(tokio::spawn(async move {
        let _ = connection.await;
        told.ask_for_check();
    }));
    Ok(Line {
        sender,
        _driver: driver,
    })
}
