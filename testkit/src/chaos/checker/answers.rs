//! Everybody gets an answer in time, and one that the documents allow.

use model::order::OrderState;
use model::problem::Code;

use super::{Seen, Told};
use crate::chaos::finding::Finding;
use crate::chaos::history::{Ask, Exchange, Outcome};
use crate::chaos::nemesis::server_name;

/// Whoever is told one of these knows what is safe and may try again.
const PASSING: [Code; 3] = [Code::ReplicaFailed, Code::Unavailable, Code::TimedOut];

/// Longest that a front-end server may take: for the request's deadline and what comes before and after.
const ANSWERS_WITHIN_US: u64 = 12_000_000;

pub(super) fn check(seen: &Seen<'_>) -> Vec<Finding> {
    let exchanges = seen.exchanges.iter();
    exchanges.filter_map(|told| finding(told, seen)).collect()
}

fn finding(told: &Told<'_>, seen: &Seen<'_>) -> Option<Finding> {
    let exchange = told.exchange;
    match &exchange.outcome {
        Outcome::LeftEarly => None,
        Outcome::Overdue if stood_still(exchange, seen) => None,
        Outcome::Overdue => Some(unanswered(exchange, "it was overdue")),
        Outcome::Broken { .. } if exchange.bad_line || was_away(exchange, seen) => None,
        Outcome::Broken { why } => Some(unanswered(exchange, why)),
        Outcome::Answered(answer) => (!allowed(told, answer.status)).then(|| Finding::BadAnswer {
            client: exchange.client,
            ask: exchange.ask.to_string(),
            status: answer.status,
            body: answer.body.clone(),
        }),
    }
}

/// The front-end server that was asked was killed before it had answered, or was not there at all.
fn was_away(exchange: &Exchange, seen: &Seen<'_>) -> bool {
    seen.away.iter().any(|fault| {
        fault.target == server_name(exchange.server)
            && fault.began_us <= exchange.ended_us
            && exchange.sent_us <= fault.ended_us
    })
}

/// The front-end server that was asked did not run for long enough to answer by its own deadline.
fn stood_still(exchange: &Exchange, seen: &Seen<'_>) -> bool {
    let stopped_us: u64 = seen
        .hung
        .iter()
        .filter(|fault| fault.target == server_name(exchange.server))
        .map(|fault| {
            let until = fault.ended_us.min(exchange.ended_us);
            until.saturating_sub(fault.began_us.max(exchange.sent_us))
        })
        .sum();
    stopped_us > 0 && exchange.ended_us - exchange.sent_us < stopped_us + ANSWERS_WITHIN_US
}

fn allowed(told: &Told<'_>, status: u16) -> bool {
    if let Some(code) = told.problem {
        // On a bad line half of a request may be what arrives.
        let halved = told.exchange.bad_line && code == Code::MalformedRequest;
        return halved || PASSING.contains(&code) || refusals(&told.exchange.ask).contains(&code);
    }
    match told.exchange.ask {
        Ask::Search | Ask::Slots | Ask::Quote => status == 200,
        Ask::Place { .. } => status == 201 && told.order.is_some(),
        Ask::FindByKey { .. } | Ask::Read { .. } => status == 200 && told.order.is_some(),
        Ask::Cancel { .. } => {
            let state = told.order.as_ref().map(|order| order.state);
            status == 200 && state == Some(OrderState::Cancelled)
        }
        Ask::Listen { .. } | Ask::Board => status == 200,
        Ask::Step { .. } => status == 200 && told.order.is_some(),
    }
}

/// What may be said to customers who send only what is right. That an order is not found is judged elsewhere.
fn refusals(ask: &Ask) -> &'static [Code] {
    match ask {
        Ask::Search | Ask::Slots | Ask::Quote | Ask::Board => &[],
        Ask::Place { .. } => &[Code::QuoteChanged, Code::NotOrderable],
        Ask::FindByKey { .. } => &[Code::NotPlaced],
        Ask::Read { .. } | Ask::Listen { .. } => &[Code::NotFound],
        Ask::Cancel { .. } | Ask::Step { .. } => &[Code::NotFound, Code::OrderConflict],
    }
}

fn unanswered(exchange: &Exchange, why: &str) -> Finding {
    Finding::NoAnswer {
        client: exchange.client,
        ask: exchange.ask.to_string(),
        waited_ms: (exchange.ended_us - exchange.sent_us) / 1_000,
        why: why.to_owned(),
    }
}
