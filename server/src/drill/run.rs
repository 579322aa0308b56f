//! The state of one drill, while it runs and after.

use std::sync::{Arc, Mutex};

use model::drill::{Drill, DrillPhase, DrillPlan, DrillResult};
use model::status::EventKind;
use process::clock::SharedClock;
use registry::Registry;
use tokio_util::sync::CancellationToken;

use super::stats::OrderStats;
use crate::fleet_history::FleetHistory;
use crate::gateway::{Fleet, Gateway};
use crate::sync::lock;

/// The parts of the server that a drill uses.
#[derive(Clone)]
pub struct DrillContext {
    pub clock: SharedClock,
    pub fleet: Arc<Fleet>,
    pub gateway: Arc<Gateway>,
    pub history: Arc<FleetHistory>,
    pub registry: Arc<dyn Registry>,
}

pub struct DrillRun {
    /// Random; part of the keys of the drill's orders, which distinguishes them from those of other drills.
    pub id: String,
    pub plan: DrillPlan,
    pub cancel: CancellationToken,
    pub state: Mutex<RunState>,
}

pub struct RunState {
    pub stats: OrderStats,
    pub phase: DrillPhase,
    pub started_at_ms: i64,
    pub fault_ms: Option<u32>,
    pub fault_failed: Option<String>,
    pub sent: u32,
    pub result: Option<DrillResult>,
}

impl DrillRun {
    pub fn new(
        id: String,
        plan: DrillPlan,
        cancel: CancellationToken,
        started_at_ms: i64,
    ) -> Arc<Self> {
        Arc::new(Self {
            id,
            plan,
            cancel,
            state: Mutex::new(RunState {
                stats: OrderStats::default(),
                phase: DrillPhase::Running,
                started_at_ms,
                fault_ms: None,
                fault_failed: None,
                sent: 0,
                result: None,
            }),
        })
    }

    pub fn is_running(&self) -> bool {
        matches!(
            lock(&self.state).phase,
            DrillPhase::Running | DrillPhase::Counting
        )
    }

    /// Id of the replica that the fault is injected into.
    pub fn replica(&self) -> &str {
        self.plan.replica.as_deref().unwrap_or_default()
    }

    pub fn snapshot(&self) -> Drill {
        let state = lock(&self.state);
        Drill {
            plan: self.plan.clone(),
            phase: state.phase,
            started_at_ms: state.started_at_ms,
            fault_ms: state.fault_ms,
            fault_failed: state.fault_failed.clone(),
            sent: state.sent,
            acknowledged: state.stats.acknowledged,
            failed: state.stats.failed,
            slowest_ms: state.stats.slowest_ms,
            series: state.stats.series.clone(),
            result: state.result.clone(),
        }
    }
}

impl DrillContext {
    pub fn record(&self, run: &DrillRun, message: String) {
        self.history
            .record(EventKind::Drill, Some(run.replica()), message, None);
    }
}
