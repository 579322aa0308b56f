//! Decides from the count of a replica's answers whether it answers its requests at all. It measures the replica's progress as a
//! whole and not the age of single requests, so that a slow answer among quick ones raises no suspicion.
//!
//! A state machine without I/O; the instant is a parameter.

use std::time::Duration;

use tokio::time::Instant;

use crate::gateway::config::{
    PROGRESS_DECAY, PROGRESS_DELAYED_AFTER, PROGRESS_GAP_FACTOR, PROGRESS_LEARNT_FACTOR,
    PROGRESS_MAX_STEP, PROGRESS_MIN_REQUESTS, ProgressBounds,
};

/// The progress of a replica's answers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Progress {
    Normal,
    /// No answer for a short time: the heartbeat's limit applies.
    Delayed,
    /// Many requests get no answer: they are hedged.
    Suspect,
    /// Many requests have got no answer for so long that the replica is ejected, even if its checks pass.
    Stuck,
}

#[derive(Debug)]
pub struct ProgressMonitor {
    bounds: ProgressBounds,
    answers: u32,
    /// When the last answer came, or the first of the requests that now wait.
    since: Instant,
    observed_at: Instant,
    /// The longest recent time between two answers.
    usual_gap: Duration,
    suspect: bool,
}

impl ProgressMonitor {
    pub fn new(bounds: ProgressBounds, now: Instant) -> Self {
        Self {
            bounds,
            answers: 0,
            since: now,
            observed_at: now,
            usual_gap: Duration::ZERO,
            suspect: false,
        }
    }

    /// Starts anew: the time before had no requests, or has led to an ejection.
    pub fn begin(&mut self, answers: u32, now: Instant) {
        self.answers = answers;
        self.since = now;
        self.observed_at = now;
        self.suspect = false;
    }

    /// Whether the replica is suspect. It stays suspect after other replicas have taken over its waiting requests, until it answers
    /// one.
    pub fn is_suspect(&self) -> bool {
        self.suspect
    }

    /// Evaluates the progress from the count of all answers so far and the number of requests without one.
    pub fn observe(&mut self, answers: u32, waiting: u32, now: Instant) -> Progress {
        // Answers that came while this process did not run are counted only now.
        let missed = now
            .duration_since(self.observed_at)
            .saturating_sub(PROGRESS_MAX_STEP);
        self.since = (self.since + missed).min(now);
        self.observed_at = now;
        let gap = now.duration_since(self.since);
        if answers != self.answers {
            let learnt = if self.suspect {
                gap.min(self.suspect_limit() * PROGRESS_LEARNT_FACTOR)
            } else {
                gap
            };
            self.usual_gap = learnt.max(self.usual_gap.mul_f64(PROGRESS_DECAY));
            self.answers = answers;
            self.since = now;
            self.suspect = false;
            return Progress::Normal;
        }
        if waiting == 0 && !self.suspect {
            self.since = now;
            return Progress::Normal;
        }
        if self.suspect {
            if gap >= self.stuck_limit() {
                self.begin(answers, now);
                return Progress::Stuck;
            }
            return Progress::Suspect;
        }
        if waiting >= PROGRESS_MIN_REQUESTS && gap >= self.suspect_limit() {
            self.suspect = true;
            Progress::Suspect
        } else if waiting > 0 && gap >= PROGRESS_DELAYED_AFTER {
            Progress::Delayed
        } else {
            Progress::Normal
        }
    }

    fn suspect_limit(&self) -> Duration {
        (self.usual_gap * PROGRESS_GAP_FACTOR)
            .clamp(self.bounds.suspect_floor, self.bounds.stuck_ceiling)
    }

