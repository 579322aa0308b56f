//! The history sorted by kind of record, with its responses parsed. A body that cannot be parsed yields neither an order nor a
//! problem, which the checks report.

use model::Problem;
use model::order::Order;
use model::problem::Code;

use crate::chaos::fault_kind::FaultKind;
use crate::chaos::history::{
    Fault, Inventory, Invocation, KeyClosure, Operation, Outcome, ReceivedEvent, Record,
    SubscriptionEnd,
};

#[derive(Default)]
pub(super) struct ParsedHistory<'a> {
    pub operations: Vec<ParsedOperation<'a>>,
    pub key_closures: Vec<&'a KeyClosure>,
    pub received_events: Vec<&'a ReceivedEvent>,
    pub subscription_ends: Vec<&'a SubscriptionEnd>,
    pub inventory: Vec<&'a Inventory>,
    /// The times in which a front-end server was down.
    pub server_kills: Vec<&'a Fault>,
    /// The times in which a front-end server was stopped.
    pub server_hangs: Vec<&'a Fault>,
}

pub(super) struct ParsedOperation<'a> {
    pub operation: &'a Operation,
    /// The order in the response, be it a success or a problem that includes the order.
    pub order: Option<Order>,
    pub problem: Option<Code>,
}

impl<'a> ParsedHistory<'a> {
    pub(super) fn parse(records: &'a [Record]) -> Self {
        let mut history = Self::default();
        for record in records {
            match record {
                Record::Operation(operation) => {
                    history.operations.push(ParsedOperation::parse(operation));
                }
                Record::KeyClosed(closure) => history.key_closures.push(closure),
                Record::Inventory(inventory) => history.inventory.push(inventory),
                Record::EventReceived(event) => history.received_events.push(event),
                Record::SubscriptionEnded(end) => history.subscription_ends.push(end),
                Record::Fault(fault) if fault.kind == FaultKind::KillServer.to_string() => {
                    history.server_kills.push(fault);
                }
                Record::Fault(fault) if fault.kind == FaultKind::HangServer.to_string() => {
                    history.server_hangs.push(fault);
                }
                Record::Fault(_) => {}
            }
        }
        history
    }
}

impl<'a> ParsedOperation<'a> {
    fn parse(operation: &'a Operation) -> Self {
        let mut parsed = Self {
            operation,
            order: None,
            problem: None,
        };
        if let Outcome::Response(response) = &operation.outcome {
            if response.status < 300 {
                parsed.order = serde_json::from_str(&response.body).ok();
            } else if let Ok(problem) = serde_json::from_str::<Problem>(&response.body) {
                parsed.problem = (problem.status == response.status).then_some(problem.code);
                parsed.order = problem.order.map(|order| *order);
            }
        }
        parsed
    }

    /// Returns the order that the response acknowledges as placed.
    pub(super) fn acknowledged_order(&self) -> Option<&Order> {
        match self.operation.invocation {
            Invocation::Place { .. } | Invocation::FindByKey { .. } if self.problem.is_none() => {
                self.order.as_ref()
            }
            _ => None,
        }
    }
}
