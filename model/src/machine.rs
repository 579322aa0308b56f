//! The state machine of orders: which transitions exist, and which actors may make them.
//!
//! This table is the only definition: pages offer the transitions that it allows, replicas reject all others.

use crate::OrderState::{
    self, Accepted, Cancelled, Completed, Expired, Failed, OutForDelivery, Placed, Preparing,
    Ready, Rejected,
};
use crate::restaurant::Fulfilment::{self, Collection, Delivery};

/// The actor of a transition.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Actor {
    Customer,
    /// Staff of the restaurant.
    Staff,
    Operator,
    /// A timer, or the restaurant's setting to accept every order.
    System,
}

impl Actor {
    pub const ALL: [Self; 4] = [Self::Customer, Self::Staff, Self::Operator, Self::System];

    /// The name in the event log.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Customer => "customer",
            Self::Staff => "staff",
            Self::Operator => "operator",
            Self::System => "system",
        }
    }
}

use Actor::{Customer, Operator, Staff, System};

/// Transitions from several states to one.
struct Rule {
    from: &'static [OrderState],
    to: OrderState,
    by: &'static [Actor],
    /// Restricts the rule to one fulfilment; `None`: both.
    only: Option<Fulfilment>,
}

const fn rule(from: &'static [OrderState], to: OrderState, by: &'static [Actor]) -> Rule {
    Rule {
        from,
        to,
        by,
        only: None,
    }
}

const fn only(fulfilment: Fulfilment, rule: Rule) -> Rule {
    Rule {
        only: Some(fulfilment),
        ..rule
    }
}

const RULES: [Rule; 12] = [
    rule(&[Placed], Accepted, &[Staff, System]),
    rule(&[Placed], Rejected, &[Staff]),
    rule(&[Placed], Expired, &[System]),
    rule(&[Placed], Cancelled, &[Customer, Staff, Operator]),
    rule(&[Accepted], Preparing, &[Staff]),
    rule(&[Accepted, Preparing], Ready, &[Staff]),
    only(Delivery, rule(&[Ready], OutForDelivery, &[Staff])),
    only(Collection, rule(&[Ready], Completed, &[Staff])),
    only(Delivery, rule(&[OutForDelivery], Completed, &[Staff])),
    only(Collection, rule(&[Ready], Failed, &[Staff])),
    only(Delivery, rule(&[OutForDelivery], Failed, &[Staff])),
    rule(&[Accepted, Preparing, Ready], Cancelled, &[Staff, Operator]),
];

/// Whether `by` may make the transition from one state to another.
#[must_use]
pub fn allows(by: Actor, from: OrderState, to: OrderState, fulfilment: Fulfilment) -> bool {
    RULES.iter().any(|rule| {
        rule.to == to
            && rule.from.contains(&from)
            && rule.by.contains(&by)
            && rule.only.is_none_or(|only| only == fulfilment)
    })
}

#[cfg(test)]
mod tests;
