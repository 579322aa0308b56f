//! Drills: marked test orders through this server's own gateway, a fault on one replica, and what customers would have noticed.
//!
//! `run` is one from its first order to its last answer, `faults` what is done to the replica, `counting` what the store has in
//! the end, `reckoning` what all that comes to. One at a time; the last one is kept until the next. Never knows what an order
//! is: a replica makes each from its key.

mod counting;
mod faults;
mod reckoning;
mod run;

use std::sync::{Arc, Mutex};

use model::drill::{Drill, DrillFault, DrillPhase, DrillPlan, DrillResult};
use model::status::{AdminState, EventKind, Health};
use process::clock::SharedClock;
use process::secret::to_hex;
use registry::Registry;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use crate::events::Events;
use crate::gateway::{Fleet, Gateway, PanelView};
use crate::sync::locked;
use reckoning::Tally;

/// What a drill works with.
#[derive(Clone)]
pub struct Parts {
    pub clock: SharedClock,
    pub fleet: Arc<Fleet>,
    pub gateway: Arc<Gateway>,
    pub events: Arc<Events>,
    pub registry: Arc<dyn Registry>,
}

pub struct Drills {
    parts: Parts,
    stop: CancellationToken,
    last: Mutex<Option<Arc<Running>>>,
    tasks: TaskTracker,
}

/// Why a drill is not started, for people.
#[derive(Debug, PartialEq, Eq)]
pub enum NotStarted {
    AlreadyRuns,
    /// The replica that was named, or all of them.
    NotAvailable(Option<String>),
    /// Nobody would be left to take orders.
    NoOther(String),
    /// The system gives no random bytes.
    NoName,
}

impl Drills {
    /// `stop` ends the one that runs, as cancelling it does.
    pub fn new(parts: Parts, stop: CancellationToken) -> Self {
        Self {
            parts,
            stop,
            last: Mutex::default(),
            tasks: TaskTracker::new(),
        }
    }

    /// Starts one that runs by itself from here on. The plan's figures must be within their bounds.
    ///
    /// # Errors
    /// If one runs, or the plan cannot be carried out without harm to customers.
    pub fn start(&self, plan: DrillPlan) -> Result<Drill, NotStarted> {
        let mut last = locked(&self.last);
        if last.as_ref().is_some_and(|last| last.is_going_on()) {
            return Err(NotStarted::AlreadyRuns);
        }
        let replica = self.target(&plan)?;
        let mut random = [0; 8];
        getrandom::fill(&mut random).map_err(|_| NotStarted::NoName)?;
        let running = Arc::new(Running {
            run: to_hex(&random),
            cancel: self.stop.child_token(),
            state: Mutex::new(State {
                tally: Tally::default(),
                phase: DrillPhase::Running,
                started_at_ms: self.parts.clock.now_ms(),
                fault_ms: None,
                fault_failed: None,
                sent: 0,
                result: None,
            }),
            plan: DrillPlan {
                replica: Some(replica),
                ..plan
            },
        });
        *last = Some(Arc::clone(&running));
        drop(last);
        self.parts
            .tell(&running, format!("drill: {}", sentence(&running.plan)));
        let drill = running.show();
        self.tasks.spawn(run::run(running, self.parts.clone()));
        Ok(drill)
    }

    /// The replica that the fault is done to.
    fn target(&self, plan: &DrillPlan) -> Result<String, NotStarted> {
        let view = PanelView::from(self.parts.fleet.snapshot());
        let available: Vec<&str> = view
            .replicas
            .iter()
            .filter(|it| it.health == Health::Available && it.admin_state == AdminState::Up)
            .map(|it| it.id.as_str())
            .collect();
        let primary = view.primary.map(|primary| primary.replica);
        let wanted = plan.replica.clone().or(primary);
        match wanted {
            Some(id) if available.contains(&id.as_str()) => {
                if plan.fault != DrillFault::None && available.len() < 2 {
                    return Err(NotStarted::NoOther(id));
                }
                Ok(id)
            }
            _ => Err(NotStarted::NotAvailable(plan.replica.clone())),
        }
    }

    /// The one that runs, or the last one.
    pub fn current(&self) -> Option<Drill> {
        locked(&self.last).as_ref().map(|last| last.show())
    }

    /// Ends the one that runs before its time: what it switched is switched back, what it sent is counted.
    pub fn cancel(&self) {
        if let Some(last) = locked(&self.last).as_ref() {
            last.cancel.cancel();
        }
    }

    /// Until the one that runs has ended.
    pub async fn ended(&self) {
        self.tasks.close();
        self.tasks.wait().await;
    }
}

/// One drill while it runs, and after.
struct Running {
    /// Tells its orders from those of other drills.
    run: String,
    plan: DrillPlan,
    cancel: CancellationToken,
    state: Mutex<State>,
}

struct State {
    tally: Tally,
    phase: DrillPhase,
    started_at_ms: i64,
    fault_ms: Option<u32>,
    fault_failed: Option<String>,
    sent: u32,
    result: Option<DrillResult>,
}

impl Running {
    fn is_going_on(&self) -> bool {
        matches!(
            locked(&self.state).phase,
            DrillPhase::Running | DrillPhase::Counting
        )
    }

    fn replica(&self) -> &str {
        self.plan.replica.as_deref().unwrap_or_default()
    }

    fn show(&self) -> Drill {
        let state = locked(&self.state);
        Drill {
            plan: self.plan.clone(),
            phase: state.phase,
            started_at_ms: state.started_at_ms,
            fault_ms: state.fault_ms,
            fault_failed: state.fault_failed.clone(),
            sent: state.sent,
            acknowledged: state.tally.acknowledged,
            failed: state.tally.failed,
            slowest_ms: state.tally.slowest_ms,
            series: state.tally.series.clone(),
            result: state.result.clone(),
        }
    }
}

impl Parts {
    fn tell(&self, running: &Running, message: String) {
        self.events
            .tell(EventKind::Drill, Some(running.replica()), message, None);
    }
}

fn sentence(plan: &DrillPlan) -> String {
    let DrillPlan {
        rate_per_second,
        seconds,
        ..
    } = plan;
    let replica = plan.replica.as_deref().unwrap_or_default();
    let then = match plan.fault {
        DrillFault::None => "nothing is broken".to_owned(),
        DrillFault::Kill => format!("{replica} is killed after a third"),
        DrillFault::Hang => format!("{replica} hangs for a moment after a third"),
        DrillFault::Down => format!("{replica} is switched down for the second third"),
        DrillFault::Drain => format!("{replica} drains for the second third"),
    };
    format!("{rate_per_second} test orders a second for {seconds} s; {then}")
}
