//! How many requests a replica is given at once: as many as it answers about as quickly as it usually does.
//!
//! Arithmetic without I/O, after the gradient limits of Netflix's concurrency-limits: the limit grows a little as long as it is
//! used and answers stay quick, and shrinks in proportion when they take longer than usual.

use std::time::Duration;

use tokio::time::Instant;

/// Answers are taken together for this long, so that one slow one changes nothing.
const WINDOW: Duration = Duration::from_millis(100);
/// With fewer answers than this a window tells nothing.
const FEWEST: u32 = 10;
/// So many times as long as usual is still quick. A store that commits in batches answers later the more it is given, and is the
/// quicker for it.
const TOLERANCE: f64 = 2.0;
/// How much a window moves what counts as usual, and the limit.
const MEMORY: f64 = 1.0 / 100.0;
const SMOOTHING: f64 = 0.2;
/// What it may grow by in a window, before smoothing.
const GROWTH: f64 = 16.0;

/// Between which the limit moves.
#[derive(Clone, Copy, Debug)]
pub struct LimitBounds {
    pub floor: u32,
    pub ceiling: u32,
}

impl LimitBounds {
    fn clamp(self, limit: f64) -> f64 {
        limit.clamp(self.floor.into(), self.ceiling.into())
    }
}

#[derive(Debug)]
pub struct Concurrency {
    bounds: LimitBounds,
    limit: f64,
    usual_s: Option<f64>,
    latest_s: f64,
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

impl Concurrency {
    pub fn new(bounds: LimitBounds, now: Instant) -> Self {
        Self {
            bounds,
            limit: bounds.floor.into(),
            usual_s: None,
            latest_s: 0.0,
            window: Window::new(now),
        }
    }

    pub fn limit(&self) -> u32 {
        self.limit as u32
    }

    /// How long somebody will wait whom so many go before, as answers have come of late. Nothing where that is not known yet.
    pub fn wait_behind(&self, others: usize) -> Duration {
        let rounds = (others + 1) as f64 / self.limit;
        Duration::try_from_secs_f64(self.latest_s * rounds).unwrap_or(Duration::MAX)
    }

    /// An answer came after `took`, when so many requests, itself included, were in flight.
    pub fn answered(&mut self, took: Duration, in_flight: u32, now: Instant) {
        let window = &mut self.window;
        window.answers += 1;
        window.sum_s += took.as_secs_f64();
        window.most_in_flight = window.most_in_flight.max(in_flight);
        if now.duration_since(window.began) < WINDOW || window.answers < FEWEST {
            return;
        }
        let took_s = window.sum_s / f64::from(window.answers);
        self.latest_s = took_s;
        let used = f64::from(window.most_in_flight) > self.limit / 2.0;
        self.window = Window::new(now);
        let usual_s = self.usual_s.get_or_insert(took_s);
        // What takes longer is learnt slowly, so that a queue does not come to look usual; what takes less at once.
        *usual_s = if took_s < *usual_s {
            took_s.max(*usual_s / 2.0)
        } else {
            *usual_s + (took_s - *usual_s) * MEMORY
        };
        if !used {
            return;
        }
        let gradient = (TOLERANCE * *usual_s / took_s).clamp(0.5, 1.0);
        let growth = if gradient < 1.0 { 0.0 } else { GROWTH };
        let wanted = self.limit * gradient + growth;
        let smoothed = self.limit + (wanted - self.limit) * SMOOTHING;
        self.limit = self.bounds.clamp(smoothed);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const BOUNDS: LimitBounds = LimitBounds {
        floor: 32,
        ceiling: 256,
    };

    struct Driven {
        concurrency: Concurrency,
        now: Instant,
    }

    impl Driven {
        fn new() -> Self {
            let now = Instant::now();
            Self {
                concurrency: Concurrency::new(BOUNDS, now),
                now,
            }
        }

        /// So many windows of answers; tells the limit in the end.
        fn windows(&mut self, number: u32, took_ms: u64, in_flight: u32) -> u32 {
            for _ in 0..number {
                self.now += WINDOW;
                for _ in 0..FEWEST {
                    let took = Duration::from_millis(took_ms);
                    self.concurrency.answered(took, in_flight, self.now);
                }
            }
            self.concurrency.limit()
        }
    }

    #[test]
    fn grows_to_the_ceiling_while_it_is_used_and_answers_stay_quick() {
        assert_eq!(Driven::new().windows(200, 5, 300), 256);
    }

    #[test]
    fn who_comes_waits_for_as_many_rounds_as_those_before_take() {
        let mut driven = Driven::new();
        assert_eq!(driven.concurrency.wait_behind(1_000), Duration::ZERO);
        assert_eq!(driven.windows(1, 5, 15), 32);
        let expected = Duration::from_millis(20);
        assert_eq!(driven.concurrency.wait_behind(127), expected);
    }

    #[test]
    fn does_not_grow_while_it_is_not_used() {
        assert_eq!(Driven::new().windows(200, 5, 15), 32);
    }

    #[test]
    fn shrinks_to_the_floor_while_answers_take_much_longer_than_usual() {
        let mut driven = Driven::new();
        driven.windows(100, 5, 300);
        assert!(driven.windows(5, 50, 300) < 180);
        assert_eq!(driven.windows(30, 50, 300), 32);
    }

    #[test]
    fn comes_back_when_answers_are_quick_again() {
        let mut driven = Driven::new();
        driven.windows(100, 5, 300);
        driven.windows(30, 50, 300);
        assert_eq!(driven.windows(200, 5, 300), 256);
    }

    #[test]
    fn one_slow_answer_among_quick_ones_changes_nothing() {
        let mut driven = Driven::new();
        driven.windows(10, 5, 100);
        let before = driven.concurrency.limit();
        let slow = Duration::from_millis(50);
        driven.concurrency.answered(slow, 100, driven.now);
        assert!(driven.windows(1, 5, 100) >= before);
    }
}
