//! A circuit breaker: stops asking a provider that keeps failing, and finds out with one request at a time when it is back.
//! Pure: no I/O, the time is a parameter.

use model::status::Breaker as Shown;

/// So many failures in a row open it. One failure is weather; five are a provider that is away.
pub const THRESHOLD: u32 = 5;
/// How long it stays open first; each failed probe doubles it. Shorter would hammer, longer would leave the answer to one
/// provider after it is back.
pub const OPEN_MS: i64 = 10_000;
pub const MOST_OPEN_MS: i64 = 160_000;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Breaker {
    state: State,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum State {
    Closed {
        failures: u32,
    },
    Open {
        since_ms: i64,
        for_ms: i64,
    },
    /// One probe is on its way.
    HalfOpen {
        for_ms: i64,
    },
}

/// What a result changed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Change {
    None,
    Opened { for_ms: i64 },
    Closed,
}

impl Breaker {
    #[must_use]
    pub fn new() -> Self {
        Self {
            state: State::Closed { failures: 0 },
        }
    }

    /// Whether a request may go out now. If so, its result must be reported.
    #[must_use]
    pub fn admit(&mut self, now_ms: i64) -> bool {
        match self.state {
            State::Closed { .. } => true,
            State::Open { since_ms, for_ms } if is_over(since_ms, for_ms, now_ms) => {
                self.state = State::HalfOpen { for_ms };
                true
            }
            State::Open { .. } | State::HalfOpen { .. } => false,
        }
    }

    pub fn succeeded(&mut self) -> Change {
        match self.state {
            State::Closed { .. } => {
                self.state = State::Closed { failures: 0 };
                Change::None
            }
            State::HalfOpen { .. } => {
                self.state = State::Closed { failures: 0 };
                Change::Closed
            }
            // A straggler from before it opened.
            State::Open { .. } => Change::None,
        }
    }

    pub fn failed(&mut self, now_ms: i64) -> Change {
        match self.state {
            State::Closed { failures } if failures + 1 < THRESHOLD => {
                self.state = State::Closed {
                    failures: failures + 1,
                };
                Change::None
            }
            State::Closed { .. } => self.open(now_ms, OPEN_MS),
            State::HalfOpen { for_ms } => self.open(now_ms, (for_ms * 2).min(MOST_OPEN_MS)),
            State::Open { .. } => Change::None,
        }
    }

    fn open(&mut self, now_ms: i64, for_ms: i64) -> Change {
        self.state = State::Open {
            since_ms: now_ms,
            for_ms,
        };
        Change::Opened { for_ms }
    }

    /// As the status panel shows it: open until a probe is under way.
    #[must_use]
    pub fn shown(&self) -> Shown {
        match self.state {
            State::Closed { .. } => Shown::Closed,
            State::Open { .. } => Shown::Open,
            State::HalfOpen { .. } => Shown::HalfOpen,
        }
    }
}

impl Default for Breaker {
    fn default() -> Self {
        Self::new()
    }
}

/// A clock that was set back must not keep it open for ever.
fn is_over(since_ms: i64, for_ms: i64, now_ms: i64) -> bool {
    !(0..for_ms).contains(&(now_ms - since_ms))
}
