//! Dispatches one request: sends it to one replica after the other, or hedges an attempt that is late or whose replica is suspect.
//! The first answer counts.
//!
//! The decisions are parts of their own: which requests may be sent twice ([`request_class`]), what to do after a failure
//! ([`retry`]), when to hedge ([`hedge`]), how much of both ([`retry_budget`]), and until when ([`deadline`]). Must not know what a
//! request or an answer contains.

pub mod attempt;
pub mod attempts;
pub mod deadline;
pub mod hedge;
pub mod problems;
pub mod replayable_request;
pub mod request_class;
pub mod retry;
pub mod retry_budget;

use std::sync::Arc;

use http::header::RETRY_AFTER;
use http::{HeaderValue, Response};
use tokio::time::Instant;

use super::balance::Target;
use super::config::RequestTimeouts;
use super::fleet::Fleet;
use super::health::Observation;
use super::upstream::Endpoint;
use crate::http::response_body::ResponseBody;
use attempt::AttemptOutcome;
use attempts::{Attempts, FinishedAttempt, StartedAttempt};
use hedge::HedgeCause;
use replayable_request::ReplayableRequest;
use retry::{AttemptError, GiveUpReason, NextRound, RetryDecision, RetryPlan};
use retry_budget::RetryBudget;

/// A request on its way through the replicas.
pub struct Dispatch<'a> {
    fleet: &'a Fleet,
    budget: &'a RetryBudget,
    timeouts: RequestTimeouts,
    request: Arc<ReplayableRequest>,
    plan: RetryPlan,
    /// The targets used in this round, those of unfinished attempts included.
    tried: Vec<Arc<Target>>,
    attempts: Attempts,
    /// The unfinished attempts, oldest first.
    started: Vec<StartedAttempt>,
    first_failure: Option<FirstFailure>,
    /// The latest 503 of a replica, which the client gets if there is nothing better.
    unavailable_answer: Option<Response<ResponseBody>>,
    sent: u32,
    hedges: u32,
    may_hedge: bool,
}

/// The outcome of a request.
pub struct DispatchOutcome {
    pub response: Response<ResponseBody>,
    /// How many attempts were made.
    pub attempts: u32,
    /// How many of them were hedges.
    pub hedges: u32,
    /// The replica that answered; `None` where the gateway answered itself.
    pub answered_by: Option<Arc<Endpoint>>,
}

/// The first replica that the request failed on, and when it was sent there.
struct FirstFailure {
    endpoint: Arc<Endpoint>,
    sent_at: Instant,
}

/// The next step after a finished attempt.
enum NextStep {
    Respond(Response<ResponseBody>, Arc<Endpoint>),
    TryNext,
    GiveUp(GiveUpReason),
}

impl<'a> Dispatch<'a> {
    pub fn new(
        fleet: &'a Fleet,
        budget: &'a RetryBudget,
        request: ReplayableRequest,
        timeouts: RequestTimeouts,
    ) -> Self {
        Self {
            fleet,
            budget,
            timeouts,
            plan: RetryPlan::new(request.is_replayable(), timeouts, Instant::now()),
            may_hedge: request.is_replayable(),
            request: Arc::new(request),
            tried: Vec::new(),
            attempts: Attempts::default(),
            started: Vec::new(),
            first_failure: None,
            unavailable_answer: None,
            sent: 0,
            hedges: 0,
        }
    }

    pub async fn run(mut self) -> DispatchOutcome {
        loop {
            if self.attempts.is_empty()
                && let Err(reason) = self.start_next().await
            {
                return self.give_up(reason);
            }
            let hedge = hedge::until_hedge(self.fleet, &self.tried, &self.started, &self.request);
            let finished = tokio::select! {
                biased;
                Some(finished) = self.attempts.next() => finished,
                (target, cause) = hedge, if self.may_hedge => {
                    self.start_hedge(target, cause);
                    continue;
                }
            };
            match self.settle(finished) {
                NextStep::Respond(response, endpoint) => {
                    return DispatchOutcome {
                        response,
                        attempts: self.sent,
                        hedges: self.hedges,
                        answered_by: Some(endpoint),
                    };
                }
                NextStep::TryNext => {}
                // Another attempt may still be answered.
                NextStep::GiveUp(_) if !self.attempts.is_empty() => {}
                NextStep::GiveUp(reason) => return self.give_up(reason),
            }
        }
    }

    /// Starts an attempt at the next target of this round, or waits for the next round.
    async fn start_next(&mut self) -> Result<(), GiveUpReason> {
        loop {
            let table = self.fleet.table();
            let is_untried =
                |target: &&Arc<Target>| !self.tried.iter().any(|tried| Arc::ptr_eq(tried, target));
            let mut untried = table.targets().iter().filter(is_untried);
            if let Some(target) = untried.next() {
                let has_alternative = untried.next().is_some();
                self.start(Arc::clone(target), has_alternative);
                return Ok(());
            }
            let next_round = self
                .plan
                .next_round(!table.is_empty(), jitter(), Instant::now());
            match next_round {
                NextRound::WhenHealthy(limit) => self.fleet.until_healthy_upstream(limit).await,
                NextRound::AfterPause(pause) => tokio::time::sleep(pause).await,
                NextRound::GiveUp(reason) => return Err(reason),
            }
            self.tried.clear();
        }
    }

