//! A step of an order's life: what somebody wants of it, and what comes of that for an order as it stands.
//!
//! `model::machine` says who may move an order where; here is what goes with a step: minutes, reasons, the time promised.

use model::OrderState;
use model::machine::{self, Actor};
use model::order::Order;
use model::problem::FieldError;
use model::restaurant::Slot;
use model::staff::{MAX_ACCEPT_MINUTES, MAX_REASON_CHARS, RejectionReason};

use super::customer::printable;
use super::delivery::ASAP_WINDOW_MINUTES;
use super::local_time::MINUTE_MS;

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Step {
    pub by: Actor,
    pub action: Action,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Action {
    /// Without minutes: at the time that was promised when it was placed.
    Accept(Option<Minutes>),
    Reject(RejectionReason, Option<Words>),
    Expire,
    Prepare,
    MakeReady,
    SendOut,
    Complete,
    /// Nobody came for it, or it could not be handed over.
    Fail,
    /// The customer alone owes no reason.
    Cancel(Option<Words>),
}

/// From accepting an order until it arrives or can be collected: 1 to [`MAX_ACCEPT_MINUTES`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Minutes(u32);

impl Minutes {
    /// # Errors
    /// A sentence for staff.
    pub fn parse(minutes: u32) -> Result<Self, String> {
        (1..=MAX_ACCEPT_MINUTES)
            .contains(&minutes)
            .then_some(Self(minutes))
            .ok_or_else(|| format!("Say in how many minutes, from 1 to {MAX_ACCEPT_MINUTES}."))
    }
}

/// A reason for the customer: one line of up to [`MAX_REASON_CHARS`] characters, not blank.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Words(String);

impl Words {
    /// # Errors
    /// A sentence for staff.
    pub fn parse(text: &str) -> Result<Self, String> {
        let text = text.split_whitespace().collect::<Vec<_>>().join(" ");
        if text.is_empty() {
            return Err("Give the customer a reason.".to_owned());
        }
        if text.chars().count() > MAX_REASON_CHARS {
            return Err(format!(
                "Shorten the reason to {MAX_REASON_CHARS} characters."
            ));
        }
        printable(&text, "the reason")?;
        Ok(Self(text))
    }
}

/// What a step makes of an order.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Change {
    pub to: OrderState,
    /// As the log spells it.
    pub reason: Option<&'static str>,
    pub words: Option<String>,
    pub minutes: Option<u32>,
    /// The new promise, where there is one.
    pub expected: Option<Slot>,
}

/// Why a step is not taken.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum NotTaken {
    /// The order's state does not allow it, or not to this actor.
    Conflict,
    /// Something is missing that this order needs.
    Invalid(FieldError),
}

impl Step {
    /// What comes of it at `at_ms`.
    ///
    /// # Errors
    /// If the machine refuses it, or accepting an order that is due as soon as possible lacks its minutes.
    pub fn on(&self, order: &Order, at_ms: i64) -> Result<Change, NotTaken> {
        let to = self.action.to();
        if !machine::allows(self.by, order.state, to, order.fulfilment) {
            return Err(NotTaken::Conflict);
        }
        let mut change = Change {
            to,
            reason: None,
            words: None,
            minutes: None,
            expected: None,
        };
        match &self.action {
            Action::Accept(Some(minutes)) => {
                change.minutes = Some(minutes.0);
                change.expected = Some(window(at_ms, minutes.0));
            }
            Action::Accept(None) if self.by == Actor::Staff && order.slot.is_none() => {
                return Err(NotTaken::Invalid(FieldError {
                    field: "minutes".to_owned(),
                    message: "Say in how many minutes; the customer did not choose a time."
                        .to_owned(),
                }));
            }
            Action::Reject(reason, words) => {
                change.reason = Some(reason.as_str());
                change.words = words.as_ref().map(|words| words.0.clone());
            }
            Action::Cancel(words) => change.words = words.as_ref().map(|words| words.0.clone()),
            Action::Fail => {
                change.reason = Some(if order.state == OrderState::Ready {
                    "no_show"
                } else {
                    "undeliverable"
                });
            }
            Action::Accept(None)
            | Action::Expire
            | Action::Prepare
            | Action::MakeReady
            | Action::SendOut
            | Action::Complete => {}
        }
        Ok(change)
    }
}

impl Action {
    /// The state that it leads to.
    #[must_use]
    pub fn to(&self) -> OrderState {
        match self {
            Self::Accept(_) => OrderState::Accepted,
            Self::Reject(..) => OrderState::Rejected,
            Self::Expire => OrderState::Expired,
            Self::Prepare => OrderState::Preparing,
            Self::MakeReady => OrderState::Ready,
            Self::SendOut => OrderState::OutForDelivery,
            Self::Complete => OrderState::Completed,
            Self::Fail => OrderState::Failed,
            Self::Cancel(_) => OrderState::Cancelled,
        }
    }
}

fn window(at_ms: i64, minutes: u32) -> Slot {
    let start_ms = at_ms.saturating_add(i64::from(minutes) * MINUTE_MS);
    Slot {
        start_ms,
        end_ms: start_ms.saturating_add(i64::from(ASAP_WINDOW_MINUTES) * MINUTE_MS),
    }
}

#[cfg(test)]
mod tests;
