//! What a run came to, as one table for people.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};
use std::fmt;
use std::path::PathBuf;
use std::time::Duration;

use model::problem::Code;

use super::checker::{End, Verdict};
use super::finding::Finding;
use super::history::{Ask, Fault, Outcome, Record};
use super::plan::Kind;

pub struct Report {
    pub seed: u64,
    pub took: Duration,
    /// By kind: how many happened, how many were begun.
    pub faults: BTreeMap<String, (u32, u32)>,
    /// Why some kinds were not made.
    pub left_out: BTreeSet<&'static str>,
    pub findings: Vec<Finding>,
    /// Where history, data and logs lie, where they were kept.
    pub kept: Option<PathBuf>,
    ends: BTreeMap<End, usize>,
    traffic: Traffic,
}

/// What the customers saw.
#[derive(Default)]
struct Traffic {
    requests: usize,
    /// Requests that place an order with a key that had been sent before.
    repeats: usize,
    /// Answers that nothing can be done just now: 502, 503, 504.
    unavailable: usize,
    /// Of those, to what a front-end server may repeat, and at a time when one replica was left alone.
    turned_away: usize,
    /// Answers to customers with a good connection that half of the request was missing.
    torn: usize,
    left_early: usize,
    broken: usize,
    slowest_us: u64,
    slowest: String,
    /// The longest time in which nobody was told that an order is in.
    pause_us: u64,
    /// Orders that somebody listened for to the end.
    listened: usize,
    streams: usize,
    news: usize,
    steps: Steps,
}

/// Answers to staff who moved an order.
#[derive(Default)]
struct Steps {
    taken: usize,
    refused: usize,
    /// Asked with a key that had been sent before.
    repeats: usize,
}

impl Report {
    #[must_use]
    pub fn new(
        seed: u64,
        took: Duration,
        faults: BTreeMap<String, (u32, u32)>,
        left_out: BTreeSet<&'static str>,
        records: &[Record],
        verdict: Verdict,
    ) -> Self {
        Self {
            seed,
            took,
            faults,
            left_out,
            findings: verdict.findings,
            kept: None,
            ends: verdict.ends,
            traffic: Traffic::of(records),
        }
    }

    /// What was begun more than once and never happened. Faults of providers count together: a replica that has met one leaves
    /// the provider alone for a while, so that the next may not be met at all.
    #[must_use]
    pub fn faults_without_effect(&self) -> Vec<&str> {
        let mut together: BTreeMap<&str, (u32, u32)> = BTreeMap::new();
        for (kind, (happened, begun)) in &self.faults {
            let name = if kind.contains(PROVIDERS) {
                PROVIDERS
            } else {
                kind
            };
            let sum = together.entry(name).or_default();
            sum.0 += happened;
            sum.1 += begun;
        }
        together.retain(|_, (happened, begun)| *happened == 0 && *begun > 1);
        together.into_keys().collect()
    }

    /// How many keys ended so.
    #[must_use]
    pub fn ended(&self, end: End) -> usize {
        self.ends.get(&end).copied().unwrap_or_default()
    }
}

