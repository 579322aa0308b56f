//! The result of a chaos run, displayed as a table.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};
use std::fmt;
use std::path::PathBuf;
use std::time::Duration;

use model::problem::Code;

use super::checker::{CheckResult, Completion};
use super::fault_kind::FaultKind;
use super::history::{Fault, Invocation, Operation, Outcome, Record, RecordedResponse};
use super::nemesis::fault_log::FaultCount;
use super::violation::Violation;

/// Time after a total outage until replicas are known to be available.
const RECOVERY_US: u64 = 3_000_000;
/// A part of the name of each fault of the providers.
const PROVIDERS: &str = "providers";
/// Violations displayed of each name; all are in the kept folder.
const DISPLAYED_VIOLATIONS: usize = 5;

pub struct Report {
    pub seed: u64,
    pub elapsed: Duration,
    /// By kind.
    pub faults: BTreeMap<String, FaultCount>,
    /// Why some kinds could not be injected.
    pub skipped: BTreeSet<&'static str>,
    pub violations: Vec<Violation>,
    /// The folder of history, data and logs, where it was kept.
    pub kept_folder: Option<PathBuf>,
    completions: BTreeMap<Completion, usize>,
    statistics: Statistics,
}

/// Counts over the operations of the history.
#[derive(Default)]
struct Statistics {
    requests: usize,
    /// Requests that place an order with a key that had been sent before.
    repeats: usize,
    /// Responses 502, 503 and 504.
    unavailable: usize,
    /// Those to requests that a front-end server may retry, while at least one replica had no fault.
    avoidably_unavailable: usize,
    /// Responses 400 to clients with a sound link: a part of the request was lost behind the front-end server.
    truncated: usize,
    abandoned: usize,
    failed: usize,
    slowest_us: u64,
    slowest: String,
    /// The longest time without an acknowledged order.
    longest_gap_us: u64,
    subscriptions: usize,
    streams: usize,
    events: usize,
    transitions: TransitionStatistics,
}

/// Counts over the transitions that staff requested.
#[derive(Default)]
struct TransitionStatistics {
    executed: usize,
    refused: usize,
    /// Requests with a key that had been sent before.
    repeats: usize,
}

impl Report {
    #[must_use]
    pub fn new(
        seed: u64,
        elapsed: Duration,
        faults: BTreeMap<String, FaultCount>,
        skipped: BTreeSet<&'static str>,
        records: &[Record],
        result: CheckResult,
    ) -> Self {
        Self {
            seed,
            elapsed,
            faults,
            skipped,
            violations: result.violations,
            kept_folder: None,
            completions: result.completions,
            statistics: Statistics::of(records),
        }
    }

    /// Returns the kinds that were injected more than once and never had an effect. Faults of providers count together: a replica's
    /// circuit breaker that has opened under one keeps the next from having an effect.
    #[must_use]
    pub fn faults_without_effect(&self) -> Vec<&str> {
        let mut counts: BTreeMap<&str, FaultCount> = BTreeMap::new();
        for (kind, count) in &self.faults {
            let name = if kind.contains(PROVIDERS) {
                PROVIDERS
            } else {
                kind
            };
            let sum = counts.entry(name).or_default();
            sum.injected += count.injected;
            sum.effective += count.effective;
        }
        counts.retain(|_, count| count.effective == 0 && count.injected > 1);
        counts.into_keys().collect()
    }

    /// Returns how many keys completed in this way.
    #[must_use]
    pub fn key_count(&self, completion: Completion) -> usize {
        self.completions
            .get(&completion)
            .copied()
            .unwrap_or_default()
    }
}

impl Statistics {
    fn of(records: &[Record]) -> Self {
        let mut statistics = Self::default();
        let mut placements: HashMap<&str, usize> = HashMap::new();
        let mut transition_keys: HashSet<&str> = HashSet::new();
        let mut placed_us = Vec::new();
        let outages: Vec<&Fault> = records
            .iter()
            .filter_map(|record| match record {
                Record::Fault(fault) if fault.kind == FaultKind::TotalOutage.to_string() => {
                    Some(fault)
                }
                _ => None,
            })
            .collect();
        for record in records {
            let operation = match record {
                Record::Operation(operation) => operation,
                Record::EventReceived(_) => {
                    statistics.events += 1;
                    continue;
                }
                Record::SubscriptionEnded(_) => {
                    statistics.subscriptions += 1;
                    continue;
                }
                Record::KeyClosed(_) | Record::Fault(_) | Record::Inventory(_) => continue,
            };
            statistics.requests += 1;
            match &operation.invocation {
                Invocation::Place { key, .. } => *placements.entry(key).or_default() += 1,
                Invocation::Transition { key, .. } => {
                    let is_repeat = !transition_keys.insert(key);
                    statistics.transitions.count(&operation.outcome, is_repeat);
                }
                _ => {}
            }
            match &operation.outcome {
                Outcome::Response(response) => {
                    statistics.count_response(operation, response, &outages);
                    if response.status == 201 {
                        placed_us.push(operation.completed_us);
                    }
                }
                Outcome::Abandoned => statistics.abandoned += 1,
                Outcome::ConnectionError { .. } | Outcome::TimedOut => statistics.failed += 1,
            }
        }
        placed_us.sort_unstable();
        let gaps = placed_us.windows(2).map(|pair| pair[1] - pair[0]);
        statistics.longest_gap_us = gaps.max().unwrap_or_default();
        statistics.repeats = placements.values().map(|requests| requests - 1).sum();
        statistics
    }

