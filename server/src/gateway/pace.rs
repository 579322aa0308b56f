//! How quick is a replica with its answers, and when is one late by that measure?
//!
//! Arithmetic without I/O. Only answers that depend on nobody but the replica are counted.

use std::time::Duration;

/// So many of the latest answers are the measure.
const SAMPLES: usize = 256;
/// It is worked out anew after this many.
const EVERY: usize = 64;
/// Late is what takes this many times as long as ninety-nine in a hundred do.
const TIMES: u32 = 3;

/// Within which a request counts as late, however quick or slow the replica is.
#[derive(Clone, Copy, Debug)]
pub struct LateBounds {
    /// Lower, and answers that are slow for a reason would be asked for twice.
    pub floor: Duration,
    pub ceiling: Duration,
}

pub struct Pace {
    bounds: LateBounds,
    took_us: Vec<u32>,
    count: usize,
    late: Duration,
}

impl Pace {
    pub fn new(bounds: LateBounds) -> Self {
        Self {
            bounds,
            took_us: Vec::new(),
            count: 0,
            // Nothing is known yet.
            late: bounds.ceiling,
        }
    }

    /// After how long an answer is late.
    pub fn late(&self) -> Duration {
        self.late
    }

    /// Counts an answer; tells whether the measure was worked out anew.
    pub fn record(&mut self, took: Duration) -> bool {
        let took_us = u32::try_from(took.as_micros()).unwrap_or(u32::MAX);
        if self.took_us.len() < SAMPLES {
            self.took_us.push(took_us);
        } else {
            self.took_us[self.count % SAMPLES] = took_us;
        }
        self.count += 1;
        if !self.count.is_multiple_of(EVERY) {
            return false;
        }
        let mut sorted = self.took_us.clone();
        let index = sorted.len() * 99 / 100;
        let (_, p99, _) = sorted.select_nth_unstable(index);
        let late = Duration::from_micros((*p99).into()) * TIMES;
        self.late = late.clamp(self.bounds.floor, self.bounds.ceiling);
        true
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const BOUNDS: LateBounds = LateBounds {
        floor: Duration::from_millis(200),
        ceiling: Duration::from_millis(800),
    };

    fn after(answers: &[(usize, u64)]) -> Duration {
        let mut pace = Pace::new(BOUNDS);
        for &(count, ms) in answers {
            for _ in 0..count {
                pace.record(Duration::from_millis(ms));
            }
        }
        pace.late()
    }

    #[test]
    fn a_replica_that_is_not_known_yet_gets_the_longest_time() {
        assert_eq!(after(&[(63, 1)]), BOUNDS.ceiling);
    }

    #[test]
    fn a_quick_one_is_late_no_sooner_than_the_floor_and_a_slow_one_by_the_ceiling() {
        assert_eq!(after(&[(256, 5)]), BOUNDS.floor);
        assert_eq!(after(&[(256, 100)]), Duration::from_millis(300));
        assert_eq!(after(&[(256, 5_000)]), BOUNDS.ceiling);
    }

    #[test]
    fn slow_answers_that_are_usual_are_not_late() {
        assert_eq!(after(&[(248, 5), (8, 150)]), Duration::from_millis(450));
        assert_eq!(after(&[(8, 150), (312, 5)]), BOUNDS.floor);
    }
}
