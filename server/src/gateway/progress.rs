//! Does a replica that has requests answer any of them? Told by the replica's progress as a whole and not by one request's age,
//! so that a slow answer among quick ones is no reason for doubt.
//!
//! A state machine without I/O; the instant is a parameter.

use std::time::Duration;

use tokio::time::Instant;

/// How often it is looked at while there are requests.
pub const TICK: Duration = Duration::from_millis(5);
/// And for so long after the last one, so that not every request has to wake whoever looks.
pub const CALM: Duration = Duration::from_secs(1);
/// So long without an answer to anybody is worth a question. Shorter, and every slow commit would be asked about; longer, and
/// customers wait longer when a replica hangs.
const DOUBT: Duration = Duration::from_millis(20);
/// So many requests without one answer are no chance: fewer may all be slow for reasons of their own.
const MANY: u32 = 8;
/// Without an answer for this many times as long as it usually is between two.
const UNUSUAL: u32 = 3;
/// A look that comes late says more about this machine than about the replica: of the time before it, no more than this counts.
const LONGEST_STEP: Duration = Duration::from_millis(10);
/// Of a gap that made it suspect, no more than so many times the limit is learnt as usual: a hang that passed is none, and a
/// replica that always takes its time is understood after some of them.
const LEARNT: u32 = 2;
/// With every look that finds an answer, what is usual shrinks by this: to a half in a tenth of a second.
const FORGETS: f64 = 31.0 / 32.0;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    Going,
    /// It may hang: ask it.
    Doubtful,
    /// Many requests get no answer: another replica had better have them too.
    Suspect,
    /// They got none for so long that it is to be left, whatever it says when asked.
    Stuck,
}

/// After how long without an answer, whatever is usual for the replica.
#[derive(Clone, Copy, Debug)]
pub struct Bounds {
    /// Never suspect before this.
    pub suspect_floor: Duration,
    /// Never stuck before this.
    pub floor: Duration,
    /// Stuck by then at the latest.
    pub ceiling: Duration,
}

#[derive(Debug)]
pub struct Progress {
    bounds: Bounds,
    answers: u32,
    /// When the last answer came, or the first of the requests that now wait.
    since: Instant,
    looked: Instant,
    /// The longest time between two answers lately.
    usual: Duration,
    suspect: bool,
}

impl Progress {
    pub fn new(bounds: Bounds, now: Instant) -> Self {
        Self {
            bounds,
            answers: 0,
            since: now,
            looked: now,
            usual: Duration::ZERO,
            suspect: false,
        }
    }

    /// What was before counts no more: there was nothing to do, or it has been judged.
    pub fn begin(&mut self, answers: u32, now: Instant) {
        self.answers = answers;
        self.since = now;
        self.looked = now;
        self.suspect = false;
    }

    /// Others may have taken over what waited; it is still to be seen whether it answers anybody.
    pub fn is_suspect(&self) -> bool {
        self.suspect
    }

    /// `answers` counts all that were ever given, `waiting` the requests without one.
    pub fn look(&mut self, answers: u32, waiting: u32, now: Instant) -> Verdict {
        // Nobody was here to take an answer in.
        let missed = now.duration_since(self.looked).saturating_sub(LONGEST_STEP);
        self.since = (self.since + missed).min(now);
        self.looked = now;
        let gap = now.duration_since(self.since);
        if answers != self.answers {
            let learnt = if self.suspect {
                gap.min(self.suspect_limit() * LEARNT)
            } else {
                gap
            };
            self.usual = learnt.max(self.usual.mul_f64(FORGETS));
            self.answers = answers;
            self.since = now;
            self.suspect = false;
            return Verdict::Going;
        }
        if waiting == 0 && !self.suspect {
            self.since = now;
            return Verdict::Going;
        }
        if self.suspect {
            let limit = (self.usual * UNUSUAL).clamp(self.bounds.floor, self.bounds.ceiling);
            if gap >= limit {
                self.begin(answers, now);
                return Verdict::Stuck;
            }
            return Verdict::Suspect;
        }
        if waiting >= MANY && gap >= self.suspect_limit() {
            self.suspect = true;
            Verdict::Suspect
        } else if waiting > 0 && gap >= DOUBT {
            Verdict::Doubtful
        } else {
            Verdict::Going
        }
    }

