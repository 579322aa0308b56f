//! The gateway: brings each request of the API to an available replica, and to another one when that fails.
//!
//! Discovery (`discovery`), health (`health`, `checks`, `progress`), selection (`selection`), retry (`retry`) and one attempt (`forward`)
//! are parts of their own; this is where a request walks through them. Never parses a request or an answer.

mod checks;
mod connection;
mod discovery;
mod endpoint;
mod failover;
mod fleet;
mod forward;
mod health;
mod heartbeat;
mod line;
mod problem;
mod progress;
mod request;
mod retry;
mod selection;
mod telling;
mod view;

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use http::header::RETRY_AFTER;
use http::{HeaderValue, Request, Response};
use hyper::body::Incoming;
use model::status::Traffic;
use tokio::time::Instant;

pub use checks::Asking;
pub use fleet::Fleet;
pub use forward::Streamed;
pub use progress::Bounds;
pub use request::Peer;
pub use retry::Limits;

use crate::body::ServedBody;
use endpoint::Endpoint;
use forward::Outcome;
use request::Kept;
use retry::{Decision, Fault, GiveUp, Plan, Wait};

pub struct Gateway {
    fleet: Arc<Fleet>,
    credential: HeaderValue,
    limits: Limits,
    patience: Duration,
    requests: AtomicU64,
    failed: AtomicU64,
    repeated: AtomicU64,
}

/// The first replica that a request failed on, and when it had been sent there.
struct Trouble {
    from: Arc<Endpoint>,
    since: Instant,
}

impl Gateway {
    /// `credential` proves to a replica that we are one of its own; `patience` is how long a client may take to send a body.
    pub fn new(
        fleet: Arc<Fleet>,
        credential: HeaderValue,
        limits: Limits,
        patience: Duration,
    ) -> Self {
        Self {
            fleet,
            credential,
            limits,
            patience,
            requests: AtomicU64::new(0),
            failed: AtomicU64::new(0),
            repeated: AtomicU64::new(0),
        }
    }

    pub fn traffic(&self) -> Traffic {
        Traffic {
            requests: self.requests.load(Ordering::Relaxed),
            failed: self.failed.load(Ordering::Relaxed),
            repeated: self.repeated.load(Ordering::Relaxed),
            requests_per_second: 0.0,
        }
    }

    pub async fn handle(&self, peer: &Peer, request: Request<Incoming>) -> Response<ServedBody> {
        self.requests.fetch_add(1, Ordering::Relaxed);
        match Kept::take_in(request, peer, &self.credential, self.patience).await {
            Ok(kept) => self.deliver(&kept).await,
            Err(refusal) => refusal.served(),
        }
    }

    async fn deliver(&self, kept: &Kept) -> Response<ServedBody> {
        let mut plan = Plan::new(kept.repeatable(), self.limits, Instant::now());
        let mut tried: Vec<Arc<Endpoint>> = Vec::new();
        let mut trouble: Option<Trouble> = None;
        let mut busy = None;
        let mut number = 0;
        loop {
            let table = self.fleet.table();
            let mut untried = table
                .preferred
                .iter()
                .filter(|endpoint| !tried.iter().any(|known| Arc::ptr_eq(known, endpoint)));
            let Some(endpoint) = untried.next() else {
                let available = !table.preferred.is_empty();
                match plan.wait(available, jitter(), Instant::now()) {
                    Wait::ForReplica(limit) => self.fleet.someone_available(limit).await,
                    Wait::Pause(pause) => tokio::time::sleep(pause).await,
                    Wait::GiveUp(why) => return self.give_up(why, kept, trouble, busy),
                }
                tried.clear();
                continue;
            };
            let others = untried.next().is_some();
            number += 1;
            if number > 1 {
                self.repeated.fetch_add(1, Ordering::Relaxed);
            }
            let began = Instant::now();
            let limit = plan.attempt_limit(others, began);
            let fault = match self.attempt(endpoint, kept, number, limit).await {
                Outcome::Answer(answer) => {
                    endpoint.answered(began.elapsed());
                    self.fleet.answered(endpoint);
                    if let Some(Trouble { from, since }) = trouble
                        && !Arc::ptr_eq(&from, endpoint)
                    {
                        self.fleet.moved(&from, endpoint, since.elapsed());
                    }
                    return answer;
                }
                Outcome::Busy(answer) => {
                    busy = Some(answer);
                    Fault::Busy
                }
                Outcome::Failed(fault) => fault,
            };
            self.fleet.failed(endpoint, fault);
            if trouble.is_none() && !matches!(fault, Fault::Busy | Fault::Exhausted) {
                trouble = Some(Trouble {
                    from: Arc::clone(endpoint),
                    since: began,
                });
            }
            match plan.after(fault, Instant::now()) {
                Decision::Next => tried.push(Arc::clone(endpoint)),
                Decision::GiveUp(why) => return self.give_up(why, kept, trouble, busy),
            }
        }
    }

    async fn attempt(
        &self,
        endpoint: &Arc<Endpoint>,
        kept: &Kept,
        number: u32,
        limit: Duration,
    ) -> Outcome {
        let attempt = forward::attempt(endpoint, kept, number, limit, self.limits.attempt);
        if !kept.repeatable() {
            return attempt.await;
        }
        tokio::select! {
            biased;
            outcome = attempt => outcome,
            () = self.fleet.hung_with_others(endpoint) => Outcome::Failed(Fault::Withdrawn),
        }
    }

    fn give_up(
        &self,
        why: GiveUp,
        kept: &Kept,
        trouble: Option<Trouble>,
        busy: Option<Response<ServedBody>>,
    ) -> Response<ServedBody> {
        self.failed.fetch_add(1, Ordering::Relaxed);
        if let Some(trouble) = trouble {
            self.fleet.lost(&trouble.from);
        }
        let told = problem::gave_up(why, kept.repeatable());
        match (why, busy) {
            (GiveUp::PassOn, Some(mut answer)) => {
                if !answer.headers().contains_key(RETRY_AFTER)
                    && let Some(seconds) = told.retry_after_s
                {
                    answer
                        .headers_mut()
                        .insert(RETRY_AFTER, HeaderValue::from(seconds));
                }
                answer
            }
            _ => told.served(),
        }
    }
}

/// Between 0 and 1; without random bytes everybody pauses alike, which is no harm worth an error.
fn jitter() -> f64 {
    getrandom::u32().map_or(0.5, |random| f64::from(random) / f64::from(u32::MAX))
}