    fn stuck_limit(&self) -> Duration {
        (self.usual_gap * PROGRESS_GAP_FACTOR)
            .clamp(self.bounds.stuck_floor, self.bounds.stuck_ceiling)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::gateway::config::PROGRESS_TICK;

    const BOUNDS: ProgressBounds = ProgressBounds {
        suspect_floor: Duration::from_millis(40),
        stuck_floor: Duration::from_millis(60),
        stuck_ceiling: Duration::from_millis(500),
    };

    struct MonitoredReplica {
        monitor: ProgressMonitor,
        now: Instant,
        answers: u32,
    }

    impl MonitoredReplica {
        fn new() -> Self {
            let now = Instant::now();
            Self {
                monitor: ProgressMonitor::new(BOUNDS, now),
                now,
                answers: 0,
            }
        }

        /// Observes every tick for `ms` and returns the last result.
        fn for_ms(&mut self, ms: u64, waiting: u32) -> Progress {
            let mut progress = Progress::Normal;
            for _ in 0..u128::from(ms) / PROGRESS_TICK.as_millis() {
                self.now += PROGRESS_TICK;
                progress = self.monitor.observe(self.answers, waiting, self.now);
            }
            progress
        }

        fn answer(&mut self) {
            self.answers += 1;
        }
    }

    #[test]
    fn many_requests_without_an_answer_are_delayed_then_suspect_then_stuck() {
        let mut replica = MonitoredReplica::new();
        assert_eq!(replica.for_ms(15, 50), Progress::Normal);
        assert_eq!(replica.for_ms(20, 50), Progress::Delayed);
        assert_eq!(replica.for_ms(5, 50), Progress::Suspect);
        assert_eq!(replica.for_ms(20, 50), Progress::Stuck);
    }

    #[test]
    fn a_suspect_whose_requests_others_answered_still_becomes_stuck() {
        let mut replica = MonitoredReplica::new();
        assert_eq!(replica.for_ms(40, 50), Progress::Suspect);
        assert_eq!(replica.for_ms(10, 0), Progress::Suspect);
        assert_eq!(replica.for_ms(10, 0), Progress::Stuck);
    }

    #[test]
    fn one_answer_clears_a_suspect() {
        let mut replica = MonitoredReplica::new();
        assert_eq!(replica.for_ms(40, 50), Progress::Suspect);
        replica.answer();
        assert_eq!(replica.for_ms(10, 50), Progress::Normal);
        assert!(!replica.monitor.is_suspect());
    }

    #[test]
    fn few_requests_are_never_stuck_only_delayed() {
        assert_eq!(
            MonitoredReplica::new().for_ms(10_000, PROGRESS_MIN_REQUESTS - 1),
            Progress::Delayed
        );
        assert_eq!(MonitoredReplica::new().for_ms(10_000, 0), Progress::Normal);
    }

    #[test]
    fn slow_answers_among_quick_ones_raise_no_suspicion() {
        let mut replica = MonitoredReplica::new();
        for _ in 0..1_000 {
            replica.answer();
            assert_eq!(replica.for_ms(15, 200), Progress::Normal);
        }
    }

    #[test]
    fn a_replica_whose_answers_always_come_in_batches_gets_the_time_for_one() {
        let mut replica = MonitoredReplica::new();
        replica.for_ms(50, 20);
        replica.answer();
        assert_eq!(replica.for_ms(10, 20), Progress::Normal);
        assert_eq!(replica.for_ms(150, 20), Progress::Delayed);
        assert_eq!(replica.for_ms(10, 20), Progress::Suspect);
        assert_eq!(replica.for_ms(5, 20), Progress::Stuck);
    }

    #[test]
    fn a_hang_that_passed_is_not_taken_as_usual() {
        let mut replica = MonitoredReplica::new();
        for _ in 0..3 {
            replica.for_ms(150, 50);
            for _ in 0..70 {
                replica.answer();
                replica.for_ms(5, 50);
            }
            assert_eq!(replica.for_ms(40, 50), Progress::Suspect);
            replica.answer();
        }
    }

    #[test]
    fn the_stuck_ceiling_bounds_a_long_usual_gap() {
        let mut replica = MonitoredReplica::new();
        replica.for_ms(400, 1);
        replica.answer();
        replica.for_ms(10, 20);
        assert_eq!(replica.for_ms(490, 20), Progress::Delayed);
        assert_eq!(replica.for_ms(5, 20), Progress::Suspect);
        assert_eq!(replica.for_ms(5, 20), Progress::Stuck);
    }

    #[test]
    fn a_pause_of_this_machine_does_not_count() {
        let mut replica = MonitoredReplica::new();
        replica.for_ms(5, 50);
        replica.now += Duration::from_secs(2);
        let progress = replica.monitor.observe(0, 50, replica.now);
        assert_eq!(progress, Progress::Normal);
    }

    #[test]
    fn a_pause_without_requests_does_not_count() {
        let mut replica = MonitoredReplica::new();
        assert_eq!(replica.for_ms(900, 0), Progress::Normal);
        assert_eq!(replica.for_ms(15, 50), Progress::Normal);
        assert_eq!(replica.for_ms(25, 50), Progress::Suspect);
    }

    #[test]
    fn requests_after_a_pause_are_judged_anew() {
        let mut replica = MonitoredReplica::new();
        replica.now += Duration::from_secs(60);
        replica.monitor.begin(0, replica.now);
        assert_eq!(replica.for_ms(15, 50), Progress::Normal);
    }
}
