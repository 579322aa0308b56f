//! May a request go to another replica, and how long may it wait for one: the decisions, without any I/O.
//!
//! A request is repeatable when repeating it cannot change anything twice: it only reads, or carries an idempotency key.
//! One that is not goes on only while no byte of it can have reached a replica.

use std::time::Duration;

use http::{HeaderMap, Method};
use model::api;
use tokio::time::Instant;

/// A request that broke this many connections is likelier their reason than their victim.
const MOST_BREAKS: u32 = 6;
/// Pauses between rounds over replicas that are there but did not answer: they double from the first to the longest.
const FIRST_PAUSE: Duration = Duration::from_millis(50);
const LONGEST_PAUSE: Duration = Duration::from_millis(400);

pub fn repeatable(method: &Method, path: &str, headers: &HeaderMap) -> bool {
    *method == Method::GET
        || *method == Method::HEAD
        || (*method == Method::POST && (api::SAFE_POSTS.contains(&path) || is_cancellation(path)))
        || headers
            .get(api::IDEMPOTENCY_KEY)
            .and_then(|value| value.to_str().ok())
            .is_some_and(|header| api::idempotency_key(header).is_some())
}

/// A customer's cancellation changes nothing when it is done again.
fn is_cancellation(path: &str) -> bool {
    path.strip_prefix(api::ORDERS)
        .is_some_and(|rest| rest.ends_with(api::CANCELLATION))
}

/// Whether the answer depends on nobody but the replica and its store. What has a postcode in it may wait for the geocoding
/// services, and a replica is not to be judged by them.
pub fn prompt(method: &Method, path: &str) -> bool {
    !(*method == Method::POST && api::SAFE_POSTS.contains(&path))
}

/// How an attempt ended that brought no answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fault {
    /// No connection: nothing was sent.
    Refused,
    /// The connection broke after something may have been sent.
    Broken,
    TimedOut,
    /// It was late, and another replica answered first.
    Overtaken,
    /// The replica said 503.
    Busy,
    /// The replica has more to do than it can: nothing was sent.
    Overloaded,
    /// This machine gave no socket for it: not the replica's fault.
    Exhausted,
}

impl Fault {
    /// The replica may have worked on it, so that sending it again is more work.
    pub fn was_sent(self) -> bool {
        !matches!(self, Self::Refused | Self::Exhausted | Self::Overloaded)
    }

    /// What the client is told where this was the end.
    pub fn told(self) -> GiveUp {
        match self {
            Self::Busy => GiveUp::PassOn,
            Self::TimedOut | Self::Overtaken => GiveUp::TimedOut,
            Self::Broken => GiveUp::Broken,
            Self::Overloaded => GiveUp::Overloaded,
            Self::Refused | Self::Exhausted => GiveUp::NoneAvailable,
        }
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Decision {
    Next,
    GiveUp(GiveUp),
}

/// What the client is told.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum GiveUp {
    /// 502.
    Broken,
    /// 503.
    NoneAvailable,
    /// 503 too: there is more to do than can be done.
    Overloaded,
    /// 504.
    TimedOut,
    /// The replica's own 503.
    PassOn,
}

/// What to do when every available replica has been tried in this round.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Wait {
    /// Until one appears, at most this long.
    ForReplica(Duration),
    /// This long, then all over again.
    Pause(Duration),
    GiveUp(GiveUp),
}

#[derive(Clone, Copy, Debug)]
pub struct Limits {
    pub attempt: Duration,
    pub request: Duration,
    pub wait: Duration,
}

/// One request's way from replica to replica.
#[derive(Debug)]
pub struct Plan {
    repeatable: bool,
    limits: Limits,
    deadline: Instant,
    breaks: u32,
    pauses: u32,
    waits_until: Option<Instant>,
    last: Option<Fault>,
}

impl Plan {
    pub fn new(repeatable: bool, limits: Limits, now: Instant) -> Self {
        Self {
            repeatable,
            limits,
            deadline: now + limits.request,
            breaks: 0,
            pauses: 0,
            waits_until: None,
            last: None,
        }
    }

