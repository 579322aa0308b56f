//! Decides from the series of observations whether a replica is available and how good a choice it is.
//!
//! A state machine without I/O; the instant is a parameter. Must not know connections or requests.

use std::time::Duration;

use model::status::Health;
use tokio::time::Instant;

use super::observation::{Observation, Suspicion};
use crate::gateway::config::{
    CONSECUTIVE_BROKEN_REQUESTS, CONSECUTIVE_CHECK_FAILURES, CONSECUTIVE_REQUEST_TIMEOUTS,
    EJECTION_RESET_AFTER, INITIAL_EJECTION, MAX_EJECTION,
};

const NO_ANSWER: &str = "it does not answer";
const CONNECTIONS_BREAK: &str = "its connections break";
const REQUESTS_UNANSWERED: &str = "its requests get no answer";

/// How good a choice a replica is, best first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum HealthTier {
    Healthy,
    /// The replica may hang: its requests go to others where there are any, but it stays primary.
    Suspect,
    /// The replica passes its checks although its requests failed recently, or it has no lease: it gets requests only when no other
    /// replica can.
    Probation,
    Unavailable,
}

/// The health of one replica.
#[derive(Debug)]
pub struct OutlierDetector {
    health: Health,
    reason: Option<String>,
    consecutive_check_failures: u8,
    consecutive_broken_requests: u8,
    consecutive_request_timeouts: u8,
    check_passes: bool,
    unresponsive: bool,
    no_heartbeat: bool,
    no_progress: bool,
    ejected_until: Option<Instant>,
    last_ejection: Duration,
}

impl Default for OutlierDetector {
    fn default() -> Self {
        Self {
            health: Health::Starting,
            reason: None,
            consecutive_check_failures: 0,
            consecutive_broken_requests: 0,
            consecutive_request_timeouts: 0,
            check_passes: false,
            unresponsive: false,
            no_heartbeat: false,
            no_progress: false,
            ejected_until: None,
            last_ejection: Duration::ZERO,
        }
    }
}

impl OutlierDetector {
    pub fn health(&self) -> Health {
        self.health
    }

    /// Why the replica is not available, as text for the operator.
    pub fn reason(&self) -> Option<&str> {
        self.reason.as_deref()
    }

    pub fn tier(&self) -> HealthTier {
        match self.health {
            Health::Available if self.no_heartbeat || self.no_progress => HealthTier::Suspect,
            Health::Available => HealthTier::Healthy,
            Health::Unavailable if self.check_passes => HealthTier::Probation,
            Health::Unavailable | Health::Starting => HealthTier::Unavailable,
        }
    }

    /// Whether the replica is unavailable without having announced it: its requests in flight should go elsewhere.
    pub fn is_unresponsive(&self) -> bool {
        self.unresponsive
    }

    /// Whether requests failed since the last answer, so that the next answer matters.
    pub fn is_failing(&self) -> bool {
        self.consecutive_broken_requests > 0
            || self.consecutive_request_timeouts > 0
            || self.tier() == HealthTier::Probation
    }

    /// Applies an observation; returns whether health, tier or reason changed.
    pub fn observe(&mut self, observation: Observation, now: Instant) -> bool {
        let before = self.summary();
        match observation {
            Observation::RequestAnswered => {
                self.consecutive_broken_requests = 0;
                self.consecutive_request_timeouts = 0;
                // An answered request is evidence of recovery that passing checks are not.
                if self.tier() == HealthTier::Probation {
                    self.reinstate();
                }
            }
            Observation::CheckPassed => self.check_passed(now),
            Observation::NotReady(reason) => {
                self.consecutive_check_failures = 0;
                self.set_unavailable(&reason);
                self.unresponsive = false;
            }
            Observation::ConnectionRefused => self.set_unavailable("it refuses connections"),
            Observation::CheckBroken => self.check_failed(CONNECTIONS_BREAK),
            Observation::CheckTimedOut => self.check_failed(NO_ANSWER),
            Observation::Suspected(Suspicion::NoHeartbeat) => {
                self.no_heartbeat |= self.health == Health::Available;
            }
            Observation::Suspected(Suspicion::NoProgress) => {
                self.no_progress |= self.health == Health::Available;
            }
            Observation::Cleared(suspicion) => {
                self.no_heartbeat = false;
                self.no_progress &= suspicion == Suspicion::NoHeartbeat;
            }
            Observation::HeartbeatLost => self.set_unavailable(NO_ANSWER),
            Observation::ProgressLost => {
                if self.health == Health::Available {
                    self.eject(REQUESTS_UNANSWERED, INITIAL_EJECTION, now);
                }
            }
            Observation::RequestBroken => {
                let failures = self.consecutive_broken_requests.saturating_add(1);
                self.consecutive_broken_requests = failures;
                if failures >= CONSECUTIVE_BROKEN_REQUESTS && self.health == Health::Available {
                    // The first time a passing check reinstates it at once: a killed replica fails the check anyway.
                    self.eject(CONNECTIONS_BREAK, Duration::ZERO, now);
                }
            }
            Observation::RequestTimedOut => {
                let failures = self.consecutive_request_timeouts.saturating_add(1);
                self.consecutive_request_timeouts = failures;
                if failures >= CONSECUTIVE_REQUEST_TIMEOUTS && self.health == Health::Available {
                    self.eject(REQUESTS_UNANSWERED, INITIAL_EJECTION, now);
                }
            }
        }
        before != self.summary()
    }

    fn summary(&self) -> (Health, HealthTier, bool, Option<String>) {
        let reason = self.reason.clone();
        (self.health, self.tier(), self.unresponsive, reason)
    }

    fn check_passed(&mut self, now: Instant) {
        self.consecutive_check_failures = 0;
        self.check_passes = true;
        if self.health != Health::Available && !self.is_ejected(now) {
            self.reinstate();
        }
    }

    fn check_failed(&mut self, reason: &str) {
        self.consecutive_check_failures = self.consecutive_check_failures.saturating_add(1);
        if self.consecutive_check_failures >= CONSECUTIVE_CHECK_FAILURES {
            self.set_unavailable(reason);
        }
    }

    fn reinstate(&mut self) {
        self.health = Health::Available;
        self.reason = None;
        self.unresponsive = false;
        self.consecutive_broken_requests = 0;
        self.consecutive_request_timeouts = 0;
    }

    fn set_unavailable(&mut self, reason: &str) {
        self.health = Health::Unavailable;
        self.reason = Some(reason.to_owned());
        self.unresponsive = true;
        self.check_passes = false;
        self.no_heartbeat = false;
        self.no_progress = false;
    }

    /// Makes the replica unavailable because its requests fail. Passing checks do not reinstate it before the ejection is over.
    fn eject(&mut self, reason: &str, initial: Duration, now: Instant) {
        let check_passes = self.check_passes;
        self.set_unavailable(reason);
        self.extend_ejection(initial, now);
        self.check_passes = check_passes && self.is_ejected(now);
    }

    fn is_ejected(&self, now: Instant) -> bool {
        self.ejected_until.is_some_and(|until| now < until)
    }

    fn extend_ejection(&mut self, initial: Duration, now: Instant) {
        let is_repeated = self
            .ejected_until
            .is_some_and(|until| now.duration_since(until) < EJECTION_RESET_AFTER);
        self.last_ejection = if is_repeated {
            (self.last_ejection * 2).clamp(INITIAL_EJECTION, MAX_EJECTION)
        } else {
            initial
        };
        self.ejected_until = Some(now + self.last_ejection);
    }
}

#[cfg(test)]
mod tests;
