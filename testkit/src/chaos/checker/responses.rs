//! Every request gets a response in time, and one that the API documents.

use model::order::OrderState;
use model::problem::Code;

use super::parsed_history::{ParsedHistory, ParsedOperation};
use crate::chaos::history::{Invocation, Operation, Outcome};
use crate::chaos::violation::Violation;
use crate::cluster::ids::server_id;

/// Transient problems that any request may get: they tell the client what is safe and that it may retry.
const TRANSIENT: [Code; 3] = [Code::ReplicaFailed, Code::Unavailable, Code::TimedOut];

/// Longest that a running front-end server may take, including the request's own deadline.
const MAX_RESPONSE_TIME_US: u64 = 12_000_000;

pub(super) fn check(history: &ParsedHistory<'_>) -> Vec<Violation> {
    let operations = history.operations.iter();
    operations
        .filter_map(|operation| check_operation(operation, history))
        .collect()
}

fn check_operation(parsed: &ParsedOperation<'_>, history: &ParsedHistory<'_>) -> Option<Violation> {
    let operation = parsed.operation;
    match &operation.outcome {
        Outcome::Abandoned => None,
        Outcome::TimedOut if server_was_hung(operation, history) => None,
        Outcome::TimedOut => Some(no_response(operation, "it timed out")),
        Outcome::ConnectionError { .. }
            if operation.faulty_link || server_was_down(operation, history) =>
        {
            None
        }
        Outcome::ConnectionError { reason } => Some(no_response(operation, reason)),
        Outcome::Response(response) => {
            (!is_documented(parsed, response.status)).then(|| Violation::UnexpectedResponse {
                client: operation.client,
                operation: operation.invocation.to_string(),
                status: response.status,
                body: response.body.clone(),
            })
        }
    }
}

/// Whether the front-end server was killed before it could respond, or was down already.
fn server_was_down(operation: &Operation, history: &ParsedHistory<'_>) -> bool {
    history.server_kills.iter().any(|fault| {
        fault.target == server_id(operation.server)
            && fault.began_us <= operation.completed_us
            && operation.invoked_us <= fault.ended_us
    })
}

/// Whether the front-end server was stopped for so much of the time that it could not respond by its own deadline.
fn server_was_hung(operation: &Operation, history: &ParsedHistory<'_>) -> bool {
    let hung_us: u64 = history
        .server_hangs
        .iter()
        .filter(|fault| fault.target == server_id(operation.server))
        .map(|fault| {
            let end_us = fault.ended_us.min(operation.completed_us);
            end_us.saturating_sub(fault.began_us.max(operation.invoked_us))
        })
        .sum();
    let elapsed_us = operation.completed_us - operation.invoked_us;
    hung_us > 0 && elapsed_us < hung_us + MAX_RESPONSE_TIME_US
}

fn is_documented(parsed: &ParsedOperation<'_>, status: u16) -> bool {
    let invocation = &parsed.operation.invocation;
    if let Some(code) = parsed.problem {
        // A faulty link may deliver only a part of the request.
        let truncated = parsed.operation.faulty_link && code == Code::MalformedRequest;
        return truncated
            || TRANSIENT.contains(&code)
            || expected_problems(invocation).contains(&code);
    }
    match invocation {
        Invocation::Search | Invocation::Slots | Invocation::Quote => status == 200,
        Invocation::Place { .. } => status == 201 && parsed.order.is_some(),
        Invocation::FindByKey { .. } | Invocation::Read { .. } => {
            status == 200 && parsed.order.is_some()
        }
        Invocation::Cancel { .. } => {
            let state = parsed.order.as_ref().map(|order| order.state);
            status == 200 && state == Some(OrderState::Cancelled)
        }
        Invocation::Subscribe { .. } | Invocation::ListOpenOrders => status == 200,
        Invocation::Transition { .. } => status == 200 && parsed.order.is_some(),
    }
}

/// Returns the problems that valid requests may get. Whether `NotFound` is right is checked with the observations.
fn expected_problems(invocation: &Invocation) -> &'static [Code] {
    match invocation {
        Invocation::Search | Invocation::Slots | Invocation::Quote | Invocation::ListOpenOrders => {
            &[]
        }
        Invocation::Place { .. } => &[Code::QuoteChanged, Code::NotOrderable],
        Invocation::FindByKey { .. } => &[Code::NotPlaced],
        Invocation::Read { .. } | Invocation::Subscribe { .. } => &[Code::NotFound],
        Invocation::Cancel { .. } | Invocation::Transition { .. } => {
            &[Code::NotFound, Code::OrderConflict]
        }
    }
}

fn no_response(operation: &Operation, reason: &str) -> Violation {
    Violation::NoResponse {
        client: operation.client,
        operation: operation.invocation.to_string(),
        waited_ms: (operation.completed_us - operation.invoked_us) / 1_000,
        reason: reason.to_owned(),
    }
}
