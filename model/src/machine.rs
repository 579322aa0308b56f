//! The order's life as one machine: which state may follow which, and who may move an order there.
//!
//! This table is the only place where it is written down; pages offer what it allows, replicas refuse what it does not.

use crate::OrderState::{
    self, Accepted, Cancelled, Completed, Expired, Failed, OutForDelivery, Placed, Preparing,
    Ready, Rejected,
};
use crate::restaurant::Fulfilment::{self, Collection, Delivery};

/// Who moves an order.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Actor {
    Customer,
    /// The restaurant's.
    Staff,
    Operator,
    /// A timer, or the restaurant's standing wish to accept everything.
    System,
}

impl Actor {
    pub const ALL: [Self; 4] = [Self::Customer, Self::Staff, Self::Operator, Self::System];

    /// As the log spells it.
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

struct Rule {
    from: &'static [OrderState],
    to: OrderState,
    by: &'static [Actor],
    /// Absent: for either.
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

/// Whether `by` may move an order from one state to the other.
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
