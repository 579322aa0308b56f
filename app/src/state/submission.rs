//! What one tab says and does between the press on the button and the truth. Pure: a state, an event, and what to do next; the
//! page sends, waits and asks.

use model::Problem;
use model::order::Order;
use model::problem::Code;

use crate::api::ApiError;

/// What the page shows.
#[derive(Clone, Debug, PartialEq)]
pub enum Phase {
    /// Nothing is under way.
    Idle,
    /// The request is on its way.
    Sending,
    /// No answer, or one that leaves it open: asking by key.
    Checking(Checking),
    /// No replica is there (503): the same request goes again by itself.
    Waiting { tries: u32 },
    /// The server refused: nothing was placed.
    Refused(Box<Problem>),
    /// It was asked, and there is no order.
    NotPlaced,
    /// There is an order.
    Placed(Box<Order>),
    /// There is an order under this key, but of an earlier press with other contents.
    PlacedEarlier(Box<Order>),
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Checking {
    /// Answers that said "no order has this key", one after the other.
    pub not_placed: u8,
    /// Questions so far.
    pub asked: u32,
    /// The server knows the key with another body.
    pub reused: bool,
}

/// What happened.
#[derive(Debug)]
pub enum Event {
    /// The button; while checking, "Send it again".
    Pressed,
    /// The page was opened with something still open.
    Resumed,
    /// Nothing was sent after all: the basket is not the one that was shown.
    NotSent,
    /// The person does not want to wait for the replicas any longer.
    GaveUp,
    Answered {
        answer: Result<Order, ApiError>,
        /// The same body had been sent before.
        again: bool,
    },
    Asked(Result<Order, ApiError>),
    /// A press that was given up for lost has become an order after all.
    Found(Order),
    /// The basket was changed: what was said about the last press is no longer about it.
    Changed,
}

/// What to do next.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Next {
    Nothing,
    /// Send the stored body with the stored key, after a wait.
    Send {
        after_ms: u32,
    },
    /// Ask by key, after a wait.
    Ask {
        after_ms: u32,
    },
}

/// One "not placed" is not enough after a lost connection: the request may still be on its way to the store. The front-end
/// server gives a request up after some seconds; this many answers, so far apart, outlast what a network delays.
const NOT_PLACED_NEEDED: u8 = 3;
const NOT_PLACED_APART_MS: u32 = 1_200;
/// A request that was broken off often has its order by the time of this first question.
const FIRST_QUESTION_MS: u32 = 300;

impl Phase {
    /// The button is not to be pressed.
    #[must_use]
    pub fn is_busy(&self) -> bool {
        matches!(
            self,
            Self::Sending | Self::Checking(_) | Self::Waiting { .. } | Self::Placed(_)
        )
    }

    /// What follows. An event that is late for the phase changes nothing.
    #[must_use]
    pub fn step(self, event: Event) -> (Self, Next) {
        match (self, event) {
            (Self::Placed(order), _) => (Self::Placed(order), Next::Nothing),
            (
                _,
                Event::Answered {
                    answer: Ok(order), ..
                },
            ) => placed(order),
            (phase @ (Self::Sending | Self::Waiting { .. }), Event::Pressed) => {
                (phase, Next::Nothing)
            }
            (_, Event::Pressed) => (Self::Sending, Next::Send { after_ms: 0 }),
            (Self::Idle | Self::Refused(_) | Self::NotPlaced, Event::Found(order)) => {
                (Self::PlacedEarlier(Box::new(order)), Next::Nothing)
            }
            (Self::Refused(_) | Self::NotPlaced, Event::Changed)
            | (Self::Sending, Event::NotSent) => (Self::Idle, Next::Nothing),
            (Self::Idle, Event::Resumed) | (Self::Waiting { .. }, Event::GaveUp) => {
                ask(Checking::default(), 0)
            }
            (
                Self::Sending,
                Event::Answered {
                    answer: Err(error),
                    again,
                },
            ) => unanswered(error, 0, again),
            (
                Self::Waiting { tries },
                Event::Answered {
                    answer: Err(error), ..
                },
            ) => unanswered(error, tries, true),
            (Self::Checking(checking), Event::Asked(Ok(order))) if checking.reused => {
                (Self::PlacedEarlier(Box::new(order)), Next::Nothing)
            }
            (Self::Checking(_), Event::Asked(Ok(order))) => placed(order),
            (Self::Checking(checking), Event::Asked(Err(error))) => unknown(checking, &error),
            (phase, _) => (phase, Next::Nothing),
        }
    }
}

fn ask(checking: Checking, after_ms: u32) -> (Phase, Next) {
    (Phase::Checking(checking), Next::Ask { after_ms })
}

fn placed(order: Order) -> (Phase, Next) {
    (Phase::Placed(Box::new(order)), Next::Nothing)
}

fn unanswered(error: ApiError, tries: u32, again: bool) -> (Phase, Next) {
    let refusal = error.is_refusal()
        // A limiter stands before the store: it knows nothing of an earlier request with this key.
        && !(again && error.code() == Some(Code::TooManyRequests));
    let open = Checking {
        reused: error.code() == Some(Code::IdempotencyKeyReused),
        ..Checking::default()
    };
    match error {
        ApiError::Problem(problem) if problem.code == Code::Unavailable => {
            let tries = tries + 1;
            let after_ms = backoff_ms(tries);
            (Phase::Waiting { tries }, Next::Send { after_ms })
        }
        ApiError::Problem(problem) if refusal => (Phase::Refused(problem), Next::Nothing),
        _ => ask(open, FIRST_QUESTION_MS),
    }
}

fn unknown(checking: Checking, error: &ApiError) -> (Phase, Next) {
    let asked = checking.asked + 1;
    if error.code() != Some(Code::NotPlaced) {
        let checking = Checking {
            asked,
            not_placed: 0,
            ..checking
        };
        return ask(checking, backoff_ms(asked));
    }
    let not_placed = checking.not_placed + 1;
    if not_placed >= NOT_PLACED_NEEDED {
        return (Phase::NotPlaced, Next::Nothing);
    }
    let checking = Checking {
        asked,
        not_placed,
        ..checking
    };
    ask(checking, NOT_PLACED_APART_MS)
}

/// 1, 2, 4, then 8 seconds: soon enough for a person who waits, rare enough for replicas that come back.
fn backoff_ms(tries: u32) -> u32 {
    1_000 << tries.saturating_sub(1).min(3)
}

#[cfg(test)]
mod tests;
