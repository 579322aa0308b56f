//! Transitions of an order: what an actor requests, and the effect on an order in its current state.
//!
//! `model::machine` defines which actor may move an order to which state; this module adds what goes with a transition: minutes,
//! reasons, the promised time.

use model::OrderState;
use model::machine::{self, Actor};
use model::order::Order;
use model::problem::FieldError;
use model::restaurant::Slot;
use model::staff::{MAX_ACCEPT_MINUTES, MAX_REASON_CHARS, RejectionReason};

use super::customer::reject_unprintable;
use super::delivery;

/// A requested transition.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Transition {
    pub actor: Actor,
    pub action: Action,
}

/// What the actor does with the order.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Action {
    /// Without minutes, the time promised at placing stays in force.
    Accept(Option<PromisedMinutes>),
    Reject(RejectionReason, Option<CustomerMessage>),
    Expire,
    Prepare,
    MakeReady,
    SendOut,
    Complete,
    /// The order was not collected, or could not be delivered.
    Fail,
    /// Only a customer may cancel without a message.
    Cancel(Option<CustomerMessage>),
}

/// Minutes from accepting an order until it arrives or can be collected: 1 to [`MAX_ACCEPT_MINUTES`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PromisedMinutes(u32);

impl PromisedMinutes {
    /// # Errors
    /// Returns a sentence for staff.
    pub fn parse(minutes: u32) -> Result<Self, String> {
        (1..=MAX_ACCEPT_MINUTES)
            .contains(&minutes)
            .then_some(Self(minutes))
            .ok_or_else(|| format!("Say in how many minutes, from 1 to {MAX_ACCEPT_MINUTES}."))
    }
}

/// A message that gives the customer a reason: one line of 1 to [`MAX_REASON_CHARS`] characters, not blank.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CustomerMessage(String);

impl CustomerMessage {
    /// # Errors
    /// Returns a sentence for staff.
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
        reject_unprintable(&text, "the reason")?;
        Ok(Self(text))
    }
}

/// The effect of a transition on an order.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TransitionEffect {
    pub to: OrderState,
    /// Machine-readable reason, as the event log spells it.
    pub reason: Option<&'static str>,
    /// Message for the customer.
    pub message: Option<String>,
    pub minutes: Option<u32>,
    /// The newly promised time; `None`: the promise stays as it is.
    pub expected: Option<Slot>,
}

/// Why a transition is refused.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum TransitionError {
    /// The order's state does not allow the transition, or not to this actor.
    Conflict,
    /// The request lacks a field that this order needs.
    Invalid(FieldError),
}

impl Transition {
    /// Computes the effect of the transition on `order` at `at_ms`.
    ///
    /// # Errors
    /// If the state machine refuses the transition, or if the staff accept an order for as soon as possible without minutes.
    pub fn effect_on(
        &self,
        order: &Order,
        at_ms: i64,
    ) -> Result<TransitionEffect, TransitionError> {
        let to = self.action.target();
        if !machine::allows(self.actor, order.state, to, order.fulfilment) {
            return Err(TransitionError::Conflict);
        }
        let mut effect = TransitionEffect {
            to,
            reason: None,
            message: None,
            minutes: None,
            expected: None,
        };
        match &self.action {
            Action::Accept(Some(minutes)) => {
                effect.minutes = Some(minutes.0);
                effect.expected = Some(delivery::arrival_window(at_ms, minutes.0));
            }
            Action::Accept(None) if self.actor == Actor::Staff && order.slot.is_none() => {
                return Err(TransitionError::Invalid(FieldError {
                    field: "minutes".to_owned(),
                    message: "Say in how many minutes; the customer did not choose a time."
                        .to_owned(),
                }));
            }
            Action::Reject(reason, message) => {
                effect.reason = Some(reason.as_str());
                effect.message = message.as_ref().map(|message| message.0.clone());
            }
            Action::Cancel(message) => {
                effect.message = message.as_ref().map(|message| message.0.clone());
            }
            Action::Fail => {
                effect.reason = Some(if order.state == OrderState::Ready {
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
        Ok(effect)
    }
}

impl Action {
    /// The state that the action leads to.
    #[must_use]
    pub fn target(&self) -> OrderState {
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

#[cfg(test)]
mod tests;