impl Traffic {
    fn of(records: &[Record]) -> Self {
        let mut traffic = Self::default();
        let mut placings: HashMap<&str, usize> = HashMap::new();
        let mut steps: HashSet<&str> = HashSet::new();
        let mut placed_us = Vec::new();
        let blackouts: Vec<&Fault> = records
            .iter()
            .filter_map(|record| match record {
                Record::Fault(fault) if fault.kind == Kind::Blackout.to_string() => Some(fault),
                _ => None,
            })
            .collect();
        for record in records {
            let exchange = match record {
                Record::Exchange(exchange) => exchange,
                Record::Heard(_) => {
                    traffic.news += 1;
                    continue;
                }
                Record::Listened(_) => {
                    traffic.listened += 1;
                    continue;
                }
                Record::Ended(_) | Record::Fault(_) | Record::Supply(_) => continue,
            };
            traffic.requests += 1;
            if let Ask::Place { key, .. } = &exchange.ask {
                *placings.entry(key).or_default() += 1;
            }
            if let Ask::Step { key, .. } = &exchange.ask {
                traffic.steps.repeats += usize::from(!steps.insert(key));
                traffic.steps.taken += usize::from(exchange.outcome.is_ok());
                let refused = exchange.outcome.problem() == Some(Code::OrderConflict);
                traffic.steps.refused += usize::from(refused);
            }
            match &exchange.outcome {
                Outcome::Answered(answer) => {
                    let opened = answer.status == 200 && matches!(exchange.ask, Ask::Listen { .. });
                    traffic.streams += usize::from(opened);
                    if answer.status == 201 {
                        placed_us.push(exchange.ended_us);
                    }
                    traffic.unavailable += usize::from(answer.status > 500);
                    let repeatable = !matches!(exchange.ask, Ask::Cancel { .. });
                    let dark = blackouts.iter().any(|fault| {
                        fault.began_us <= exchange.ended_us
                            && exchange.sent_us <= fault.ended_us + RECOVERY_US
                    });
                    traffic.turned_away += usize::from(answer.status > 500 && repeatable && !dark);
                    traffic.torn += usize::from(answer.status == 400 && !exchange.bad_line);
                    let took_us = exchange.ended_us - exchange.sent_us;
                    if !exchange.bad_line && took_us > traffic.slowest_us {
                        traffic.slowest_us = took_us;
                        traffic.slowest = format!("{}, {}", exchange.ask, answer.status);
                    }
                }
                Outcome::LeftEarly => traffic.left_early += 1,
                Outcome::Broken { .. } | Outcome::Overdue => traffic.broken += 1,
            }
        }
        placed_us.sort_unstable();
        let pauses = placed_us.windows(2).map(|pair| pair[1] - pair[0]);
        traffic.pause_us = pauses.max().unwrap_or_default();
        traffic.repeats = placings.values().map(|sent| sent - 1).sum();
        traffic
    }
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let row = |f: &mut fmt::Formatter<'_>, name: &str, value: &dyn fmt::Display| {
            writeln!(f, "  {name:<32} {value:>8}")
        };
        writeln!(f, "seed {}, {:.0} s", self.seed, self.took.as_secs_f64())?;
        writeln!(f, "\nfaults that happened, of those begun")?;
        for (kind, (happened, begun)) in &self.faults {
            row(f, kind, &format!("{happened}/{begun}"))?;
        }
        for why in &self.left_out {
            writeln!(f, "  {why}")?;
        }
        writeln!(f, "\ncustomers, staff and listeners")?;
        let traffic = &self.traffic;
        row(f, "requests", &traffic.requests)?;
        row(f, "  answered 502, 503 or 504", &traffic.unavailable)?;
        row(f, "    with a replica left alone", &traffic.turned_away)?;
        row(f, "  answered 400, half was missing", &traffic.torn)?;
        row(f, "  left by the customer", &traffic.left_early)?;
        row(f, "  broken on the way", &traffic.broken)?;
        row(f, "orders: acknowledged", &self.ended(End::Done))?;
        row(f, "orders: failed", &self.ended(End::Failed))?;
        row(f, "orders: unknown", &self.ended(End::Unknown))?;
        row(f, "repeats of an order", &traffic.repeats)?;
        let slowest_ms = format!("{} ms", traffic.slowest_us / 1_000);
        row(f, "slowest answer", &slowest_ms)?;
        writeln!(f, "    ({})", traffic.slowest)?;
        let pause_ms = format!("{} ms", traffic.pause_us / 1_000);
        row(f, "longest time without an order", &pause_ms)?;
        row(f, "steps of staff: taken", &traffic.steps.taken)?;
        row(f, "  refused", &traffic.steps.refused)?;
        row(f, "  repeated", &traffic.steps.repeats)?;
        row(f, "orders listened for", &traffic.listened)?;
        row(f, "  streams opened", &traffic.streams)?;
        row(f, "  events heard", &traffic.news)?;
        writeln!(f, "\nfindings: {}", self.findings.len())?;
        let mut by_name: BTreeMap<&str, Vec<&Finding>> = BTreeMap::new();
        for finding in &self.findings {
            by_name.entry(finding.name()).or_default().push(finding);
        }
        for (name, findings) in by_name {
            row(f, name, &findings.len())?;
            for finding in findings.iter().take(SHOWN) {
                writeln!(f, "    {finding}")?;
            }
        }
        if let Some(kept) = &self.kept {
            writeln!(f, "\nkept: {}", kept.display())?;
        }
        Ok(())
    }
}

/// After a blackout, until the replicas are known to be there.
const RECOVERY_US: u64 = 3_000_000;
/// In the name of each fault of theirs.
const PROVIDERS: &str = "providers";
/// Of one kind; the others are in the kept folder.
const SHOWN: usize = 5;
