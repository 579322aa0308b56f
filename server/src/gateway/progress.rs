//! Does a replica that has requests answer any of them? Told by the replica's progress as a whole and not by one request's age,
//! so that a slow answer among quick ones is no reason for doubt.
//!
//! A state machine without I/O; the instant is a parameter.

use std::time::Duration;

use tokio::time::Instant;

/// How often it is looked at while there are requests.
pub const TICK: Duration = Duration::from_millis(10);
/// So long without an answer to anybody is worth a question. Shorter, and every slow commit would be asked about; longer, and
/// customers wait longer when a replica hangs.
const DOUBT: Duration = Duration::from_millis(25);
/// So many requests without one answer are no chance: fewer may all be slow for reasons of their own.
const MANY: u32 = 8;
/// Without an answer for this many times as long as it usually is between two.
const UNUSUAL: u32 = 3;
/// A look that comes this late says more about this machine than about the replica.
const LATE: Duration = Duration::from_millis(25);

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    Going,
    /// It may hang: ask it.
    Doubtful,
    /// Its requests get no answer, whatever it says when asked.
    Stuck,
}

#[derive(Clone, Copy, Debug)]
pub struct Bounds {
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
}

impl Progress {
    pub fn new(bounds: Bounds, now: Instant) -> Self {
        Self {
            bounds,
            answers: 0,
            since: now,
            looked: now,
            usual: Duration::ZERO,
        }
    }

    /// There was nothing to do until now.
    pub fn begin(&mut self, answers: u32, now: Instant) {
        self.answers = answers;
        self.since = now;
        self.looked = now;
    }

    /// `answers` counts all that were ever given, `waiting` the requests without one.
    pub fn look(&mut self, answers: u32, waiting: u32, now: Instant) -> Verdict {
        let late = now.duration_since(self.looked).saturating_sub(TICK + LATE);
        if !late.is_zero() {
            // Nobody was here to take an answer in.
            self.since = (self.since + late).min(now);
        }
        self.looked = now;
        let gap = now.duration_since(self.since);
        if answers != self.answers {
            self.usual = gap.max(self.usual * 15 / 16);
            self.answers = answers;
            self.since = now;
            return Verdict::Going;
        }
        let limit = (self.usual * UNUSUAL).clamp(self.bounds.floor, self.bounds.ceiling);
        if waiting >= MANY && gap >= limit {
            Verdict::Stuck
        } else if waiting > 0 && gap >= DOUBT {
            Verdict::Doubtful
        } else {
            Verdict::Going
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const BOUNDS: Bounds = Bounds {
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
            for _ in 0..ms / 10 {
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
    fn many_requests_without_an_answer_are_stuck_and_asked_about_before() {
        let mut watched = Watched::new();
        assert_eq!(watched.for_ms(20, 50), Verdict::Going);
        assert_eq!(watched.for_ms(30, 50), Verdict::Doubtful);
        assert_eq!(watched.for_ms(10, 50), Verdict::Stuck);
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
            assert_eq!(watched.for_ms(20, 200), Verdict::Going);
        }
    }

    #[test]
    fn a_replica_whose_answers_always_come_in_batches_gets_the_time_for_one() {
        let mut watched = Watched::new();
        watched.for_ms(50, 20);
        watched.answer();
        watched.for_ms(10, 20);
        assert_eq!(watched.for_ms(160, 20), Verdict::Doubtful);
        assert_eq!(watched.for_ms(40, 20), Verdict::Stuck);
    }

    #[test]
    fn there_is_an_end_to_patience() {
        let mut watched = Watched::new();
        watched.for_ms(400, 1);
        watched.answer();
        watched.for_ms(10, 20);
        assert_eq!(watched.for_ms(490, 20), Verdict::Doubtful);
        assert_eq!(watched.for_ms(20, 20), Verdict::Stuck);
    }

    #[test]
    fn a_machine_that_did_not_let_us_look_blames_nobody() {
        let mut watched = Watched::new();
        watched.for_ms(10, 50);
        watched.now += Duration::from_secs(2);
        let verdict = watched.progress.look(0, 50, watched.now);
        assert_ne!(verdict, Verdict::Stuck);
    }

    #[test]
    fn what_begins_after_a_pause_is_judged_anew() {
        let mut watched = Watched::new();
        watched.now += Duration::from_secs(60);
        watched.progress.begin(0, watched.now);
        assert_eq!(watched.for_ms(20, 50), Verdict::Going);
    }
}
