//! The gateway: brings each request of the API to an available replica, and to another one when that fails.
//!
//! Discovery (`discovery`), health (`health`; `checks`, `heartbeat` and `progress` tell it), selection (`selection`), how much at
//! once (`gate`, `concurrency`), retry (`retry`, `budget`, `pace`) and one attempt (`forward`; `connection` and `wire` speak HTTP)
//! are parts of their own; `delivery` is where a request walks through them. Never parses what a request or an answer says.

mod budget;
mod checks;
mod concurrency;
mod connection;
mod counts;
mod delivery;
mod discovery;
mod drills;
mod endpoint;
mod failover;
mod fleet;
mod forward;
mod fresh;
mod gate;
mod gauges;
mod health;
mod heartbeat;
mod leases;
mod line;
mod meter;
mod pace;
mod problem;
mod progress;
mod request;
mod retry;
mod room;
mod running;
mod selection;
#[cfg(test)]
mod sequences;
#[cfg(test)]
mod simulated;
mod table;
mod telling;
mod view;
mod wire;

use std::sync::Arc;

use bytes::Bytes;
use http::{HeaderMap, HeaderValue, Request, Response};
use http_body_util::BodyExt;
use hyper::body::Body;
use tokio::time::Instant;

pub use checks::Asking;
pub use concurrency::LimitBounds;
pub use fleet::Fleet;
pub use gauges::ReplicaGauges;
pub use pace::LateBounds;
pub use progress::Bounds;
pub use retry::Limits;

use crate::http::peer::Peer;
use crate::http::response_body::ResponseBody;
use counts::Counts;
use delivery::{Delivered, Delivery};
use fresh::{Fresh, Question};
use request::Kept;
use retry::GiveUp;

pub struct Gateway {
    fleet: Arc<Fleet>,
    credential: HeaderValue,
    limits: Limits,
    fresh: Fresh,
    pub counts: Counts,
}

impl Gateway {
    /// `credential` proves to a replica that we are one of its own.
    pub fn new(fleet: Arc<Fleet>, credential: HeaderValue, limits: Limits) -> Self {
        Self {
            fleet,
            credential,
            limits,
            fresh: Fresh::default(),
            counts: Counts::default(),
        }
    }

    /// What a replica answers to a `GET` of ours, wherever it is available. It may take its time: nobody is judged by it.
    ///
    /// # Errors
    /// The answer that is no success.
    pub async fn fetch(&self, path: &str) -> Result<Bytes, Response<ResponseBody>> {
        self.fetch_as(path, &HeaderMap::new()).await
    }

    /// The same for somebody, with the headers that say who it is.
    ///
    /// # Errors
    /// The answer that is no success.
    pub async fn fetch_as(
        &self,
        path: &str,
        proof: &HeaderMap,
    ) -> Result<Bytes, Response<ResponseBody>> {
        let kept = Kept::of_ours(path, &self.credential).with(proof);
        let delivered = Delivery::new(&self.fleet, kept, self.limits).run().await;
        let (parts, body) = delivered.response.into_parts();
        if !parts.status.is_success() {
            return Err(Response::from_parts(parts, body));
        }
        match body.collect().await {
            Ok(whole) => Ok(whole.to_bytes()),
            Err(_) => Err(problem::gave_up(GiveUp::Broken, true).into_http()),
        }
    }

    pub async fn handle<B>(&self, peer: &Peer, request: Request<B>) -> Response<ResponseBody>
    where
        B: Body<Data = Bytes> + Unpin,
    {
        self.counts.came();
        let question = Question::of(&request);
        if let Some(question) = &question
            && let Some(answer) =
                self.fresh
                    .answer(question, request.headers(), &self.fleet.table())
        {
            self.counts.kept();
            return answer;
        }
        self.fleet.budget.pay_in();
        let kept = match Kept::take_in(request, peer, &self.credential).await {
            Ok(kept) => kept,
            Err(refusal) => return refusal.into_http(),
        };
        let mut delivered = self.deliver(kept).await;
        self.fresh
            .keep(question, delivered.from.as_ref(), &mut delivered.response);
        delivered.response
    }

    async fn deliver(&self, kept: Kept) -> Delivered {
        let began = Instant::now();
        let delivered = Delivery::new(&self.fleet, kept, self.limits).run().await;
        self.counts.delivered(&delivered, began.elapsed());
        delivered
    }
}
