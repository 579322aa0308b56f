//! Drills: marked test orders through this server's own gateway, a fault on one replica, and figures of what customers would have
//! noticed.
//!
//! `execute` runs one from its first order to its last response, `faults` injects the fault and undoes it, `audit` compares the
//! orders with the store, and `stats` computes the figures. One drill runs at a time, and the last one is kept until the next. Must
//! not know what an order contains: a replica makes each from its key.

mod audit;
mod execute;
mod faults;
mod run;
mod stats;

use std::sync::{Arc, Mutex};

use model::drill::{Drill, DrillFault, DrillPlan};
use model::status::{AdminState, Health};
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use crate::gateway::PanelView;
use crate::sync::lock;
use execute::execute_drill;
use run::DrillRun;

pub use run::DrillContext;

pub struct Drills {
    context: DrillContext,
    stop: CancellationToken,
    last: Mutex<Option<Arc<DrillRun>>>,
    tasks: TaskTracker,
}

/// Why a drill is not started.
#[derive(Debug, PartialEq, Eq)]
pub enum StartError {
    AlreadyRunning,
    /// Holds the replica that was chosen; `None` if no replica is available.
    NotAvailable(Option<String>),
    /// The replica is the only one, so that a fault would leave none to take orders.
    OnlyReplica(String),
    NoRandomBytes,
}

impl Drills {
    /// `stop` cancels the drill that runs.
    pub fn new(context: DrillContext, stop: CancellationToken) -> Self {
        Self {
            context,
            stop,
            last: Mutex::default(),
            tasks: TaskTracker::new(),
        }
    }

    /// Starts a drill, which then runs by itself. The plan's figures must be within their bounds.
    ///
    /// # Errors
    /// If a drill is running, or the plan would leave customers without a replica.
    pub fn start(&self, plan: DrillPlan) -> Result<Drill, StartError> {
        let mut last = lock(&self.last);
        if last.as_ref().is_some_and(|last| last.is_running()) {
            return Err(StartError::AlreadyRunning);
        }
        let replica = self.choose_replica(&plan)?;
        let mut random = [0; 8];
        getrandom::fill(&mut random).map_err(|_| StartError::NoRandomBytes)?;
        let plan = DrillPlan {
            replica: Some(replica),
            ..plan
        };
        let started_at_ms = self.context.clock.now_ms();
        let run = DrillRun::new(
            hex::encode(random),
            plan,
            self.stop.child_token(),
            started_at_ms,
        );
        *last = Some(Arc::clone(&run));
        drop(last);
        self.context
            .record(&run, format!("drill: {}", describe(&run.plan)));
        let drill = run.snapshot();
        self.tasks.spawn(execute_drill(run, self.context.clone()));
        Ok(drill)
    }

    /// The replica of the plan, or else the primary.
    fn choose_replica(&self, plan: &DrillPlan) -> Result<String, StartError> {
        let view = PanelView::from(self.context.fleet.snapshot());
        let available: Vec<&str> = view
            .replicas
            .iter()
            .filter(|it| it.health == Health::Available && it.admin_state == AdminState::Up)
            .map(|it| it.id.as_str())
            .collect();
        let primary = view.primary.map(|primary| primary.replica);
        let chosen = plan.replica.clone().or(primary);
        match chosen {
            Some(id) if available.contains(&id.as_str()) => {
                if plan.fault != DrillFault::None && available.len() < 2 {
                    return Err(StartError::OnlyReplica(id));
                }
                Ok(id)
            }
            _ => Err(StartError::NotAvailable(plan.replica.clone())),
        }
    }

    /// The drill that runs, or else the last one.
    pub fn current(&self) -> Option<Drill> {
        lock(&self.last).as_ref().map(|last| last.snapshot())
    }

    /// Ends the drill that runs early: its fault is undone, and the orders sent are counted.
    pub fn cancel(&self) {
        if let Some(last) = lock(&self.last).as_ref() {
            last.cancel.cancel();
        }
    }

    /// Waits until no drill runs. None may be started afterwards.
    pub async fn finished(&self) {
        self.tasks.close();
        self.tasks.wait().await;
    }
}

fn describe(plan: &DrillPlan) -> String {
    let DrillPlan {
        rate_per_second,
        seconds,
        ..
    } = plan;
    let replica = plan.replica.as_deref().unwrap_or_default();
    let fault = match plan.fault {
        DrillFault::None => "nothing is broken".to_owned(),
        DrillFault::Kill => format!("{replica} is killed after a third"),
        DrillFault::Hang => format!("{replica} hangs for a moment after a third"),
        DrillFault::Down => format!("{replica} is switched down for the second third"),
        DrillFault::Drain => format!("{replica} drains for the second third"),
    };
    format!("{rate_per_second} test orders a second for {seconds} s; {fault}")
}
