//! The gateway: dispatches each API request to a healthy replica, and to another one when that fails.
//!
//! | folder | what it does | depends on |
//! |---|---|---|
//! | `config` | all limits and intervals | – |
//! | `upstream` | one replica's address, connections and HTTP/1.1 | `config` |
//! | `discovery` | registry snapshots → replica set | `config` |
//! | `health` | checks, heartbeat and progress of one replica → observations → its health | `upstream` |
//! | `balance` | which replica gets a request, and how many at once | `upstream`, `health` |
//! | `report` | events, statistics and the panel's view, over a snapshot | `health` |
//! | `fleet` | the state: applies registry and observations, publishes the routing table | all above |
//! | `dispatch` | one request: attempts, retries, hedges, budget, deadline | all above |
//! | `cache` | reusable responses | `balance`, `upstream` |
//!
//! Must not parse what a request or an answer contains.

mod balance;
mod cache;
mod config;
mod discovery;
mod dispatch;
mod fleet;
mod health;
mod report;
mod upstream;

#[cfg(test)]
mod simulation;
#[cfg(test)]
mod state_machine_proptests;

use std::sync::Arc;

use bytes::Bytes;
use http::{HeaderMap, Request, Response};
use http_body_util::BodyExt;
use hyper::body::Body;
use model::drill::ReplicaFault;
use tokio::time::Instant;

pub use config::{DetectionBounds, GatewayConfig, HealthCheckConfig, LimitBounds, RequestTimeouts};
pub use fleet::Fleet;
pub use report::{PanelView, ReplicaGauges, RequestCounts};

use crate::http::peer::Peer;
use crate::http::response_body::ResponseBody;
use cache::{CacheKey, ResponseCache};
use dispatch::replayable_request::ReplayableRequest;
use dispatch::retry::GiveUpReason;
use dispatch::retry_budget::RetryBudget;
use dispatch::{Dispatch, DispatchOutcome, problems};
use upstream::fault_injection;

pub struct Gateway {
    fleet: Arc<Fleet>,
    config: GatewayConfig,
    cache: ResponseCache,
    budget: RetryBudget,
    counts: RequestCounts,
}

impl Gateway {
    pub fn new(fleet: Arc<Fleet>, config: GatewayConfig) -> Self {
        Self {
            fleet,
            config,
            cache: ResponseCache::default(),
            budget: RetryBudget::default(),
            counts: RequestCounts::default(),
        }
    }

    /// Runs the fleet and the retry budget's deposits, for as long as it is polled.
    pub async fn run(self: Arc<Self>) {
        tokio::select! {
            () = Arc::clone(&self.fleet).run() => {}
            () = self.budget.deposit_over_time() => {}
        }
    }

    /// Answers a client's request with a replica's answer, or with a problem.
    pub async fn handle<B>(&self, peer: &Peer, request: Request<B>) -> Response<ResponseBody>
    where
        B: Body<Data = Bytes> + Unpin,
    {
        self.counts.record_received();
        let key = CacheKey::of(&request);
        if let Some(key) = &key
            && let Some(answer) = self.cache.get(key, request.headers(), &self.fleet.table())
        {
            self.counts.record_cached();
            return answer;
        }
        self.budget.deposit();
        let credential = &self.config.credential;
        let request = match ReplayableRequest::read(request, peer, credential).await {
            Ok(request) => request,
            Err(refusal) => return refusal.into_http(),
        };
        let mut outcome = self.dispatch_counted(request).await;
        let answered_by = outcome.answered_by.as_ref();
        self.cache.store(key, answered_by, &mut outcome.response);
        outcome.response
    }

    /// Sends a `GET` of this server's own to an available replica. The answer may take its time, which does not count against the
    /// replica.
    ///
    /// # Errors
    /// The answer, where it is no success.
    pub async fn fetch(&self, path: &str) -> Result<Bytes, Response<ResponseBody>> {
        self.fetch_as(path, &HeaderMap::new()).await
    }

    /// Like [`Gateway::fetch`], with the session in the headers `identity`.
    ///
    /// # Errors
    /// The answer, where it is no success.
    pub async fn fetch_as(
        &self,
        path: &str,
        identity: &HeaderMap,
    ) -> Result<Bytes, Response<ResponseBody>> {
        let request = ReplayableRequest::internal_get(path, identity, &self.config.credential);
        let (parts, body) = self.dispatch(request).await.response.into_parts();
        if !parts.status.is_success() {
            return Err(Response::from_parts(parts, body));
        }
        match body.collect().await {
            Ok(whole) => Ok(whole.to_bytes()),
            Err(_) => Err(problems::give_up_problem(GiveUpReason::Broken, true).into_http()),
        }
    }

    /// Places the drill's order of this key: counted, retried and hedged as a customer's.
    pub async fn place_for_drill(&self, key: &str) -> Response<ResponseBody> {
        self.counts.record_received();
        self.budget.deposit();
        let request = ReplayableRequest::drill_order(key, &self.config.credential);
        self.dispatch_counted(request).await.response
    }

    /// Makes one replica fail in the given way.
    ///
    /// # Errors
    /// The reason of a failure, as text for the operator.
    pub async fn inject_fault(&self, replica: &str, fault: ReplicaFault) -> Result<(), String> {
        let address = self.fleet.address_of(replica).ok_or("it has left")?;
        fault_injection::inject_fault(&address, &self.config.credential, fault).await
    }

    pub fn counts(&self) -> &RequestCounts {
        &self.counts
    }

    /// How many requests may be sent a second time at present.
    pub fn retry_budget(&self) -> f64 {
        self.budget.balance()
    }

    async fn dispatch_counted(&self, request: ReplayableRequest) -> DispatchOutcome {
        let began = Instant::now();
        let outcome = self.dispatch(request).await;
        let DispatchOutcome {
            attempts, hedges, ..
        } = outcome;
        let answered = outcome.answered_by.is_some();
        self.counts
            .record_dispatched(attempts, hedges, answered, began.elapsed());
        outcome
    }

    async fn dispatch(&self, request: ReplayableRequest) -> DispatchOutcome {
        let timeouts = self.config.timeouts;
        Dispatch::new(&self.fleet, &self.budget, request, timeouts)
            .run()
            .await
    }
}
