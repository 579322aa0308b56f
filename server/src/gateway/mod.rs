//! The gateway: brings each request of the API to an available replica, and to another one when that fails.
//!
//! Discovery (`discovery`), health (`health`; `checks`, `heartbeat` and `progress` tell it), selection (`selection`), how much at
//! once (`gate`, `concurrency`), retry (`retry`,
//! `budget`, `pace`) and one attempt (`forward`) are parts of their own; `delivery` is where a request walks through them. Never
//! parses a request or an answer.

mod budget;
mod checks;
mod concurrency;
mod connection;
mod delivery;
mod discovery;
mod drills;
mod endpoint;
mod failover;
mod fleet;
mod forward;
mod gate;
mod health;
mod heartbeat;
mod line;
mod pace;
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

use bytes::Bytes;
use http::{HeaderValue, Request, Response};
use http_body_util::BodyExt;
use hyper::body::Incoming;
use model::status::Traffic;

pub use checks::Asking;
pub use concurrency::LimitBounds;
pub use fleet::Fleet;
pub use forward::Streamed;
pub use pace::LateBounds;
pub use progress::Bounds;
pub use request::Peer;
pub use retry::Limits;

use crate::body::ServedBody;
use delivery::Delivery;
use request::Kept;
use retry::GiveUp;

pub struct Gateway {
    fleet: Arc<Fleet>,
    credential: HeaderValue,
    limits: Limits,
    patience: Duration,
    requests: AtomicU64,
    failed: AtomicU64,
    repeated: AtomicU64,
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

    /// What a replica answers to a `GET` of ours, wherever it is available. It may take its time: nobody is judged by it.
    ///
    /// # Errors
    /// The answer that is no success.
    pub async fn fetch(&self, path: &str) -> Result<Bytes, Response<ServedBody>> {
        let kept = Kept::of_ours(path, &self.credential);
        let delivered = Delivery::new(&self.fleet, kept, self.limits).run().await;
        let (parts, body) = delivered.response.into_parts();
        if !parts.status.is_success() {
            return Err(Response::from_parts(parts, body));
        }
        match body.collect().await {
            Ok(whole) => Ok(whole.to_bytes()),
            Err(_) => Err(problem::gave_up(GiveUp::Broken, true).served()),
        }
    }

    pub async fn handle(&self, peer: &Peer, request: Request<Incoming>) -> Response<ServedBody> {
        self.requests.fetch_add(1, Ordering::Relaxed);
        self.fleet.budget.pay_in();
        match Kept::take_in(request, peer, &self.credential, self.patience).await {
            Ok(kept) => self.deliver(kept).await,
            Err(refusal) => refusal.served(),
        }
    }

    async fn deliver(&self, kept: Kept) -> Response<ServedBody> {
        let delivered = Delivery::new(&self.fleet, kept, self.limits).run().await;
        let repeated = delivered.sent.saturating_sub(1);
        if repeated > 0 {
            self.repeated.fetch_add(repeated.into(), Ordering::Relaxed);
        }
        if !delivered.answered {
            self.failed.fetch_add(1, Ordering::Relaxed);
        }
        delivered.response
    }
}