    /// How long the next attempt may take. With nobody else to ask, or where asking again is not safe, patience is best.
    pub fn attempt_limit(&self, others: bool, now: Instant) -> Duration {
        let left = self.deadline.saturating_duration_since(now);
        if others && self.repeatable {
            left.min(self.limits.attempt)
        } else {
            left
        }
    }

    pub fn after(&mut self, fault: Fault, now: Instant) -> Decision {
        self.last = Some(fault);
        if fault == Fault::Broken {
            self.breaks += 1;
        }
        match fault {
            Fault::Refused | Fault::Exhausted => Decision::Next,
            // The next one works on the same store: it would only be asked for what cannot be done.
            Fault::Overloaded => Decision::GiveUp(GiveUp::Overloaded),
            Fault::Busy if !self.repeatable => Decision::GiveUp(GiveUp::PassOn),
            Fault::Broken if !self.repeatable || self.breaks >= MOST_BREAKS => {
                Decision::GiveUp(GiveUp::Broken)
            }
            Fault::TimedOut if !self.repeatable || now >= self.deadline => {
                Decision::GiveUp(GiveUp::TimedOut)
            }
            Fault::Broken | Fault::TimedOut | Fault::Overtaken | Fault::Busy => Decision::Next,
        }
    }

    /// Nobody is left to try in this round. `available`: there are replicas, but each has been tried. `jitter` is between 0
    /// and 1 and spreads those who pause.
    pub fn wait(&mut self, available: bool, jitter: f64, now: Instant) -> Wait {
        let until = *self
            .waits_until
            .get_or_insert_with(|| (now + self.limits.wait).min(self.deadline));
        let left = until.saturating_duration_since(now);
        if left.is_zero() {
            return Wait::GiveUp(match self.last {
                Some(Fault::Busy) => GiveUp::PassOn,
                Some(Fault::TimedOut) => GiveUp::TimedOut,
                _ => GiveUp::NoneAvailable,
            });
        }
        if !available {
            return Wait::ForReplica(left);
        }
        let pause = (FIRST_PAUSE * 2_u32.saturating_pow(self.pauses)).min(LONGEST_PAUSE);
        self.pauses = (self.pauses + 1).min(8);
        Wait::Pause(pause.mul_f64(0.5 + jitter.clamp(0.0, 1.0) / 2.0).min(left))
    }
}

#[cfg(test)]
mod tests {
    use http::HeaderValue;

    use super::*;

    const LIMITS: Limits = Limits {
        attempt: Duration::from_secs(1),
        request: Duration::from_secs(10),
        wait: Duration::from_secs(2),
    };

    fn plan(repeatable: bool) -> Plan {
        Plan::new(repeatable, LIMITS, Instant::now())
    }

    #[test]
    fn reading_and_keyed_requests_are_repeatable_and_nothing_else() {
        let bare = HeaderMap::new();
        let mut keyed = HeaderMap::new();
        keyed.insert(
            api::IDEMPOTENCY_KEY,
            HeaderValue::from_static("5f0c3a52-8f0e-4d5c-9a53-1f1f7e2d9d11"),
        );
        let mut malformed = HeaderMap::new();
        malformed.insert(api::IDEMPOTENCY_KEY, HeaderValue::from_static("x"));
        assert!(repeatable(&Method::GET, "/api/v1/orders/a", &bare));
        assert!(repeatable(&Method::HEAD, "/api/v1/orders/a", &bare));
        assert!(repeatable(&Method::POST, api::QUOTES, &bare));
        assert!(repeatable(&Method::POST, api::ORDERS, &keyed));
        assert!(repeatable(
            &Method::POST,
            "/api/v1/orders/0a1b/cancellation",
            &bare
        ));
        assert!(!repeatable(
            &Method::POST,
            "/api/v1/staff/orders/0a1b/cancellation",
            &bare
        ));
        assert!(!repeatable(&Method::POST, api::ORDERS, &bare));
        assert!(!repeatable(&Method::POST, api::ORDERS, &malformed));
        assert!(!repeatable(&Method::PUT, api::QUOTES, &bare));
        assert!(!repeatable(&Method::DELETE, api::ORDERS, &bare));
    }

