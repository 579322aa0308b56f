//! Circuit breaker of one provider: closed, open or half-open. Counts consecutive failures, rejects requests while open, and admits
//! one probe at a time afterwards. A pure state machine: it does no I/O, takes the time as a parameter, and must not know what it
//! protects.

use model::status::Breaker as BreakerStatus;

/// Consecutive failures that open the breaker. Fewer would open it for a passing fault; more would keep lookups waiting for a
/// provider that is down.
pub const FAILURE_THRESHOLD: u32 = 5;
/// Open time after the first failure series; each failed probe doubles it. A shorter time would load a provider that is
/// recovering; a longer one would leave all lookups to the other provider after the first has recovered.
pub const INITIAL_OPEN_MS: i64 = 10_000;
/// Upper bound of the open time.
pub const MAX_OPEN_MS: i64 = 160_000;

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
    /// One probe is in flight.
    HalfOpen {
        for_ms: i64,
    },
}

/// State change caused by a recorded result.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum BreakerEvent {
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

    /// Decides whether a request may be sent now. The result of an admitted request must be recorded, because a half-open
    /// breaker waits for the result of its probe.
    #[must_use]
    pub fn admit(&mut self, now_ms: i64) -> bool {
        match self.state {
            State::Closed { .. } => true,
            State::Open { since_ms, for_ms } if has_elapsed(since_ms, for_ms, now_ms) => {
                self.state = State::HalfOpen { for_ms };
                true
            }
            State::Open { .. } | State::HalfOpen { .. } => false,
        }
    }

    pub fn record_success(&mut self) -> Option<BreakerEvent> {
        match self.state {
            State::Closed { .. } => {
                self.state = State::Closed { failures: 0 };
                None
            }
            State::HalfOpen { .. } => {
                self.state = State::Closed { failures: 0 };
                Some(BreakerEvent::Closed)
            }
            // A late result of a request that was sent before the breaker opened.
            State::Open { .. } => None,
        }
    }

    pub fn record_failure(&mut self, now_ms: i64) -> Option<BreakerEvent> {
        match self.state {
            State::Closed { failures } if failures + 1 < FAILURE_THRESHOLD => {
                self.state = State::Closed {
                    failures: failures + 1,
                };
                None
            }
            State::Closed { .. } => Some(self.open(now_ms, INITIAL_OPEN_MS)),
            State::HalfOpen { for_ms } => Some(self.open(now_ms, (for_ms * 2).min(MAX_OPEN_MS))),
            State::Open { .. } => None,
        }
    }

    fn open(&mut self, now_ms: i64, for_ms: i64) -> BreakerEvent {
        self.state = State::Open {
            since_ms: now_ms,
            for_ms,
        };
        BreakerEvent::Opened { for_ms }
    }

    /// State as the status panel shows it. An open breaker whose time is over stays open until its probe is sent.
    #[must_use]
    pub fn status(&self) -> BreakerStatus {
        match self.state {
            State::Closed { .. } => BreakerStatus::Closed,
            State::Open { .. } => BreakerStatus::Open,
            State::HalfOpen { .. } => BreakerStatus::HalfOpen,
        }
    }
}

impl Default for Breaker {
    fn default() -> Self {
        Self::new()
    }
}

/// Also true when the clock was set back to before `since_ms`: otherwise the breaker would stay open until the clock catches up.
fn has_elapsed(since_ms: i64, for_ms: i64, now_ms: i64) -> bool {
    !(0..for_ms).contains(&(now_ms - since_ms))
}
