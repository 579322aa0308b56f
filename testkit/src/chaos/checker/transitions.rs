//! Staff transitions are linearizable: an acknowledged one is in the log at the version that it was requested from, once, whatever
//! was requested at the same time; a refused one had been overtaken; repeats get the same response.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};

use model::machine::Actor;
use model::order::OrderState;
use model::problem::Code;

use super::observations::StatesByToken;
use super::parsed_history::{ParsedHistory, ParsedOperation};
use crate::chaos::history::{Invocation, Outcome};
use crate::chaos::store_snapshot::StoreSnapshot;
use crate::chaos::violation::{TransitionFault, Violation};

struct RequestedTransition<'a> {
    key: &'a str,
    token: &'a str,
    version: u32,
    to: OrderState,
    parsed: &'a ParsedOperation<'a>,
}

pub(super) fn check(
    history: &ParsedHistory<'_>,
    store: &StoreSnapshot,
    logs: &StatesByToken<'_>,
) -> Vec<Violation> {
    let transitions: Vec<RequestedTransition<'_>> = history
        .operations
        .iter()
        .filter_map(RequestedTransition::from_operation)
        .collect();
    let saved_responses: HashMap<&str, &str> = store
        .staff_requests
        .iter()
        .map(|request| (request.key.as_str(), request.response.as_str()))
        .collect();
    let mut keys: BTreeMap<&str, Vec<&RequestedTransition<'_>>> = BTreeMap::new();
    for transition in &transitions {
        keys.entry(transition.key).or_default().push(transition);
    }
    let mut violations = Vec::new();
    let mut acknowledged: BTreeMap<(&str, u32), BTreeSet<&str>> = BTreeMap::new();
    for (key, repeats) in &keys {
        let saved = saved_responses.get(key).copied();
        let faults = check_key(repeats, saved, logs);
        violations.extend(faults.into_iter().map(|fault| repeats[0].violation(fault)));
        if repeats
            .iter()
            .any(|repeat| repeat.acknowledgement().is_some())
        {
            let from = (repeats[0].token, repeats[0].version);
            acknowledged.entry(from).or_default().insert(key);
        }
    }
    for ((token, version), keys) in acknowledged {
        if keys.len() > 1 {
            violations.push(Violation::Transition {
                fault: TransitionFault::TwoFromOneVersion,
                token: token.to_owned(),
                version,
                keys: keys.into_iter().map(str::to_owned).collect(),
            });
        }
    }
    violations.extend(check_unrequested(history, store));
    violations
}

impl<'a> RequestedTransition<'a> {
    fn from_operation(parsed: &'a ParsedOperation<'a>) -> Option<Self> {
        match &parsed.operation.invocation {
            Invocation::Transition {
                key,
                token,
                version,
                to,
            } => Some(Self {
                key,
                token,
                version: *version,
                to: *to,
                parsed,
            }),
            _ => None,
        }
    }

    /// Returns the body of a response that acknowledges the transition.
    fn acknowledgement(&self) -> Option<&'a str> {
        match &self.parsed.operation.outcome {
            Outcome::Response(response) if response.status == 200 => Some(&response.body),
            _ => None,
        }
    }

    fn is_refused(&self) -> bool {
        self.parsed.problem == Some(Code::OrderConflict)
    }

    /// Whether it was refused although the order, as the refusal shows it, was still at the version.
    fn is_refused_without_conflict(&self) -> bool {
        let order = self.parsed.order.as_ref();
        self.is_refused() && order.is_none_or(|order| order.version <= self.version)
    }

    /// Whether it was acknowledged and the log does not have it at its version.
    fn is_missing(&self, logs: &StatesByToken<'_>) -> bool {
        let Some(order) = self
            .parsed
            .order
            .as_ref()
            .filter(|_| self.acknowledgement().is_some())
        else {
            return false;
        };
        let states: Vec<OrderState> = order.history.iter().map(|change| change.state).collect();
        let is_in_log = logs
            .get(self.token)
            .is_some_and(|log| log.starts_with(&states));
        !is_in_log
            || order.version != self.version + 1
            || states.len() != order.version as usize
            || states.last() != Some(&self.to)
            || order.state != self.to
    }

    fn violation(&self, fault: TransitionFault) -> Violation {
        Violation::Transition {
            fault,
            token: self.token.to_owned(),
            version: self.version,
            keys: vec![self.key.to_owned()],
        }
    }
}

/// Checks all repeats of one key against each other and against the response that the store has `saved`.
fn check_key(
    repeats: &[&RequestedTransition<'_>],
    saved: Option<&str>,
    logs: &StatesByToken<'_>,
) -> Vec<TransitionFault> {
    let bodies: BTreeSet<&str> = repeats
        .iter()
        .filter_map(|repeat| repeat.acknowledgement())
        .collect();
    let is_acknowledged = !bodies.is_empty();
    let is_refused = repeats.iter().any(|repeat| repeat.is_refused());
    let saved_differs = saved.is_some_and(|saved| bodies.iter().any(|body| *body != saved));
    let faults = [
        (
            TransitionFault::Missing,
            repeats.iter().any(|repeat| repeat.is_missing(logs)),
        ),
        (
            TransitionFault::WithoutKey,
            is_acknowledged && saved.is_none(),
        ),
        (
            TransitionFault::ResponsesDiffer,
            bodies.len() > 1 || saved_differs,
        ),
        (
            TransitionFault::RefusedAndExecuted,
            is_refused && (is_acknowledged || saved.is_some()),
        ),
        (
            TransitionFault::RefusedWithoutConflict,
            repeats
                .iter()
                .any(|repeat| repeat.is_refused_without_conflict()),
        ),
        (
            TransitionFault::NeverAnswered,
            !is_acknowledged && !is_refused,
        ),
    ];
    faults
        .into_iter()
        .filter_map(|(fault, applies)| applies.then_some(fault))
        .collect()
}

/// Reports transitions in the log that neither a customer nor staff requested.
fn check_unrequested(history: &ParsedHistory<'_>, store: &StoreSnapshot) -> Vec<Violation> {
    let mut by_staff: HashSet<(&str, u32, OrderState)> = HashSet::new();
    let mut by_customers: HashSet<&str> = HashSet::new();
    for parsed in &history.operations {
        match &parsed.operation.invocation {
            Invocation::Transition {
                token, version, to, ..
            } => {
                by_staff.insert((token, *version, *to));
            }
            Invocation::Cancel { token } => {
                by_customers.insert(token);
            }
            _ => {}
        }
    }
    let tokens: HashMap<i64, &str> = store
        .orders
        .iter()
        .map(|order| (order.id, order.token.as_str()))
        .collect();
    let mut versions: HashMap<i64, u32> = HashMap::new();
    let mut violations = Vec::new();
    for event in &store.events {
        let next_version = versions.entry(event.order_id).or_default();
        let version = *next_version;
        *next_version += 1;
        let Some(token) = tokens.get(&event.order_id) else {
            continue;
        };
        let is_requested = match event.actor {
            Actor::Staff => by_staff.contains(&(*token, version, event.to)),
            Actor::Customer => version == 0 || by_customers.contains(token),
            Actor::System | Actor::Operator => true,
        };
        if !is_requested {
            violations.push(Violation::Transition {
                fault: TransitionFault::Unrequested,
                token: (*token).to_owned(),
                version,
                keys: Vec::new(),
            });
        }
    }
    violations
}