    fn count_response(
        &mut self,
        operation: &Operation,
        response: &RecordedResponse,
        outages: &[&Fault],
    ) {
        let is_subscription = matches!(operation.invocation, Invocation::Subscribe { .. });
        self.streams += usize::from(response.status == 200 && is_subscription);
        if response.status > 500 {
            self.unavailable += 1;
            let is_retryable = !matches!(operation.invocation, Invocation::Cancel { .. });
            let in_outage = outages.iter().any(|fault| {
                fault.began_us <= operation.completed_us
                    && operation.invoked_us <= fault.ended_us + RECOVERY_US
            });
            self.avoidably_unavailable += usize::from(is_retryable && !in_outage);
        }
        if operation.faulty_link {
            return;
        }
        self.truncated += usize::from(response.status == 400);
        let latency_us = operation.completed_us - operation.invoked_us;
        if latency_us > self.slowest_us {
            self.slowest_us = latency_us;
            self.slowest = format!("{}, {}", operation.invocation, response.status);
        }
    }
}

impl TransitionStatistics {
    fn count(&mut self, outcome: &Outcome, is_repeat: bool) {
        self.repeats += usize::from(is_repeat);
        self.executed += usize::from(outcome.is_ok());
        let is_refused = outcome.problem_code() == Some(Code::OrderConflict);
        self.refused += usize::from(is_refused);
    }
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let row = |f: &mut fmt::Formatter<'_>, name: &str, value: &dyn fmt::Display| {
            writeln!(f, "  {name:<32} {value:>8}")
        };
        writeln!(f, "seed {}, {:.0} s", self.seed, self.elapsed.as_secs_f64())?;
        writeln!(f, "\nfaults with an effect, of those injected")?;
        for (kind, count) in &self.faults {
            row(f, kind, &format!("{}/{}", count.effective, count.injected))?;
        }
        for reason in &self.skipped {
            writeln!(f, "  {reason}")?;
        }
        writeln!(f, "\ncustomers, staff and subscribers")?;
        let statistics = &self.statistics;
        row(f, "requests", &statistics.requests)?;
        row(f, "  answered 502, 503 or 504", &statistics.unavailable)?;
        let avoidable = &statistics.avoidably_unavailable;
        row(f, "    although a replica was sound", avoidable)?;
        row(f, "  answered 400, truncated", &statistics.truncated)?;
        row(f, "  abandoned by the client", &statistics.abandoned)?;
        row(f, "  failed or timed out", &statistics.failed)?;
        row(f, "orders: ok", &self.key_count(Completion::Ok))?;
        row(f, "orders: fail", &self.key_count(Completion::Fail))?;
        row(f, "orders: info", &self.key_count(Completion::Info))?;
        row(f, "repeats of an order", &statistics.repeats)?;
        let slowest_ms = format!("{} ms", statistics.slowest_us / 1_000);
        row(f, "slowest response", &slowest_ms)?;
        writeln!(f, "    ({})", statistics.slowest)?;
        let gap_ms = format!("{} ms", statistics.longest_gap_us / 1_000);
        row(f, "longest time without an order", &gap_ms)?;
        row(f, "transitions executed", &statistics.transitions.executed)?;
        row(f, "  refused", &statistics.transitions.refused)?;
        row(f, "  repeated", &statistics.transitions.repeats)?;
        row(f, "subscriptions", &statistics.subscriptions)?;
        row(f, "  streams opened", &statistics.streams)?;
        row(f, "  events received", &statistics.events)?;
        writeln!(f, "\nviolations: {}", self.violations.len())?;
        let mut by_name: BTreeMap<&str, Vec<&Violation>> = BTreeMap::new();
        for violation in &self.violations {
            by_name.entry(violation.name()).or_default().push(violation);
        }
        for (name, violations) in by_name {
            row(f, name, &violations.len())?;
            for violation in violations.iter().take(DISPLAYED_VIOLATIONS) {
                writeln!(f, "    {violation}")?;
            }
        }
        if let Some(folder) = &self.kept_folder {
            writeln!(f, "\nkept: {}", folder.display())?;
        }
        Ok(())
    }
}