    #[tokio::test(start_paused = true)]
    async fn a_repeatable_request_goes_on_after_any_fault() {
        for fault in [Fault::Refused, Fault::Broken, Fault::TimedOut, Fault::Busy] {
            assert_eq!(plan(true).after(fault, Instant::now()), Decision::Next);
        }
    }

    #[tokio::test(start_paused = true)]
    async fn an_unkeyed_write_goes_on_only_when_nothing_was_sent() {
        let now = Instant::now();
        assert_eq!(plan(false).after(Fault::Refused, now), Decision::Next);
        assert_eq!(
            plan(false).after(Fault::Broken, now),
            Decision::GiveUp(GiveUp::Broken)
        );
        assert_eq!(
            plan(false).after(Fault::TimedOut, now),
            Decision::GiveUp(GiveUp::TimedOut)
        );
        assert_eq!(
            plan(false).after(Fault::Busy, now),
            Decision::GiveUp(GiveUp::PassOn)
        );
    }

    #[tokio::test(start_paused = true)]
    async fn a_request_that_breaks_every_connection_is_given_up() {
        let mut plan = plan(true);
        for _ in 1..MOST_BREAKS {
            assert_eq!(plan.after(Fault::Broken, Instant::now()), Decision::Next);
        }
        assert_eq!(
            plan.after(Fault::Broken, Instant::now()),
            Decision::GiveUp(GiveUp::Broken)
        );
    }

    #[tokio::test(start_paused = true)]
    async fn an_attempt_is_short_only_where_another_may_follow() {
        let now = Instant::now();
        assert_eq!(plan(true).attempt_limit(true, now), LIMITS.attempt);
        assert_eq!(plan(true).attempt_limit(false, now), LIMITS.request);
        assert_eq!(plan(false).attempt_limit(true, now), LIMITS.request);
        let late = now + Duration::from_millis(9_700);
        assert_eq!(
            plan(true).attempt_limit(true, late),
            Duration::from_millis(300)
        );
    }

    #[tokio::test(start_paused = true)]
    async fn waits_for_a_replica_but_not_for_ever() {
        let mut plan = plan(true);
        assert_eq!(
            plan.wait(false, 0.0, Instant::now()),
            Wait::ForReplica(LIMITS.wait)
        );
        tokio::time::advance(LIMITS.wait).await;
        assert_eq!(
            plan.wait(false, 0.0, Instant::now()),
            Wait::GiveUp(GiveUp::NoneAvailable)
        );
    }

    #[tokio::test(start_paused = true)]
    async fn never_waits_past_the_deadline() {
        let mut plan = plan(true);
        tokio::time::advance(Duration::from_millis(9_500)).await;
        assert_eq!(
            plan.wait(false, 0.0, Instant::now()),
            Wait::ForReplica(Duration::from_millis(500))
        );
    }

    #[tokio::test(start_paused = true)]
    async fn pauses_between_rounds_grow_and_vary() {
        let mut plan = plan(true);
        let now = Instant::now();
        plan.after(Fault::Busy, now);
        let pauses: Vec<Wait> = (0..5).map(|_| plan.wait(true, 1.0, now)).collect();
        let expected = [50, 100, 200, 400, 400].map(|ms| Wait::Pause(Duration::from_millis(ms)));
        assert_eq!(pauses, expected);
        assert_eq!(
            plan.wait(true, 0.0, now),
            Wait::Pause(Duration::from_millis(200))
        );
    }

    #[tokio::test(start_paused = true)]
    async fn what_the_client_is_told_in_the_end_is_what_happened_last() {
        for (fault, told) in [
            (Fault::Busy, GiveUp::PassOn),
            (Fault::TimedOut, GiveUp::TimedOut),
            (Fault::Refused, GiveUp::NoneAvailable),
            (Fault::Broken, GiveUp::NoneAvailable),
        ] {
            let mut plan = plan(true);
            plan.after(fault, Instant::now());
            plan.wait(true, 0.0, Instant::now());
            tokio::time::advance(LIMITS.wait).await;
            assert_eq!(
                plan.wait(true, 0.0, Instant::now()),
                Wait::GiveUp(told),
                "{fault:?}"
            );
        }
    }
}
