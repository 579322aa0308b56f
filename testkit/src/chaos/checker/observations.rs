//! Reads are consistent with the log: a later read returns no earlier version, and no read returns states that the log does not
//! begin with.

use std::collections::HashMap;

use model::order::OrderState;
use model::problem::Code;

use super::parsed_history::ParsedHistory;
use crate::chaos::history::Invocation;
use crate::chaos::store_snapshot::StoreSnapshot;
use crate::chaos::violation::Violation;

/// An order as a client read it at some time between invocation and completion.
struct Observation {
    invoked_us: u64,
    completed_us: u64,
    version: u32,
    states: Vec<OrderState>,
}

/// A version of an order that a client knew at a time.
struct KnownVersion {
    at_us: u64,
    version: u32,
}

/// The states that each order went through, by token.
pub(super) type StatesByToken<'a> = HashMap<&'a str, Vec<OrderState>>;

pub(super) fn check(history: &ParsedHistory<'_>, logs: &StatesByToken<'_>) -> Vec<Violation> {
    let mut violations = check_denials(history);
    let mut known_versions = known_versions(history);
    for (token, observations) in &observations_by_token(history) {
        let known = known_versions.remove(token).unwrap_or_default();
        violations.extend(check_monotonic(token, observations, known));
        let Some(log) = logs.get(token) else {
            continue;
        };
        let inconsistent = observations.iter().find(|observation| {
            !log.starts_with(&observation.states)
                || observation.version as usize != observation.states.len()
        });
        violations.extend(inconsistent.map(|observation| Violation::StatesNotInLog {
            token: (*token).to_owned(),
            at_us: observation.completed_us,
        }));
    }
    violations
}

/// Reports `NotFound` for a token: the client had it from an acknowledgement or from the open orders, so that the order exists.
fn check_denials(history: &ParsedHistory<'_>) -> Vec<Violation> {
    let denials = history.operations.iter().filter_map(|parsed| {
        let (Invocation::Read { token }
        | Invocation::Cancel { token }
        | Invocation::Subscribe { token, .. }
        | Invocation::Transition { token, .. }) = &parsed.operation.invocation
        else {
            return None;
        };
        (parsed.problem == Some(Code::NotFound)).then(|| Violation::DeniedAfterAcknowledgement {
            subject: format!("order {token}"),
            at_us: parsed.operation.completed_us,
        })
    });
    denials.collect()
}

/// Collects the reads. The response to a placement or a transition is the saved one, which may be older than the order.
fn observations_by_token<'a>(history: &'a ParsedHistory<'_>) -> HashMap<&'a str, Vec<Observation>> {
    let mut observations: HashMap<&str, Vec<Observation>> = HashMap::new();
    for parsed in &history.operations {
        let is_saved_response = match parsed.operation.invocation {
            Invocation::Place { .. } => true,
            Invocation::Transition { .. } => parsed.problem.is_none(),
            _ => false,
        };
        if is_saved_response {
            continue;
        }
        if let Some(order) = &parsed.order {
            let of_order = observations.entry(&order.token).or_default();
            of_order.push(Observation {
                invoked_us: parsed.operation.invoked_us,
                completed_us: parsed.operation.completed_us,
                version: order.version,
                states: order.history.iter().map(|change| change.state).collect(),
            });
        }
    }
    observations
}

/// Collects the versions known from event streams and from transitions, by token. They may arrive late or repeatedly, which is no
/// step back; but a read that is invoked after them must not return an earlier version.
fn known_versions<'a>(history: &ParsedHistory<'a>) -> HashMap<&'a str, Vec<KnownVersion>> {
    let mut known: HashMap<&str, Vec<KnownVersion>> = HashMap::new();
    for event in &history.received_events {
        known.entry(&event.token).or_default().push(KnownVersion {
            at_us: event.at_us,
            version: event.version,
        });
    }
    for parsed in &history.operations {
        if let (Invocation::Transition { token, .. }, None, Some(order)) =
            (&parsed.operation.invocation, parsed.problem, &parsed.order)
        {
            known.entry(token).or_default().push(KnownVersion {
                at_us: parsed.operation.completed_us,
                version: order.version,
            });
        }
    }
    known
}

/// Reports a read that was invoked after a later version was known and returned an earlier one.
fn check_monotonic(
    token: &str,
    observations: &[Observation],
    mut known: Vec<KnownVersion>,
) -> Option<Violation> {
    known.extend(observations.iter().map(|observation| KnownVersion {
        at_us: observation.completed_us,
        version: observation.version,
    }));
    known.sort_unstable_by_key(|known| known.at_us);
    let mut by_invocation: Vec<&Observation> = observations.iter().collect();
    by_invocation.sort_unstable_by_key(|observation| observation.invoked_us);
    let mut known = known.into_iter().peekable();
    let mut latest = 0;
    for observation in by_invocation {
        while let Some(earlier) = known.next_if(|known| known.at_us < observation.invoked_us) {
            latest = latest.max(earlier.version);
        }
        if observation.version < latest {
            return Some(Violation::VersionWentBack {
                token: token.to_owned(),
                from_version: latest,
                to_version: observation.version,
            });
        }
    }
    None
}

/// Returns the states of every order in the log.
pub(super) fn states_by_token(store: &StoreSnapshot) -> StatesByToken<'_> {
    let mut by_id: HashMap<i64, Vec<OrderState>> = HashMap::new();
    for event in &store.events {
        by_id.entry(event.order_id).or_default().push(event.to);
    }
    let orders = store.orders.iter();
    orders
        .map(|order| {
            (
                order.token.as_str(),
                by_id.remove(&order.id).unwrap_or_default(),
            )
        })
        .collect()
}
