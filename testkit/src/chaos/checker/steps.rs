//! What staff were told of their steps: what was acknowledged is in the log where it was to be, once, whoever decided at the same
//! time; what was refused had been overtaken; repeats are answered alike.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};

use model::machine::Actor;
use model::order::OrderState;
use model::problem::Code;

use super::sightings::Logs;
use super::{Seen, Told};
use crate::chaos::finding::{Finding, StepFault};
use crate::chaos::history::{Ask, Outcome};
use crate::chaos::stored::Stored;

struct Step<'a> {
    key: &'a str,
    token: &'a str,
    version: u32,
    to: OrderState,
    told: &'a Told<'a>,
}

pub(super) fn check(seen: &Seen<'_>, stored: &Stored, logs: &Logs<'_>) -> Vec<Finding> {
    let steps: Vec<Step<'_>> = seen.exchanges.iter().filter_map(Step::of).collect();
    let kept: HashMap<&str, &str> = stored
        .steps
        .iter()
        .map(|step| (step.key.as_str(), step.answer.as_str()))
        .collect();
    let mut keys: BTreeMap<&str, Vec<&Step<'_>>> = BTreeMap::new();
    for step in &steps {
        keys.entry(step.key).or_default().push(step);
    }
    let mut findings = Vec::new();
    let mut taken: BTreeMap<(&str, u32), BTreeSet<&str>> = BTreeMap::new();
    for (key, steps) in &keys {
        let saved = kept.get(key).copied();
        let wrong = of_key(steps, saved, logs);
        findings.extend(wrong.into_iter().map(|what| steps[0].finding(what)));
        if steps.iter().any(|step| step.body().is_some()) {
            let place = (steps[0].token, steps[0].version);
            taken.entry(place).or_default().insert(key);
        }
    }
    for ((token, version), keys) in taken {
        if keys.len() > 1 {
            findings.push(Finding::Step {
                what: StepFault::TakenTwice,
                token: token.to_owned(),
                version,
                keys: keys.into_iter().map(str::to_owned).collect(),
            });
        }
    }
    findings.extend(unasked(seen, stored));
    findings
}

impl<'a> Step<'a> {
    fn of(told: &'a Told<'a>) -> Option<Self> {
        match &told.exchange.ask {
            Ask::Step {
                key,
                token,
                version,
                to,
            } => Some(Self {
                key,
                token,
                version: *version,
                to: *to,
                told,
            }),
            _ => None,
        }
    }

    /// Of an acknowledgement.
    fn body(&self) -> Option<&'a str> {
        match &self.told.exchange.outcome {
            Outcome::Answered(answer) if answer.status == 200 => Some(&answer.body),
            _ => None,
        }
    }

    fn is_refused(&self) -> bool {
        self.told.problem == Some(Code::OrderConflict)
    }

    /// Nobody had moved the order since it was seen, as the refusal itself says.
    fn is_refused_for_nothing(&self) -> bool {
        let now = self.told.order.as_ref();
        self.is_refused() && now.is_none_or(|order| order.version <= self.version)
    }

    /// Acknowledged, and the order went elsewhere, if anywhere.
    fn is_missing(&self, logs: &Logs<'_>) -> bool {
        let Some(order) = self.told.order.as_ref().filter(|_| self.body().is_some()) else {
            return false;
        };
        let states: Vec<OrderState> = order.history.iter().map(|change| change.state).collect();
        let there = logs
            .get(self.token)
            .is_some_and(|log| log.starts_with(&states));
        !there
            || order.version != self.version + 1
            || states.len() != order.version as usize
            || states.last() != Some(&self.to)
            || order.state != self.to
    }

    fn finding(&self, what: StepFault) -> Finding {
        Finding::Step {
            what,
            token: self.token.to_owned(),
            version: self.version,
            keys: vec![self.key.to_owned()],
        }
    }
}

/// What is wrong with the answers to one key, of which `saved` is what the store keeps.
fn of_key(steps: &[&Step<'_>], saved: Option<&str>, logs: &Logs<'_>) -> Vec<StepFault> {
    let bodies: BTreeSet<&str> = steps.iter().filter_map(|step| step.body()).collect();
    let acknowledged = !bodies.is_empty();
    let refused = steps.iter().any(|step| step.is_refused());
    let mut wrong = Vec::new();
    if steps.iter().any(|step| step.is_missing(logs)) {
        wrong.push(StepFault::Missing);
    }
    if acknowledged && saved.is_none() {
        wrong.push(StepFault::WithoutItsKey);
    }
    let saved_differs = saved.is_some_and(|saved| bodies.iter().any(|body| *body != saved));
    if bodies.len() > 1 || saved_differs {
        wrong.push(StepFault::AnswersDiffer);
    }
    if refused && (acknowledged || saved.is_some()) {
        wrong.push(StepFault::RefusedAndTaken);
    }
    if steps.iter().any(|step| step.is_refused_for_nothing()) {
        wrong.push(StepFault::RefusedForNothing);
    }
    if !acknowledged && !refused {
        wrong.push(StepFault::NeverAnswered);
    }
    wrong
}

/// Steps in the log that no customer and no staff wanted.
fn unasked(seen: &Seen<'_>, stored: &Stored) -> Vec<Finding> {
    let mut by_staff: HashSet<(&str, u32, OrderState)> = HashSet::new();
    let mut by_customers: HashSet<&str> = HashSet::new();
    for told in &seen.exchanges {
        match &told.exchange.ask {
            Ask::Step {
                token, version, to, ..
            } => {
                by_staff.insert((token, *version, *to));
            }
            Ask::Cancel { token } => {
                by_customers.insert(token);
            }
            _ => {}
        }
    }
    let tokens: HashMap<i64, &str> = stored
        .orders
        .iter()
        .map(|order| (order.id, order.token.as_str()))
        .collect();
    let mut versions: HashMap<i64, u32> = HashMap::new();
    let mut findings = Vec::new();
    for event in &stored.events {
        let version = versions.entry(event.order_id).or_default();
        let before = *version;
        *version += 1;
        let Some(token) = tokens.get(&event.order_id) else {
            continue;
        };
        let asked = match event.actor {
            Actor::Staff => by_staff.contains(&(*token, before, event.to)),
            Actor::Customer => before == 0 || by_customers.contains(token),
            Actor::System | Actor::Operator => true,
        };
        if !asked {
            findings.push(Finding::Step {
                what: StepFault::Unasked,
                token: (*token).to_owned(),
                version: before,
                keys: Vec::new(),
            });
        }
    }
    findings
}
