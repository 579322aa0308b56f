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
    hung: bool,
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
            hung: false,
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

    /// It is away without having said so, as a killed process is.
    pub fn silent(&self) -> bool {
        self.silent
    }

    /// It holds connections and does not answer: what it has in flight had better go elsewhere.
    pub fn hung(&self) -> bool {
        self.hung
    }

    /// Requests failed and none has been answered since, so that the next answer matters.
    pub fn wary(&self) -> bool {
        self.break_strikes > 0 || self.timeout_strikes > 0
    }

    /// Takes in what was seen; tells whether health, standing or reason changed.
    pub fn observe(&mut self, observation: Observation, now: Instant) -> bool {
        let before = self.verdict();
        match observation {
            Observation::Answered => {
                self.break_strikes = 0;
                self.timeout_strikes = 0;
            }
            Observation::CheckPassed => self.check_passed(now),
            Observation::NotReady(reason) => {
                self.check_strikes = 0;
                self.fall(&reason, false);
                self.silent = false;
            }
            Observation::Refused => self.fall("it refuses connections", false),
            Observation::CheckBroken => {
                self.check_strikes = self.check_strikes.saturating_add(1);
                if self.check_strikes >= CHECK_STRIKES {
                    self.fall("its connections break", false);
                }
            }
            Observation::CheckTimedOut => {
                self.check_strikes = self.check_strikes.saturating_add(1);
                if self.check_strikes >= CHECK_STRIKES {
                    self.fall(NO_ANSWER, true);
                }
            }
            Observation::Suspected(sign) => self.suspect(sign, now),
            Observation::Cleared(sign) => {
                self.no_heartbeat = false;
                self.no_progress &= sign == Sign::Heartbeat;
            }
            Observation::Silent => self.fall(NO_ANSWER, true),
            Observation::Stuck => {
                if self.health == Health::Available {
                    self.fall_by_requests(REQUESTS_UNANSWERED, true, FIRST_BAR, now);
                }
            }
            Observation::RequestBroken => {
                self.break_strikes = self.break_strikes.saturating_add(1);
                if self.break_strikes >= BREAK_STRIKES && self.health == Health::Available {
                    // The first time a passing check is believed at once: a killed replica fails it anyway.
                    self.fall_by_requests("its connections break", false, Duration::ZERO, now);
                }
            }
            Observation::RequestTimedOut => {
                self.timeout_strikes = self.timeout_strikes.saturating_add(1);
                if self.timeout_strikes >= TIMEOUT_STRIKES && self.health == Health::Available {
                    self.fall_by_requests(REQUESTS_UNANSWERED, true, FIRST_BAR, now);
                }
            }
        }
        before != self.verdict()
    }

    fn verdict(&self) -> (Health, Standing, bool, bool, Option<String>) {
        let reason = self.reason.clone();
        (self.health, self.standing(), self.silent, self.hung, reason)
    }

    fn check_passed(&mut self, now: Instant) {
        self.check_strikes = 0;
        self.check_passes = true;
        if self.health != Health::Available && !self.barred(now) {
            self.health = Health::Available;
            self.reason = None;
            self.silent = false;
            self.hung = false;
            self.break_strikes = 0;
            self.timeout_strikes = 0;
        }
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
            self.fall("it falls silent again and again", true);
        }
    }

    fn fall(&mut self, reason: &str, hung: bool) {
        self.health = Health::Unavailable;
        self.reason = Some(reason.to_owned());
        self.silent = true;
        self.hung = hung;
        self.check_passes = false;
        self.no_heartbeat = false;
        self.no_progress = false;
        self.first_suspicion = None;
    }

    fn fall_by_requests(&mut self, reason: &str, hung: bool, first_bar: Duration, now: Instant) {
        let check_passes = self.check_passes;
        self.fall(reason, hung);
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
mod tests {
    use super::*;

    fn judge_after(observations: &[Observation]) -> Judge {
        let mut judge = Judge::default();
        for observation in observations {
            judge.observe(observation.clone(), Instant::now());
        }
        judge
    }

    fn available() -> Judge {
        judge_after(&[Observation::CheckPassed])
    }

    #[tokio::test(start_paused = true)]
    async fn starts_out_and_the_first_check_brings_it_in() {
        assert_eq!(Judge::default().standing(), Standing::Out);
        assert_eq!(available().standing(), Standing::First);
    }

    #[tokio::test(start_paused = true)]
    async fn a_refused_connection_takes_it_out_at_once_and_one_check_brings_it_back() {
        let mut judge = available();
        assert!(judge.observe(Observation::Refused, Instant::now()));
        assert_eq!(judge.health(), Health::Unavailable);
        assert_eq!(judge.reason(), Some("it refuses connections"));
        assert!(judge.observe(Observation::CheckPassed, Instant::now()));
        assert_eq!(judge.health(), Health::Available);
        assert_eq!(judge.reason(), None);
    }

    #[tokio::test(start_paused = true)]
    async fn one_broken_request_is_forgiven_and_two_in_a_row_are_not() {
        let mut judge = available();
        let now = Instant::now();
        assert!(!judge.observe(Observation::RequestBroken, now));
        judge.observe(Observation::Answered, now);
        assert!(!judge.observe(Observation::RequestBroken, now));
        assert_eq!(judge.standing(), Standing::First);
        assert!(judge.observe(Observation::RequestBroken, now));
        assert_eq!(judge.standing(), Standing::Out);
    }

    #[tokio::test(start_paused = true)]
    async fn connections_that_break_again_and_again_earn_a_growing_bar() {
        let mut judge = available();
        for bar in [0, 2, 4, 8] {
            let fell = Instant::now();
            judge.observe(Observation::RequestBroken, fell);
            judge.observe(Observation::RequestBroken, fell);
            assert_eq!(judge.health(), Health::Unavailable);
            if bar > 0 {
                judge.observe(Observation::CheckPassed, fell);
                assert_eq!(judge.standing(), Standing::LastResort);
                tokio::time::advance(Duration::from_secs(bar)).await;
            }
            judge.observe(Observation::CheckPassed, Instant::now());
            assert_eq!(judge.standing(), Standing::First, "after {bar} s");
        }
    }

    #[tokio::test(start_paused = true)]
    async fn two_late_checks_are_a_hang_and_one_is_not() {
        let mut judge = available();
        let now = Instant::now();
        assert!(!judge.observe(Observation::CheckTimedOut, now));
        assert!(judge.observe(Observation::CheckTimedOut, now));
        assert!(judge.hung());
        assert_eq!(judge.standing(), Standing::Out);
        judge.observe(Observation::CheckPassed, now);
        assert!(!judge.hung());
    }

    #[tokio::test(start_paused = true)]
    async fn a_suspect_is_available_and_second_choice_until_it_is_heard_of() {
        let mut judge = available();
        let now = Instant::now();
        assert!(judge.observe(Observation::Suspected(Sign::Heartbeat), now));
        assert_eq!(
            (judge.health(), judge.standing()),
            (Health::Available, Standing::Suspect)
        );
        assert!(judge.observe(Observation::Cleared(Sign::Heartbeat), now));
        assert_eq!(judge.standing(), Standing::First);
        judge.observe(Observation::Suspected(Sign::Heartbeat), now);
        judge.observe(Observation::Silent, now);
        assert_eq!(judge.standing(), Standing::Out);
        judge.observe(Observation::CheckPassed, now);
        assert_eq!(judge.standing(), Standing::First);
    }

    #[tokio::test(start_paused = true)]
    async fn a_heartbeat_does_not_speak_for_requests_without_answer_and_an_answer_does() {
        let mut judge = available();
        let now = Instant::now();
        judge.observe(Observation::Suspected(Sign::Progress), now);
        judge.observe(Observation::Cleared(Sign::Heartbeat), now);
        judge.observe(Observation::CheckPassed, now);
        assert_eq!(judge.standing(), Standing::Suspect);
        judge.observe(Observation::Suspected(Sign::Heartbeat), now);
        judge.observe(Observation::Cleared(Sign::Progress), now);
        assert_eq!(judge.standing(), Standing::First);
    }

    #[tokio::test(start_paused = true)]
    async fn falling_silent_again_and_again_is_a_fall_and_now_and_then_is_none() {
        for (apart_ms, standing) in [(500, Standing::Out), (1_500, Standing::First)] {
            let mut judge = available();
            for _ in 0..3 {
                let now = Instant::now();
                judge.observe(Observation::Suspected(Sign::Heartbeat), now);
                judge.observe(Observation::Cleared(Sign::Heartbeat), now);
                tokio::time::advance(Duration::from_millis(apart_ms)).await;
            }
            assert_eq!(judge.standing(), standing, "{apart_ms} ms apart");
        }
    }

    #[tokio::test(start_paused = true)]
    async fn late_checks_with_a_pass_between_do_not_add_up() {
        let mut judge = available();
        let now = Instant::now();
        for _ in 0..5 {
            judge.observe(Observation::CheckTimedOut, now);
            judge.observe(Observation::CheckPassed, now);
        }
        assert_eq!(judge.standing(), Standing::First);
    }

    #[tokio::test(start_paused = true)]
    async fn passing_checks_do_not_overrule_requests_without_answer() {
        let mut judge = available();
        let now = Instant::now();
        for _ in 0..3 {
            judge.observe(Observation::RequestTimedOut, now);
            judge.observe(Observation::CheckPassed, now);
        }
        assert_eq!(judge.standing(), Standing::LastResort);
        assert!(judge.hung());
        tokio::time::advance(FIRST_BAR).await;
        judge.observe(Observation::CheckPassed, Instant::now());
        assert_eq!(judge.standing(), Standing::First);
    }

    #[tokio::test(start_paused = true)]
    async fn slow_requests_among_answered_ones_do_not_add_up() {
        let mut judge = available();
        let now = Instant::now();
        for _ in 0..10 {
            judge.observe(Observation::RequestTimedOut, now);
            judge.observe(Observation::Answered, now);
        }
        assert_eq!(judge.standing(), Standing::First);
        assert!(!judge.wary());
    }

    #[tokio::test(start_paused = true)]
    async fn a_barred_replica_that_dies_is_no_last_resort() {
        let mut judge = available();
        let now = Instant::now();
        for _ in 0..3 {
            judge.observe(Observation::RequestTimedOut, now);
        }
        assert_eq!(judge.standing(), Standing::LastResort);
        judge.observe(Observation::Refused, now);
        assert_eq!(judge.standing(), Standing::Out);
    }

    #[tokio::test(start_paused = true)]
    async fn what_a_replica_says_of_itself_is_the_reason() {
        let judge = judge_after(&[Observation::NotReady("its store is away".to_owned())]);
        assert_eq!(judge.health(), Health::Unavailable);
        assert_eq!(judge.reason(), Some("its store is away"));
        assert!(!judge.silent() && !judge.hung());
        assert!(judge_after(&[Observation::Refused]).silent());
    }
}
