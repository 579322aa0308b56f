//! Decides what follows a failed attempt: another replica, a pause, or the end. Without any I/O.
//!
//! A request that is not replayable goes to another replica only while no byte of it can have reached one.

use std::time::Duration;

use tokio::time::Instant;

use super::deadline::Deadline;
use crate::gateway::config::{
    INITIAL_RETRY_PAUSE, MAX_BROKEN_ATTEMPTS, MAX_RETRY_PAUSE, RequestTimeouts,
};
use crate::gateway::health::Observation;

/// How an attempt ended without an answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AttemptError {
    /// No connection could be made: nothing was sent.
    Refused,
    /// The connection broke after something may have been sent.
    Broken,
    TimedOut,
    /// The replica answered 503.
    Unavailable,
    /// The replica's admission queue refused the request: nothing was sent.
    Overloaded,
    /// This machine has no socket left: nothing was sent, and the replica is not at fault.
    Exhausted,
}

impl AttemptError {
    /// Whether the replica may have worked on the request, so that sending it again is additional work.
    pub fn may_have_been_sent(self) -> bool {
        !matches!(self, Self::Refused | Self::Exhausted | Self::Overloaded)
    }

    /// What the failure says about the replica's health.
    pub fn observation(self) -> Option<Observation> {
        match self {
            Self::Refused => Some(Observation::ConnectionRefused),
            Self::Broken => Some(Observation::RequestBroken),
            Self::TimedOut => Some(Observation::RequestTimedOut),
            Self::Unavailable | Self::Exhausted | Self::Overloaded => None,
        }
    }

    /// The client's answer where this was the last attempt.
    pub fn give_up_reason(self) -> GiveUpReason {
        match self {
            Self::Unavailable => GiveUpReason::ReplicaUnavailable,
            Self::TimedOut => GiveUpReason::TimedOut,
            Self::Broken => GiveUpReason::Broken,
            Self::Overloaded => GiveUpReason::Overloaded,
            Self::Refused | Self::Exhausted => GiveUpReason::NoHealthyUpstream,
        }
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RetryDecision {
    TryNext,
    GiveUp(GiveUpReason),
}

/// Why a request was given up, which decides the answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum GiveUpReason {
    /// 502.
    Broken,
    /// 503.
    NoHealthyUpstream,
    /// 503 too: there are more requests than the replicas can answer.
    Overloaded,
    /// 504.
    TimedOut,
    /// The replica's own 503 is passed on.
    ReplicaUnavailable,
}

/// What to do when every available replica has been tried in this round.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NextRound {
    /// Begin it when there is a healthy upstream; wait at most this long.
    WhenHealthy(Duration),
    /// Begin it after this pause.
    AfterPause(Duration),
    GiveUp(GiveUpReason),
}

/// The retries of one request.
#[derive(Debug)]
pub struct RetryPlan {
    replayable: bool,
    timeouts: RequestTimeouts,
    deadline: Deadline,
    broken: u32,
    pauses: u32,
    /// When waiting for replicas ends; set by the first wait.
    wait_deadline: Option<Deadline>,
    last_error: Option<AttemptError>,
}

impl RetryPlan {
    pub fn new(replayable: bool, timeouts: RequestTimeouts, now: Instant) -> Self {
        Self {
            replayable,
            timeouts,
            deadline: Deadline::after(timeouts.request, now),
            broken: 0,
            pauses: 0,
            wait_deadline: None,
            last_error: None,
        }
    }

    /// How long the next attempt may take: until the deadline, where no other replica is left or a retry is not safe.
    pub fn attempt_timeout(&self, has_alternative: bool, now: Instant) -> Duration {
        let remaining = self.deadline.remaining(now);
        if has_alternative && self.replayable {
            remaining.min(self.timeouts.attempt)
        } else {
            remaining
        }
    }

    pub fn after(&mut self, error: AttemptError, now: Instant) -> RetryDecision {
        self.last_error = Some(error);
        if error == AttemptError::Broken {
            self.broken += 1;
        }
        let gives_up = match error {
            AttemptError::Refused | AttemptError::Exhausted => false,
            // All replicas work on the same store: the next one could not do it either.
            AttemptError::Overloaded => true,
            AttemptError::Unavailable => !self.replayable,
            AttemptError::Broken => !self.replayable || self.broken >= MAX_BROKEN_ATTEMPTS,
            AttemptError::TimedOut => !self.replayable || self.deadline.is_over(now),
        };
        if gives_up {
            RetryDecision::GiveUp(error.give_up_reason())
        } else {
            RetryDecision::TryNext
        }
    }

