//! Computes after how long an answer of a replica is late, so that its request is hedged: three times the 99th percentile.
//!
//! Arithmetic without I/O. Must be given only answers that depend on nothing but the replica and its store.

use std::time::Duration;

use crate::gateway::config::{HEDGE_P99_FACTOR, HEDGE_RECOMPUTE_EVERY, HEDGE_SAMPLES, HedgeBounds};

pub struct HedgeDelay {
    bounds: HedgeBounds,
    /// A ring of the latest latencies, in microseconds.
    samples_us: Vec<u32>,
    count: usize,
    delay: Duration,
}

impl HedgeDelay {
    pub fn new(bounds: HedgeBounds) -> Self {
        Self {
            bounds,
            samples_us: Vec::new(),
            count: 0,
            // The safe value while nothing is known about the replica.
            delay: bounds.ceiling,
        }
    }

    pub fn delay(&self) -> Duration {
        self.delay
    }

    /// Adds an answer's latency; returns whether the delay was computed anew.
    pub fn record(&mut self, latency: Duration) -> bool {
        let latency_us = u32::try_from(latency.as_micros()).unwrap_or(u32::MAX);
        if self.samples_us.len() < HEDGE_SAMPLES {
            self.samples_us.push(latency_us);
        } else {
            self.samples_us[self.count % HEDGE_SAMPLES] = latency_us;
        }
        self.count += 1;
        if !self.count.is_multiple_of(HEDGE_RECOMPUTE_EVERY) {
            return false;
        }
        let mut sorted = self.samples_us.clone();
        let index = sorted.len() * 99 / 100;
        let (_, p99_us, _) = sorted.select_nth_unstable(index);
        let delay = Duration::from_micros((*p99_us).into()) * HEDGE_P99_FACTOR;
        self.delay = delay.clamp(self.bounds.floor, self.bounds.ceiling);
        true
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const BOUNDS: HedgeBounds = HedgeBounds {
        floor: Duration::from_millis(200),
        ceiling: Duration::from_millis(800),
    };

    fn delay_after(answers: &[(usize, u64)]) -> Duration {
        let mut hedge_delay = HedgeDelay::new(BOUNDS);
        for &(count, ms) in answers {
            for _ in 0..count {
                hedge_delay.record(Duration::from_millis(ms));
            }
        }
        hedge_delay.delay()
    }

    #[test]
    fn an_unknown_replica_gets_the_longest_delay() {
        assert_eq!(delay_after(&[(63, 1)]), BOUNDS.ceiling);
    }

    #[test]
    fn the_delay_stays_between_floor_and_ceiling() {
        assert_eq!(delay_after(&[(256, 5)]), BOUNDS.floor);
        assert_eq!(delay_after(&[(256, 100)]), Duration::from_millis(300));
        assert_eq!(delay_after(&[(256, 5_000)]), BOUNDS.ceiling);
    }

    #[test]
    fn slow_answers_that_are_usual_are_not_late() {
        assert_eq!(
            delay_after(&[(248, 5), (8, 150)]),
            Duration::from_millis(450)
        );
        assert_eq!(delay_after(&[(8, 150), (312, 5)]), BOUNDS.floor);
    }
}
