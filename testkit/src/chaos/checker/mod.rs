//! Holds a history against what the store has in the end and tells what must not be. Pure: no clock, no I/O.
//!
//! Every key ends as done, failed or unknown. What was acknowledged is in the store exactly once; what failed or is unknown may
//! be there at most once. Nobody is told of a state that the log does not have, or of an earlier one later. Whoever listens hears all
//! of the log, once and in order. Nothing is sold that there is not.

mod answers;
mod feed;
mod keys;
mod log;
mod sightings;
mod steps;
mod supply;
#[cfg(test)]
mod tests;

use std::collections::BTreeMap;

use model::Problem;
use model::order::Order;
use model::problem::Code;

use super::finding::Finding;
use super::history::{Ask, Ended, Exchange, Fault, Heard, Listened, Outcome, Record, Supply};
use super::plan::Kind;
use super::stored::Stored;

/// How a key ended, as its customer knows it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum End {
    Done,
    Failed,
    Unknown,
}

/// What a history came to.
#[derive(Debug)]
pub struct Verdict {
    pub findings: Vec<Finding>,
    pub ends: BTreeMap<End, usize>,
}

/// Whatever cannot be read in an answer is a finding too.
#[must_use]
pub fn check(records: &[Record], stored: &Stored) -> Verdict {
    let seen = Seen::of(records);
    let mut findings = answers::check(&seen);
    let mut ends = BTreeMap::new();
    for key in keys::of(&seen, stored) {
        *ends.entry(key.end()).or_default() += 1;
        findings.extend(key.check());
    }
    findings.extend(keys::unasked(&seen, stored));
    let logs = sightings::logs(stored);
    findings.extend(sightings::check(&seen, &logs));
    findings.extend(steps::check(&seen, stored, &logs));
    findings.extend(feed::check(&seen, stored));
    findings.extend(supply::check(&seen, stored));
    findings.extend(log::check(stored));
    Verdict { findings, ends }
}

/// The history with its answers read.
struct Seen<'a> {
    exchanges: Vec<Told<'a>>,
    ended: Vec<&'a Ended>,
    heard: Vec<&'a Heard>,
    listened: Vec<&'a Listened>,
    supply: Vec<&'a Supply>,
    /// Each time that a front-end server was away.
    away: Vec<&'a Fault>,
    /// Each time that one was stopped.
    hung: Vec<&'a Fault>,
}

struct Told<'a> {
    exchange: &'a Exchange,
    /// The order that was told of, also where the customer was told why it stays as it is.
    order: Option<Order>,
    problem: Option<Code>,
}

impl<'a> Seen<'a> {
    fn of(records: &'a [Record]) -> Self {
        let mut seen = Self {
            exchanges: Vec::new(),
            ended: Vec::new(),
            heard: Vec::new(),
            listened: Vec::new(),
            supply: Vec::new(),
            away: Vec::new(),
            hung: Vec::new(),
        };
        for record in records {
            match record {
                Record::Exchange(exchange) => seen.exchanges.push(Told::of(exchange)),
                Record::Ended(ended) => seen.ended.push(ended),
                Record::Supply(supply) => seen.supply.push(supply),
                Record::Heard(heard) => seen.heard.push(heard),
                Record::Listened(listened) => seen.listened.push(listened),
                Record::Fault(fault) if fault.kind == Kind::KillServer.to_string() => {
                    seen.away.push(fault);
                }
                Record::Fault(fault) if fault.kind == Kind::HangServer.to_string() => {
                    seen.hung.push(fault);
                }
                Record::Fault(_) => {}
            }
        }
        seen
    }
}

impl<'a> Told<'a> {
    fn of(exchange: &'a Exchange) -> Self {
        let mut told = Self {
            exchange,
            order: None,
            problem: None,
        };
        if let Outcome::Answered(answer) = &exchange.outcome {
            if answer.status < 300 {
                told.order = serde_json::from_str(&answer.body).ok();
            } else if let Ok(problem) = serde_json::from_str::<Problem>(&answer.body) {
                told.problem = (problem.status == answer.status).then_some(problem.code);
                told.order = problem.order.map(|order| *order);
            }
        }
        told
    }

    /// The order that this says is in.
    fn acknowledges(&self) -> Option<&Order> {
        match self.exchange.ask {
            Ask::Place { .. } | Ask::FindByKey { .. } if self.problem.is_none() => {
                self.order.as_ref()
            }
            _ => None,
        }
    }
}
