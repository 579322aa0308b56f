//! The checker: compares the history of a run with the store and returns the violated invariants. Pure: no clock, no I/O.
//!
//! Every key completes as ok, fail or info. An acknowledged order is stored exactly once; one that failed or is indeterminate at
//! most once. No client reads a state that the log does not have, or an earlier version after a later one. Every subscriber
//! receives all of the log, once and in order. Nothing is sold beyond the inventory.

mod event_log;
mod event_streams;
mod idempotency;
mod inventory;
mod observations;
mod parsed_history;
mod responses;
#[cfg(test)]
mod tests;
mod transitions;

use std::collections::BTreeMap;

use super::history::Record;
use super::store_snapshot::StoreSnapshot;
use super::violation::Violation;
use parsed_history::ParsedHistory;

pub use idempotency::Completion;

#[derive(Debug)]
pub struct CheckResult {
    pub violations: Vec<Violation>,
    /// How many keys completed in each way.
    pub completions: BTreeMap<Completion, usize>,
}

/// Checks a history against the final state of the store.
#[must_use]
pub fn check(records: &[Record], store: &StoreSnapshot) -> CheckResult {
    let history = ParsedHistory::parse(records);
    let mut violations = responses::check(&history);
    let mut completions = BTreeMap::new();
    for key in idempotency::collect_keys(&history, store) {
        *completions.entry(key.completion()).or_default() += 1;
        violations.extend(key.check());
    }
    violations.extend(idempotency::check_unrequested(&history, store));
    let logs = observations::states_by_token(store);
    violations.extend(observations::check(&history, &logs));
    violations.extend(transitions::check(&history, store, &logs));
    violations.extend(event_streams::check(&history, store));
    violations.extend(inventory::check(&history, store));
    violations.extend(event_log::check(store));
    CheckResult {
        violations,
        completions,
    }
}
