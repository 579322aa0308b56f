//! Is a replica available? One judge per replica weighs what its checks and its traffic show.
//!
//! A state machine without I/O; the instant is a parameter. Knows nothing of connections or of what is asked.

use std::time::Duration;

use model::status::Health;
use tokio::time::Instant;

/// One late answer to a check may be the machine's fault; two in a row are the replica's.
const CHECK_STRIKES: u8 = 2;
/// One broken connection may be the fault of the request that it carried.
const BREAK_STRIKES: u8 = 2;
/// Requests may be slow for reasons of their own (a geocoding service that does not answer), so that it takes more of them,
/// and none answered in between, to call the replica stuck.
const TIMEOUT_STRIKES: u8 = 3;
const NO_ANSWER: &str = "it does not answer";
const REQUESTS_UNANSWERED: &str = "its requests get no answer";
/// A replica that falls silent this often within [`FLAPPING`] is left, although it recovers each time.
const SUSPICIONS: u8 = 3;
const FLAPPING: Duration = Duration::from_secs(2);
/// How long checks that pass do not overrule requests that fail: first, at most, and after how long good conduct the first
/// applies again.
const FIRST_BAR: Duration = Duration::from_secs(2);
const LONGEST_BAR: Duration = Duration::from_secs(60);
const GOOD_CONDUCT: Duration = Duration::from_secs(60);

/// What was seen of the replica.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Observation {
    /// A request was answered.
    Answered,
    CheckPassed,
    /// It answers, and says why it cannot take requests.
    NotReady(String),
    /// No connection could be made, by a check or a request.
    Refused,
    CheckBroken,
    CheckTimedOut,
    /// It may hang, says the sign: others had better have its requests too, until it is known.
    Suspected(Sign),
    /// It said something: a heartbeat takes back what its absence had told, an answer to a request takes back everything.
    Cleared(Sign),
    /// It stays without a heartbeat.
    Silent,
    /// It answers its checks, and none of many requests.
    Stuck,
    RequestBroken,
    RequestTimedOut,
}

/// What a hang shows by.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Sign {
    /// Its process does not say that it runs.
    Heartbeat,
    /// Its requests get no answer.
    Progress,
}

/// How good a choice the replica is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Standing {
    First,
    /// It may hang: what can go elsewhere goes elsewhere, but nothing is decided.
    Suspect,
    /// Its checks pass although its requests failed lately: better than nobody.
    LastResort,
    Out,
}

#[derive(Debug)]
pub struct Judge {
    health: Health,
    reason: Option<String>,
    check_strikes: u8,
    break_strikes: u8,
    timeout_strikes: u8,
    check_passes: bool,
    silent: bool,
    no_heartbeat: bool,
    no_progress: bool,
    /// How often it fell silent within [`FLAPPING`] of the first time.
    suspicions: u8,
    first_suspicion: Option<Instant>,
    barred_until: Option<Instant>,
    bar: Duration,
}

impl Default for Judge {
    fn default() -> Self {
        Self {
            health: Health::Starting,
            reason: None,
            check_strikes: 0,
            break_strikes: 0,
            timeout_strikes: 0,
            check_passes: false,
            silent: false,
            no_heartbeat: false,
            no_progress: false,
            suspicions: 0,
            first_suspicion: None,
            barred_until: None,
            bar: Duration::ZERO,
        }
    }
}

impl Judge {
    pub fn health(&self) -> Health {
        self.health
    }

    /// Why it is not available, for people.
    pub fn reason(&self) -> Option<&str> {
        self.reason.as_deref()
    }

    pub fn standing(&self) -> Standing {
        match self.health {
            Health::Available if self.no_heartbeat || self.no_progress => Standing::Suspect,
            Health::Available => Standing::First,
            Health::Unavailable if self.check_passes => Standing::LastResort,
            Health::Unavailable | Health::Starting => Standing::Out,
        }
    }

    /// It is away without having said so: what it has in flight had better go elsewhere.
    pub fn silent(&self) -> bool {
        self.silent
    }

    /// Requests failed and none has been answered since, so that the next answer matters.
    pub fn wary(&self) -> bool {
        self.break_strikes > 0
            || self.timeout_strikes > 0
            || self.standing() == Standing::LastResort
    }