    fn start(&mut self, target: Arc<Target>, has_alternative: bool) {
        self.sent += 1;
        let started_at = Instant::now();
        let timeout = self.plan.attempt_timeout(has_alternative, started_at);
        self.tried.push(Arc::clone(&target));
        self.started.push(StartedAttempt {
            target: Arc::clone(&target),
            started_at,
            hedged_as_late: false,
        });
        let request = Arc::clone(&self.request);
        let (number, connect_timeout) = (self.sent, self.timeouts.attempt);
        self.attempts.push(Box::pin(async move {
            let outcome =
                attempt::send_attempt(&target, &request, number, timeout, connect_timeout).await;
            FinishedAttempt { target, outcome }
        }));
    }

    fn start_hedge(&mut self, target: Arc<Target>, cause: HedgeCause) {
        if !self.budget.withdraw() {
            self.may_hedge = false;
            return;
        }
        if let Some(slow) = self.started.last_mut() {
            match cause {
                HedgeCause::Late => slow.hedged_as_late = true,
                HedgeCause::Suspect => {
                    let (endpoint, sent_at) = (Arc::clone(&slow.target.endpoint), slow.started_at);
                    self.first_failure
                        .get_or_insert(FirstFailure { endpoint, sent_at });
                }
            }
        }
        self.hedges += 1;
        self.start(target, true);
    }

    fn settle(&mut self, finished: FinishedAttempt) -> NextStep {
        let FinishedAttempt { target, outcome } = finished;
        let started_at = self.remove_started(&target);
        let endpoint = Arc::clone(&target.endpoint);
        let error = match outcome {
            AttemptOutcome::Answer(answer) => {
                self.record_answer(&endpoint, started_at);
                return NextStep::Respond(answer, endpoint);
            }
            AttemptOutcome::Unavailable(answer) => {
                self.unavailable_answer = Some(answer);
                AttemptError::Unavailable
            }
            AttemptOutcome::Failed(error) => error,
        };
        // The timeout of an internal request is not counted against the replica, because the request may be a long poll.
        let is_expected = self.request.is_internal() && error == AttemptError::TimedOut;
        if !is_expected && let Some(observation) = error.observation() {
            self.fleet.record_failure(&endpoint, observation);
        }
        if error.observation().is_some() {
            self.first_failure.get_or_insert(FirstFailure {
                endpoint,
                sent_at: started_at,
            });
        }
        match self.plan.after(error, Instant::now()) {
            RetryDecision::TryNext if error.may_have_been_sent() && !self.budget.withdraw() => {
                NextStep::GiveUp(error.give_up_reason())
            }
            RetryDecision::TryNext => NextStep::TryNext,
            RetryDecision::GiveUp(reason) => NextStep::GiveUp(reason),
        }
    }

    /// Removes a finished attempt from the started ones; returns when it was started.
    fn remove_started(&mut self, target: &Arc<Target>) -> Instant {
        let mut started = self.started.iter();
        let index = started.position(|attempt| Arc::ptr_eq(&attempt.target, target));
        index.map_or_else(Instant::now, |index| self.started.remove(index).started_at)
    }

    fn record_answer(&self, endpoint: &Arc<Endpoint>, started_at: Instant) {
        let latency = started_at.elapsed();
        if !self.request.is_internal() {
            endpoint.record_request(latency);
        }
        // Only prompt answers are recorded: others may have waited for a provider or for events, whatever the replica's health.
        if self.request.expects_prompt_answer() {
            endpoint.record_latency(latency);
            self.fleet.record_answer(endpoint);
        }
        if let Some(failure) = &self.first_failure
            && !Arc::ptr_eq(&failure.endpoint, endpoint)
        {
            self.fleet
                .record_moved(&failure.endpoint, endpoint, failure.sent_at.elapsed());
        }
        for slow in self.started.iter().filter(|slow| slow.hedged_as_late) {
            // Another replica answered first: the late one has in effect timed out.
            let endpoint = &slow.target.endpoint;
            self.fleet
                .record_failure(endpoint, Observation::RequestTimedOut);
        }
    }

    fn give_up(self, reason: GiveUpReason) -> DispatchOutcome {
        if let Some(failure) = &self.first_failure {
            self.fleet.record_lost(&failure.endpoint);
        }
        let problem = problems::give_up_problem(reason, self.request.is_replayable());
        let response = match (reason, self.unavailable_answer) {
            (GiveUpReason::ReplicaUnavailable, Some(mut answer)) => {
                if !answer.headers().contains_key(RETRY_AFTER)
                    && let Some(seconds) = problem.retry_after_s
                {
                    answer
                        .headers_mut()
                        .insert(RETRY_AFTER, HeaderValue::from(seconds));
                }
                answer
            }
            _ => problem.into_http(),
        };
        DispatchOutcome {
            response,
            attempts: self.sent,
            hedges: self.hedges,
            answered_by: None,
        }
    }
}

/// A random number between 0 and 1. If the system has no random bytes, all requests pause for the same time, which does not justify
/// an error.
fn jitter() -> f64 {
    getrandom::u32().map_or(0.5, |random| f64::from(random) / f64::from(u32::MAX))
}
