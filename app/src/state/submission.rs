//! The state machine of placing an order, from the press of the button to a known outcome. Pure: a phase, an event, and the next step;
//! the page sends, waits and looks up.

use model::Problem;
use model::order::Order;
use model::problem::Code;

use crate::api::ApiError;

/// The state, as the page shows it.
#[derive(Clone, Debug, PartialEq)]
pub enum Phase {
    Idle,
    /// The request is on its way.
    Sending,
    /// No answer, or one that leaves the outcome open: the order is looked up by its key.
    Checking(Checking),
    /// No replica is available (503): the same request is sent again by itself.
    Waiting {
        tries: u32,
    },
    /// The server rejected the request: nothing was placed.
    Rejected(Box<Problem>),
    /// The look-ups found no order.
    NotPlaced,
    /// The order is placed.
    Placed(Box<Order>),
    /// An order was placed with this key, but by an earlier press with other contents.
    PlacedEarlier(Box<Order>),
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Checking {
    /// The number of consecutive answers that no order has this key.
    pub not_placed: u8,
    /// The number of look-ups so far.
    pub lookups: u32,
    /// The server has seen the key with another body.
    pub reused: bool,
}

/// An input of the state machine.
#[derive(Debug)]
pub enum Event {
    /// The button was pressed; while checking, "Send it again".
    Submitted,
    /// The page was opened with an open request.
    Resumed,
    /// Nothing was sent: the basket is not the one that was shown.
    NotSent,
    /// The customer stopped waiting for the replicas.
    StoppedWaiting,
    Answered {
        answer: Result<Order, ApiError>,
        /// The same body had been sent before.
        again: bool,
    },
    LookedUp(Result<Order, ApiError>),
    /// A request that was given up for lost has become an order after all.
    FoundEarlier(Order),
    /// The basket was changed: the last outcome no longer applies to it.
    BasketChanged,
}

/// The next step for the page.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NextStep {
    Nothing,
    /// Send the stored body with the stored key, after a wait.
    Send {
        after_ms: u32,
    },
    /// Look the order up by its key, after a wait.
    LookUp {
        after_ms: u32,
    },
}

/// The number of "not placed" answers that are needed, and their distance in milliseconds. One is not enough after a lost connection:
/// the request may still be on its way to the store. The front-end server gives a request up after some seconds; these answers take
/// longer than a network delays a request.
const NOT_PLACED_NEEDED: u8 = 3;
const NOT_PLACED_APART_MS: u32 = 1_200;
/// The wait before the first look-up, in milliseconds: a request that broke often has its order by then.
const FIRST_LOOKUP_MS: u32 = 300;

impl Phase {
    /// Whether the button is disabled.
    #[must_use]
    pub fn is_busy(&self) -> bool {
        matches!(
            self,
            Self::Sending | Self::Checking(_) | Self::Waiting { .. } | Self::Placed(_)
        )
    }

    /// Applies an event. One that is too late for the phase changes nothing.
    #[must_use]
    pub fn step(self, event: Event) -> (Self, NextStep) {
        match (self, event) {
            (Self::Placed(order), _) => (Self::Placed(order), NextStep::Nothing),
            (
                _,
                Event::Answered {
                    answer: Ok(order), ..
                },
            ) => placed(order),
            (phase @ (Self::Sending | Self::Waiting { .. }), Event::Submitted) => {
                (phase, NextStep::Nothing)
            }
            (_, Event::Submitted) => (Self::Sending, NextStep::Send { after_ms: 0 }),
            (Self::Idle | Self::Rejected(_) | Self::NotPlaced, Event::FoundEarlier(order)) => {
                (Self::PlacedEarlier(Box::new(order)), NextStep::Nothing)
            }
            (Self::Rejected(_) | Self::NotPlaced, Event::BasketChanged)
            | (Self::Sending, Event::NotSent) => (Self::Idle, NextStep::Nothing),
            (Self::Idle, Event::Resumed) | (Self::Waiting { .. }, Event::StoppedWaiting) => {
                look_up(Checking::default(), 0)
            }
            (
                Self::Sending,
                Event::Answered {
                    answer: Err(error),
                    again,
                },
            ) => after_failed_send(error, 0, again),
            (
                Self::Waiting { tries },
                Event::Answered {
                    answer: Err(error), ..
                },
            ) => after_failed_send(error, tries, true),
            (Self::Checking(checking), Event::LookedUp(Ok(order))) if checking.reused => {
                (Self::PlacedEarlier(Box::new(order)), NextStep::Nothing)
            }
            (Self::Checking(_), Event::LookedUp(Ok(order))) => placed(order),
            (Self::Checking(checking), Event::LookedUp(Err(error))) => {
                after_failed_lookup(checking, &error)
            }
            (phase, _) => (phase, NextStep::Nothing),
        }
    }
}

fn look_up(checking: Checking, after_ms: u32) -> (Phase, NextStep) {
    (Phase::Checking(checking), NextStep::LookUp { after_ms })
}

fn placed(order: Order) -> (Phase, NextStep) {
    (Phase::Placed(Box::new(order)), NextStep::Nothing)
}

fn after_failed_send(error: ApiError, tries: u32, again: bool) -> (Phase, NextStep) {
    let rejection = error.is_rejection()
        // A rate limiter stands before the store and does not know an earlier request with this key.
        && !(again && error.code() == Some(Code::TooManyRequests));
    let open = Checking {
        reused: error.code() == Some(Code::IdempotencyKeyReused),
        ..Checking::default()
    };
    match error {
        ApiError::Problem(problem) if problem.code == Code::Unavailable => {
            let tries = tries + 1;
            let after_ms = backoff_ms(tries);
            (Phase::Waiting { tries }, NextStep::Send { after_ms })
        }
        ApiError::Problem(problem) if rejection => (Phase::Rejected(problem), NextStep::Nothing),
        _ => look_up(open, FIRST_LOOKUP_MS),
    }
}

fn after_failed_lookup(checking: Checking, error: &ApiError) -> (Phase, NextStep) {
    let lookups = checking.lookups + 1;
    if error.code() != Some(Code::NotPlaced) {
        let checking = Checking {
            lookups,
            not_placed: 0,
            ..checking
        };
        return look_up(checking, backoff_ms(lookups));
    }
    let not_placed = checking.not_placed + 1;
    if not_placed >= NOT_PLACED_NEEDED {
        return (Phase::NotPlaced, NextStep::Nothing);
    }
    let checking = Checking {
        lookups,
        not_placed,
        ..checking
    };
    look_up(checking, NOT_PLACED_APART_MS)
}

/// 1, 2, 4, then 8 seconds: soon enough for a customer who waits, rare enough for replicas that recover.
fn backoff_ms(tries: u32) -> u32 {
    1_000 << tries.saturating_sub(1).min(3)
}

#[cfg(test)]
mod tests;
