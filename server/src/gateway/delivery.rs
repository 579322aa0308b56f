//! One request's way to an answer: which replicas it is sent to, one after the other, or a second one while the first is in doubt
//! or late. The first answer counts.

use std::sync::Arc;
use std::time::Duration;

use http::header::RETRY_AFTER;
use http::{HeaderValue, Response};
use tokio::time::Instant;

use super::endpoint::{Endpoint, Witness};
use super::fleet::Fleet;
use super::forward::{self, Outcome};
use super::problem;
use super::request::Kept;
use super::retry::{Decision, Fault, GiveUp, Limits, Plan, Wait};
use super::running::{Ended, Running};
use crate::http::response_body::ResponseBody;

/// So long a replica in doubt may still answer what others have answered meanwhile.
const TESTIMONY: Duration = Duration::from_secs(1);

/// While nobody else is left to ask, those who failed before are asked again after this long.
const ANOTHER_ROUND: Duration = Duration::from_millis(300);

pub struct Delivery<'a> {
    fleet: &'a Arc<Fleet>,
    kept: Arc<Kept>,
    limits: Limits,
    plan: Plan,
    /// In this round, those that run included.
    tried: Vec<Arc<Endpoint>>,
    running: Running,
    /// Oldest first.
    asked: Vec<Asked>,
    trouble: Option<Trouble>,
    busy: Option<Response<ResponseBody>>,
    sent: u32,
    hedged: u32,
    may_hedge: bool,
}

/// What came of a request.
pub struct Delivered {
    pub response: Response<ResponseBody>,
    /// How often it was sent.
    pub sent: u32,
    /// How often of those beside an attempt that was in doubt or late.
    pub hedged: u32,
    /// The replica that answered; none: the answer is ours.
    pub from: Option<Arc<Endpoint>>,
}

struct Asked {
    endpoint: Arc<Endpoint>,
    began: Instant,
    overdue: bool,
}

/// The first replica that a request failed on, and when it had been sent there.
struct Trouble {
    from: Arc<Endpoint>,
    since: Instant,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Cause {
    Doubt,
    Late,
}

impl<'a> Delivery<'a> {
    pub fn new(fleet: &'a Arc<Fleet>, kept: Kept, limits: Limits) -> Self {
        Self {
            fleet,
            limits,
            plan: Plan::new(kept.repeatable(), limits, Instant::now()),
            may_hedge: kept.repeatable(),
            kept: Arc::new(kept),
            tried: Vec::new(),
            running: Running::default(),
            asked: Vec::new(),
            trouble: None,
            busy: None,
            sent: 0,
            hedged: 0,
        }
    }

    pub async fn run(mut self) -> Delivered {
        loop {
            if self.running.is_empty()
                && let Err(why) = self.ask_next().await
            {
                return self.give_up(why);
            }
            let second = second_chance(self.fleet, &self.tried, &self.asked, &self.kept);
            let ended = tokio::select! {
                biased;
                Some(ended) = self.running.next() => ended,
                (another, cause) = second, if self.may_hedge => {
                    self.hedge(another, cause);
                    continue;
                }
            };
            match self.settle(ended) {
                Settled::Answered(response, from) => {
                    return Delivered {
                        response,
                        sent: self.sent,
                        hedged: self.hedged,
                        from: Some(from),
                    };
                }
                Settled::Next => {}
                // Whoever else was asked may still answer.
                Settled::GiveUp(_) if !self.running.is_empty() => {}
                Settled::GiveUp(why) => return self.give_up(why),
            }
        }
    }

    /// Sends it to the next one in this round, or waits for the next round.
    async fn ask_next(&mut self) -> Result<(), GiveUp> {
        loop {
            let table = self.fleet.table();
            let mut untried = table
                .preferred
                .iter()
                .filter(|endpoint| !self.tried.iter().any(|known| Arc::ptr_eq(known, endpoint)));
            if let Some(endpoint) = untried.next() {
                let others = untried.next().is_some();
                self.ask(Arc::clone(endpoint), others);
                return Ok(());
            }
            let available = !table.preferred.is_empty();
            match self.plan.wait(available, jitter(), Instant::now()) {
                Wait::ForReplica(limit) => self.fleet.someone_available(limit).await,
                Wait::Pause(pause) => tokio::time::sleep(pause).await,
                Wait::GiveUp(why) => return Err(why),
            }
            self.tried.clear();
        }
    }

    fn ask(&mut self, endpoint: Arc<Endpoint>, others: bool) {
        self.sent += 1;
        let began = Instant::now();
        let limit = self.plan.attempt_limit(others, began);
        self.tried.push(Arc::clone(&endpoint));
        self.asked.push(Asked {
            endpoint: Arc::clone(&endpoint),
            began,
            overdue: false,
        });
        let kept = Arc::clone(&self.kept);
        let (number, connect_limit) = (self.sent, self.limits.attempt);
        self.running.push(Box::pin(async move {
            let outcome = forward::attempt(&endpoint, &kept, number, limit, connect_limit).await;
            Ended { endpoint, outcome }
        }));
    }