    /// Takes in what was seen; tells whether health, standing or reason changed.
    pub fn observe(&mut self, observation: Observation, now: Instant) -> bool {
        let before = self.verdict();
        match observation {
            Observation::Answered => {
                self.break_strikes = 0;
                self.timeout_strikes = 0;
                // Asked because nobody else was left, it shows what its checks could not.
                if self.standing() == Standing::LastResort {
                    self.return_to_duty();
                }
            }
            Observation::CheckPassed => self.check_passed(now),
            Observation::NotReady(reason) => {
                self.check_strikes = 0;
                self.fall(&reason);
                self.silent = false;
            }
            Observation::Refused => self.fall("it refuses connections"),
            Observation::CheckBroken => {
                self.check_strikes = self.check_strikes.saturating_add(1);
                if self.check_strikes >= CHECK_STRIKES {
                    self.fall("its connections break");
                }
            }
            Observation::CheckTimedOut => {
                self.check_strikes = self.check_strikes.saturating_add(1);
                if self.check_strikes >= CHECK_STRIKES {
                    self.fall(NO_ANSWER);
                }
            }
            Observation::Suspected(sign) => self.suspect(sign, now),
            Observation::Cleared(sign) => {
                self.no_heartbeat = false;
                self.no_progress &= sign == Sign::Heartbeat;
            }
            Observation::Silent => self.fall(NO_ANSWER),
            Observation::Stuck => {
                if self.health == Health::Available {
                    self.fall_by_requests(REQUESTS_UNANSWERED, FIRST_BAR, now);
                }
            }
            Observation::RequestBroken => {
                self.break_strikes = self.break_strikes.saturating_add(1);
                if self.break_strikes >= BREAK_STRIKES && self.health == Health::Available {
                    // The first time a passing check is believed at once: a killed replica fails it anyway.
                    self.fall_by_requests("its connections break", Duration::ZERO, now);
                }
            }
            Observation::RequestTimedOut => {
                self.timeout_strikes = self.timeout_strikes.saturating_add(1);
                if self.timeout_strikes >= TIMEOUT_STRIKES && self.health == Health::Available {
                    self.fall_by_requests(REQUESTS_UNANSWERED, FIRST_BAR, now);
                }
            }
        }
        before != self.verdict()
    }

    fn verdict(&self) -> (Health, Standing, bool, Option<String>) {
        let reason = self.reason.clone();
        (self.health, self.standing(), self.silent, reason)
    }

    fn check_passed(&mut self, now: Instant) {
        self.check_strikes = 0;
        self.check_passes = true;
        if self.health != Health::Available && !self.barred(now) {
            self.return_to_duty();
        }
    }

    fn return_to_duty(&mut self) {
        self.health = Health::Available;
        self.reason = None;
        self.silent = false;
        self.break_strikes = 0;
        self.timeout_strikes = 0;
    }

    fn suspect(&mut self, sign: Sign, now: Instant) {
        if self.health != Health::Available {
            return;
        }
        if sign == Sign::Progress {
            self.no_progress = true;
            return;
        }
        self.no_heartbeat = true;
        let lately = self
            .first_suspicion
            .is_some_and(|first| now.duration_since(first) < FLAPPING);
        if lately {
            self.suspicions += 1;
        } else {
            self.suspicions = 1;
            self.first_suspicion = Some(now);
        }
        if self.suspicions >= SUSPICIONS {
            self.fall("it falls silent again and again");
        }
    }

    fn fall(&mut self, reason: &str) {
        self.health = Health::Unavailable;
        self.reason = Some(reason.to_owned());
        self.silent = true;
        self.check_passes = false;
        self.no_heartbeat = false;
        self.no_progress = false;
        self.first_suspicion = None;
    }

    fn fall_by_requests(&mut self, reason: &str, first_bar: Duration, now: Instant) {
        let check_passes = self.check_passes;
        self.fall(reason);
        self.bar_again(first_bar, now);
        self.check_passes = check_passes && self.barred(now);
    }

    fn barred(&self, now: Instant) -> bool {
        self.barred_until.is_some_and(|until| now < until)
    }

    fn bar_again(&mut self, first: Duration, now: Instant) {
        let again = self
            .barred_until
            .is_some_and(|until| now.duration_since(until) < GOOD_CONDUCT);
        self.bar = if again {
            (self.bar * 2).clamp(FIRST_BAR, LONGEST_BAR)
        } else {
            first
        };
        self.barred_until = Some(now + self.bar);
    }
}

#[cfg(test)]
mod tests;