    /// After how long without an answer others had better have the requests too.
    fn suspect_limit(&self) -> Duration {
        (self.usual * UNUSUAL).clamp(self.bounds.suspect_floor, self.bounds.ceiling)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const BOUNDS: Bounds = Bounds {
        suspect_floor: Duration::from_millis(40),
        floor: Duration::from_millis(60),
        ceiling: Duration::from_millis(500),
    };

    struct Watched {
        progress: Progress,
        now: Instant,
        answers: u32,
    }

    impl Watched {
        fn new() -> Self {
            let now = Instant::now();
            Self {
                progress: Progress::new(BOUNDS, now),
                now,
                answers: 0,
            }
        }

        /// Looks every tick for `ms` and tells the last verdict.
        fn for_ms(&mut self, ms: u64, waiting: u32) -> Verdict {
            let mut verdict = Verdict::Going;
            for _ in 0..u128::from(ms) / TICK.as_millis() {
                self.now += TICK;
                verdict = self.progress.look(self.answers, waiting, self.now);
            }
            verdict
        }

        fn answer(&mut self) {
            self.answers += 1;
        }
    }

    #[test]
    fn many_requests_without_an_answer_are_asked_about_then_shared_then_moved() {
        let mut watched = Watched::new();
        assert_eq!(watched.for_ms(15, 50), Verdict::Going);
        assert_eq!(watched.for_ms(20, 50), Verdict::Doubtful);
        assert_eq!(watched.for_ms(5, 50), Verdict::Suspect);
        assert_eq!(watched.for_ms(20, 50), Verdict::Stuck);
    }

    #[test]
    fn a_suspect_whose_requests_others_answered_is_judged_all_the_same() {
        let mut watched = Watched::new();
        assert_eq!(watched.for_ms(40, 50), Verdict::Suspect);
        assert_eq!(watched.for_ms(10, 0), Verdict::Suspect);
        assert_eq!(watched.for_ms(10, 0), Verdict::Stuck);
    }

    #[test]
    fn one_answer_clears_a_suspect() {
        let mut watched = Watched::new();
        assert_eq!(watched.for_ms(40, 50), Verdict::Suspect);
        watched.answer();
        assert_eq!(watched.for_ms(10, 50), Verdict::Going);
        assert!(!watched.progress.is_suspect());
    }

    #[test]
    fn few_requests_are_never_stuck_only_doubtful() {
        assert_eq!(Watched::new().for_ms(10_000, MANY - 1), Verdict::Doubtful);
        assert_eq!(Watched::new().for_ms(10_000, 0), Verdict::Going);
    }

    #[test]
    fn slow_answers_among_quick_ones_are_no_reason_for_doubt() {
        let mut watched = Watched::new();
        for _ in 0..1_000 {
            watched.answer();
            assert_eq!(watched.for_ms(15, 200), Verdict::Going);
        }
    }

    #[test]
    fn a_replica_whose_answers_always_come_in_batches_gets_the_time_for_one() {
        let mut watched = Watched::new();
        watched.for_ms(50, 20);
        watched.answer();
        assert_eq!(watched.for_ms(10, 20), Verdict::Going);
        assert_eq!(watched.for_ms(150, 20), Verdict::Doubtful);
        assert_eq!(watched.for_ms(10, 20), Verdict::Suspect);
        assert_eq!(watched.for_ms(5, 20), Verdict::Stuck);
    }

    #[test]
    fn a_hang_that_passed_is_not_taken_as_usual() {
        let mut watched = Watched::new();
        for _ in 0..3 {
            watched.for_ms(150, 50);
            for _ in 0..70 {
                watched.answer();
                watched.for_ms(5, 50);
            }
            assert_eq!(watched.for_ms(40, 50), Verdict::Suspect);
            watched.answer();
        }
    }

    #[test]
    fn there_is_an_end_to_patience() {
        let mut watched = Watched::new();
        watched.for_ms(400, 1);
        watched.answer();
        watched.for_ms(10, 20);
        assert_eq!(watched.for_ms(490, 20), Verdict::Doubtful);
        assert_eq!(watched.for_ms(5, 20), Verdict::Suspect);
        assert_eq!(watched.for_ms(5, 20), Verdict::Stuck);
    }

    #[test]
    fn a_machine_that_did_not_let_us_look_blames_nobody() {
        let mut watched = Watched::new();
        watched.for_ms(5, 50);
        watched.now += Duration::from_secs(2);
        let verdict = watched.progress.look(0, 50, watched.now);
        assert_eq!(verdict, Verdict::Going);
    }

    #[test]
    fn a_pause_without_requests_is_nobodys_silence() {
        let mut watched = Watched::new();
        assert_eq!(watched.for_ms(900, 0), Verdict::Going);
        assert_eq!(watched.for_ms(15, 50), Verdict::Going);
        assert_eq!(watched.for_ms(25, 50), Verdict::Suspect);
    }

    #[test]
    fn what_begins_after_a_pause_is_judged_anew() {
        let mut watched = Watched::new();
        watched.now += Duration::from_secs(60);
        watched.progress.begin(0, watched.now);
        assert_eq!(watched.for_ms(15, 50), Verdict::Going);
    }
}