    fn hedge(&mut self, another: Arc<Endpoint>, cause: Cause) {
        if !self.fleet.budget.spend() {
            self.may_hedge = false;
            return;
        }
        if let Some(slow) = self.asked.last_mut() {
            slow.overdue |= cause == Cause::Late;
            if cause == Cause::Doubt {
                let (from, since) = (Arc::clone(&slow.endpoint), slow.began);
                self.trouble.get_or_insert(Trouble { from, since });
            }
        }
        self.hedged += 1;
        self.ask(another, true);
    }

    fn settle(&mut self, ended: Ended) -> Settled {
        let Ended { endpoint, outcome } = ended;
        let began = self.forget(&endpoint);
        let fault = match outcome {
            Outcome::Answer(answer) => {
                self.answered(&endpoint, began);
                return Settled::Answered(answer, endpoint);
            }
            Outcome::Busy(answer) => {
                self.busy = Some(answer);
                Fault::Busy
            }
            Outcome::Failed(fault) => fault,
        };
        let waits = self.kept.is_ours() && fault == Fault::TimedOut;
        if !waits {
            self.fleet.failed(&endpoint, fault);
        }
        if self.trouble.is_none()
            && !matches!(fault, Fault::Busy | Fault::Exhausted | Fault::Overloaded)
        {
            self.trouble = Some(Trouble {
                from: endpoint,
                since: began,
            });
        }
        match self.plan.after(fault, Instant::now()) {
            Decision::Next if fault.was_sent() && !self.fleet.budget.spend() => {
                Settled::GiveUp(fault.told())
            }
            Decision::Next => Settled::Next,
            Decision::GiveUp(why) => Settled::GiveUp(why),
        }
    }

    /// It does not run any more; tells when it had begun.
    fn forget(&mut self, endpoint: &Arc<Endpoint>) -> Instant {
        let index = self
            .asked
            .iter()
            .position(|asked| Arc::ptr_eq(&asked.endpoint, endpoint));
        index.map_or_else(Instant::now, |index| self.asked.remove(index).began)
    }

    fn answered(&mut self, endpoint: &Arc<Endpoint>, began: Instant) {
        let took = began.elapsed();
        if !self.kept.is_ours() {
            endpoint.answered(took);
        }
        // What waits for others, or for news, says nothing of how the replica does with orders.
        if self.kept.prompt() {
            endpoint.keeps_pace(took);
            self.fleet.answered(endpoint);
        }
        if let Some(Trouble { from, since }) = &self.trouble
            && !Arc::ptr_eq(from, endpoint)
        {
            self.fleet.moved(from, endpoint, since.elapsed());
        }
        let mut witnesses = Vec::new();
        for slow in &self.asked {
            if slow.overdue {
                self.fleet.failed(&slow.endpoint, Fault::Overtaken);
            }
            if slow.endpoint.is_distrusted() {
                witnesses.extend(slow.endpoint.witness());
            }
        }
        if !witnesses.is_empty() {
            tokio::spawn(hear(std::mem::take(&mut self.running), witnesses));
        }
    }

    fn give_up(self, why: GiveUp) -> Delivered {
        if let Some(trouble) = &self.trouble {
            self.fleet.lost(&trouble.from);
        }
        let told = problem::gave_up(why, self.kept.repeatable());
        let response = match (why, self.busy) {
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
            _ => told.into_http(),
        };
        Delivered {
            response,
            sent: self.sent,
            hedged: self.hedged,
            from: None,
        }
    }
}

enum Settled {
    Answered(Response<ResponseBody>, Arc<Endpoint>),
    Next,
    GiveUp(GiveUp),
}

/// Until the one that was asked last is in doubt or late, and there is another to ask.
async fn second_chance(
    fleet: &Fleet,
    tried: &[Arc<Endpoint>],
    all_asked: &[Asked],
    kept: &Kept,
) -> (Arc<Endpoint>, Cause) {
    let Some(asked) = all_asked.last() else {
        return std::future::pending().await;
    };
    let late = async {
        // What waits for somebody else is no quicker elsewhere.
        if !kept.prompt() || asked.overdue {
            std::future::pending::<()>().await;
        }
        tokio::time::sleep_until(asked.began + asked.endpoint.late()).await;
        // Where more is asked than can be done, asking twice makes it worse.
        while asked.endpoint.gate(true).has_queue() {
            tokio::time::sleep(asked.endpoint.late()).await;
        }
    };
    let cause = tokio::select! {
        biased;
        () = asked.endpoint.distrusted() => Cause::Doubt,
        () = late => Cause::Late,
    };
    let again = async {
        tokio::time::sleep(ANOTHER_ROUND).await;
        let asked: Vec<_> = all_asked
            .iter()
            .map(|asked| Arc::clone(&asked.endpoint))
            .collect();
        fleet.someone_else(&asked).await
    };
    let another = tokio::select! {
        biased;
        another = fleet.someone_else(tried) => another,
        another = again => another,
    };
    (another, cause)
}

/// Lets replicas in doubt answer after all, which shows that they can. The witnesses count while this lasts.
async fn hear(mut running: Running, witnesses: Vec<Witness>) {
    let all = async { while running.next().await.is_some() {} };
    // Over, or not: whether they answered is seen where answers are counted.
    let _ = tokio::time::timeout(TESTIMONY, all).await;
    drop(witnesses);
}

/// Between 0 and 1; without random bytes everybody pauses alike, which is no harm worth an error.
fn jitter() -> f64 {
    getrandom::u32().map_or(0.5, |random| f64::from(random) / f64::from(u32::MAX))
}