    /// What to do when no replica is left in this round. `available`: there are replicas, but each has been tried. `jitter` is
    /// between 0 and 1 and spreads the pauses of many requests.
    pub fn next_round(&mut self, available: bool, jitter: f64, now: Instant) -> NextRound {
        let wait_deadline = *self.wait_deadline.get_or_insert_with(|| {
            Deadline::after(self.timeouts.wait, now).or_earlier(self.deadline)
        });
        let remaining = wait_deadline.remaining(now);
        if remaining.is_zero() {
            return NextRound::GiveUp(match self.last_error {
                Some(AttemptError::Unavailable) => GiveUpReason::ReplicaUnavailable,
                Some(AttemptError::TimedOut) => GiveUpReason::TimedOut,
                _ => GiveUpReason::NoHealthyUpstream,
            });
        }
        if !available {
            return NextRound::WhenHealthy(remaining);
        }
        let pause = (INITIAL_RETRY_PAUSE * 2_u32.saturating_pow(self.pauses)).min(MAX_RETRY_PAUSE);
        self.pauses = (self.pauses + 1).min(8);
        let spread = pause.mul_f64(0.5 + jitter.clamp(0.0, 1.0) / 2.0);
        NextRound::AfterPause(spread.min(remaining))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const TIMEOUTS: RequestTimeouts = RequestTimeouts {
        attempt: Duration::from_secs(1),
        request: Duration::from_secs(10),
        wait: Duration::from_secs(2),
    };

    fn plan(replayable: bool) -> RetryPlan {
        RetryPlan::new(replayable, TIMEOUTS, Instant::now())
    }

    #[tokio::test(start_paused = true)]
    async fn a_replayable_request_is_retried_after_any_error() {
        for error in [
            AttemptError::Refused,
            AttemptError::Broken,
            AttemptError::TimedOut,
            AttemptError::Unavailable,
        ] {
            assert_eq!(
                plan(true).after(error, Instant::now()),
                RetryDecision::TryNext
            );
        }
    }

    #[tokio::test(start_paused = true)]
    async fn an_unkeyed_write_is_retried_only_when_nothing_was_sent() {
        let now = Instant::now();
        assert_eq!(
            plan(false).after(AttemptError::Refused, now),
            RetryDecision::TryNext
        );
        assert_eq!(
            plan(false).after(AttemptError::Broken, now),
            RetryDecision::GiveUp(GiveUpReason::Broken)
        );
        assert_eq!(
            plan(false).after(AttemptError::TimedOut, now),
            RetryDecision::GiveUp(GiveUpReason::TimedOut)
        );
        assert_eq!(
            plan(false).after(AttemptError::Unavailable, now),
            RetryDecision::GiveUp(GiveUpReason::ReplicaUnavailable)
        );
    }

    #[tokio::test(start_paused = true)]
    async fn a_request_that_breaks_every_connection_is_given_up() {
        let mut plan = plan(true);
        for _ in 1..MAX_BROKEN_ATTEMPTS {
            assert_eq!(
                plan.after(AttemptError::Broken, Instant::now()),
                RetryDecision::TryNext
            );
        }
        assert_eq!(
            plan.after(AttemptError::Broken, Instant::now()),
            RetryDecision::GiveUp(GiveUpReason::Broken)
        );
    }

    #[tokio::test(start_paused = true)]
    async fn an_attempt_is_short_only_where_another_may_follow() {
        let now = Instant::now();
        assert_eq!(plan(true).attempt_timeout(true, now), TIMEOUTS.attempt);
        assert_eq!(plan(true).attempt_timeout(false, now), TIMEOUTS.request);
        assert_eq!(plan(false).attempt_timeout(true, now), TIMEOUTS.request);
        let late = now + Duration::from_millis(9_700);
        assert_eq!(
            plan(true).attempt_timeout(true, late),
            Duration::from_millis(300)
        );
    }

    #[tokio::test(start_paused = true)]
    async fn waits_for_a_replica_but_not_for_ever() {
        let mut plan = plan(true);
        assert_eq!(
            plan.next_round(false, 0.0, Instant::now()),
            NextRound::WhenHealthy(TIMEOUTS.wait)
        );
        tokio::time::advance(TIMEOUTS.wait).await;
        assert_eq!(
            plan.next_round(false, 0.0, Instant::now()),
            NextRound::GiveUp(GiveUpReason::NoHealthyUpstream)
        );
    }

    #[tokio::test(start_paused = true)]
    async fn never_waits_past_the_deadline() {
        let mut plan = plan(true);
        tokio::time::advance(Duration::from_millis(9_500)).await;
        assert_eq!(
            plan.next_round(false, 0.0, Instant::now()),
            NextRound::WhenHealthy(Duration::from_millis(500))
        );
    }

    #[tokio::test(start_paused = true)]
    async fn pauses_between_rounds_grow_and_vary() {
        let mut plan = plan(true);
        let now = Instant::now();
        plan.after(AttemptError::Unavailable, now);
        let pauses: Vec<NextRound> = (0..5).map(|_| plan.next_round(true, 1.0, now)).collect();
        let expected =
            [50, 100, 200, 400, 400].map(|ms| NextRound::AfterPause(Duration::from_millis(ms)));
        assert_eq!(pauses, expected);
        assert_eq!(
            plan.next_round(true, 0.0, now),
            NextRound::AfterPause(Duration::from_millis(200))
        );
    }

    #[tokio::test(start_paused = true)]
    async fn the_last_error_decides_the_answer() {
        for (error, expected) in [
            (AttemptError::Unavailable, GiveUpReason::ReplicaUnavailable),
            (AttemptError::TimedOut, GiveUpReason::TimedOut),
            (AttemptError::Refused, GiveUpReason::NoHealthyUpstream),
            (AttemptError::Broken, GiveUpReason::NoHealthyUpstream),
        ] {
            let mut plan = plan(true);
            plan.after(error, Instant::now());
            plan.next_round(true, 0.0, Instant::now());
            tokio::time::advance(TIMEOUTS.wait).await;
            assert_eq!(
                plan.next_round(true, 0.0, Instant::now()),
                NextRound::GiveUp(expected),
                "{error:?}"
            );
        }
    }
}
