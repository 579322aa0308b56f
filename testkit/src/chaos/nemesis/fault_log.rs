//! The nemesis's results: faults in the history with their evidence, counts, and violations that it observes itself.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use crate::chaos::fault_kind::FaultKind;
use crate::chaos::history::{Fault, HistoryRecorder, Record};
use crate::chaos::violation::Violation;

/// How often faults of one kind were injected.
#[derive(Clone, Copy, Debug, Default)]
pub struct FaultCount {
    pub injected: u32,
    /// Those with evidence of an effect.
    pub effective: u32,
}

pub struct FaultLog {
    history: Arc<HistoryRecorder>,
    pub counts: BTreeMap<String, FaultCount>,
    /// Why some kinds cannot be injected on this machine.
    pub skipped: BTreeSet<&'static str>,
    pub violations: Vec<Violation>,
}

impl FaultLog {
    pub fn new(history: Arc<HistoryRecorder>) -> Self {
        Self {
            history,
            counts: BTreeMap::new(),
            skipped: BTreeSet::new(),
            violations: Vec::new(),
        }
    }

    pub fn now_us(&self) -> u64 {
        self.history.now_us()
    }

    /// Records a fault that has ended.
    pub fn record(
        &mut self,
        kind: FaultKind,
        target: String,
        began_us: u64,
        evidence: Option<String>,
    ) -> anyhow::Result<()> {
        let kind = kind.to_string();
        let count = self.counts.entry(kind.clone()).or_default();
        count.injected += 1;
        count.effective += u32::from(evidence.is_some());
        self.history.record(Record::Fault(Fault {
            kind,
            target,
            began_us,
            ended_us: self.history.now_us(),
            evidence,
        }))
    }

    pub fn add_not_recovered(&mut self, description: String) {
        self.violations
            .push(Violation::NotRecovered { description });
    }
}
