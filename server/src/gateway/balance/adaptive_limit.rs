//! The adaptive concurrency limit of a replica: the number of requests in flight at which its answers are about as quick as usual.
//!
//! Arithmetic without I/O, after the gradient limit of Netflix's concurrency-limits: the limit grows a little while it is used
//! and answers stay quick, and shrinks in proportion when they take longer than usual.

use std::time::Duration;

use tokio::time::Instant;

use crate::gateway::config::{
    LIMIT_GROWTH, LIMIT_LATENCY_WEIGHT, LIMIT_MIN_ANSWERS, LIMIT_SMOOTHING, LIMIT_TOLERANCE,
    LIMIT_WINDOW, LimitBounds,
};

#[derive(Debug)]
pub struct AdaptiveLimit {
    bounds: LimitBounds,
    limit: f64,
    usual_latency_s: Option<f64>,
    latest_latency_s: f64,
    window: Window,
}

#[derive(Debug)]
struct Window {
    began: Instant,
    answers: u32,
    sum_s: f64,
    most_in_flight: u32,
}

impl Window {
    fn new(began: Instant) -> Self {
        Self {
            began,
            answers: 0,
            sum_s: 0.0,
            most_in_flight: 0,
        }
    }
}

impl AdaptiveLimit {
    pub fn new(bounds: LimitBounds, now: Instant) -> Self {
        Self {
            bounds,
            limit: bounds.floor.into(),
            usual_latency_s: None,
            latest_latency_s: 0.0,
            window: Window::new(now),
        }
    }

    pub fn limit(&self) -> u32 {
        self.limit as u32
    }

    /// The expected wait behind this many queued requests, at the rate of the latest window; zero while that is unknown.
    pub fn expected_wait(&self, queued: usize) -> Duration {
        let rounds = (queued + 1) as f64 / self.limit;
        Duration::try_from_secs_f64(self.latest_latency_s * rounds).unwrap_or(Duration::MAX)
    }

    /// Records an answer's latency, and how many requests, itself included, were in flight when it came.
    pub fn record(&mut self, latency: Duration, in_flight: u32, now: Instant) {
        let window = &mut self.window;
        window.answers += 1;
        window.sum_s += latency.as_secs_f64();
        window.most_in_flight = window.most_in_flight.max(in_flight);
        if now.duration_since(window.began) < LIMIT_WINDOW || window.answers < LIMIT_MIN_ANSWERS {
            return;
        }
        let latency_s = window.sum_s / f64::from(window.answers);
        self.latest_latency_s = latency_s;
        let used = f64::from(window.most_in_flight) > self.limit / 2.0;
        self.window = Window::new(now);
        let usual_s = self.usual_latency_s.get_or_insert(latency_s);
        // A longer latency is learnt slowly, so that a queue does not come to look usual; a shorter one at once.
        *usual_s = if latency_s < *usual_s {
            latency_s.max(*usual_s / 2.0)
        } else {
            *usual_s + (latency_s - *usual_s) * LIMIT_LATENCY_WEIGHT
        };
        if !used {
            return;
        }
        let gradient = (LIMIT_TOLERANCE * *usual_s / latency_s).clamp(0.5, 1.0);
        let growth = if gradient < 1.0 { 0.0 } else { LIMIT_GROWTH };
        let next = self.limit * gradient + growth;
        let smoothed = self.limit + (next - self.limit) * LIMIT_SMOOTHING;
        let (floor, ceiling) = (self.bounds.floor.into(), self.bounds.ceiling.into());
        self.limit = smoothed.clamp(floor, ceiling);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const BOUNDS: LimitBounds = LimitBounds {
        floor: 32,
        ceiling: 256,
    };

    struct SimulatedLoad {
        limit: AdaptiveLimit,
        now: Instant,
    }

    impl SimulatedLoad {
        fn new() -> Self {
            let now = Instant::now();
            Self {
                limit: AdaptiveLimit::new(BOUNDS, now),
                now,
            }
        }

        /// Records this many windows of answers; returns the limit in the end.
        fn windows(&mut self, number: u32, latency_ms: u64, in_flight: u32) -> u32 {
            for _ in 0..number {
                self.now += LIMIT_WINDOW;
                for _ in 0..LIMIT_MIN_ANSWERS {
                    let latency = Duration::from_millis(latency_ms);
                    self.limit.record(latency, in_flight, self.now);
                }
            }
            self.limit.limit()
        }
    }

    #[test]
    fn grows_to_the_ceiling_while_it_is_used_and_answers_stay_quick() {
        assert_eq!(SimulatedLoad::new().windows(200, 5, 300), 256);
    }

    #[test]
    fn the_expected_wait_grows_with_the_queue() {
        let mut load = SimulatedLoad::new();
        assert_eq!(load.limit.expected_wait(1_000), Duration::ZERO);
        assert_eq!(load.windows(1, 5, 15), 32);
        let expected = Duration::from_millis(20);
        assert_eq!(load.limit.expected_wait(127), expected);
    }

    #[test]
    fn does_not_grow_while_it_is_not_used() {
        assert_eq!(SimulatedLoad::new().windows(200, 5, 15), 32);
    }

    #[test]
    fn shrinks_to_the_floor_while_answers_take_much_longer_than_usual() {
        let mut load = SimulatedLoad::new();
        load.windows(100, 5, 300);
        assert!(load.windows(5, 50, 300) < 180);
        assert_eq!(load.windows(30, 50, 300), 32);
    }

    #[test]
    fn comes_back_when_answers_are_quick_again() {
        let mut load = SimulatedLoad::new();
        load.windows(100, 5, 300);
        load.windows(30, 50, 300);
        assert_eq!(load.windows(200, 5, 300), 256);
    }

    #[test]
    fn one_slow_answer_among_quick_ones_changes_nothing() {
        let mut load = SimulatedLoad::new();
        load.windows(10, 5, 100);
        let before = load.limit.limit();
        let slow = Duration::from_millis(50);
        load.limit.record(slow, 100, load.now);
        assert!(load.windows(1, 5, 100) >= before);
    }
}
