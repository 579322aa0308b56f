//! The replicas as this server knows them: registry, health and traffic brought together, and who is primary.
//!
//! The one place that holds the gateway's state. What to make of it is decided by pure parts: `discovery`, `health`,
//! `selection`, `failover`. Sends nothing itself.

use std::sync::{Arc, Mutex, Weak};
use std::time::Duration;

use model::status::{AdminState, EventKind, Health, ReplicaReport};
use process::clock::SharedClock;
use registry::{Registration, Snapshot};
use tokio::sync::watch;
use tokio::time::Instant;
use tokio_util::task::AbortOnDropHandle;

use super::budget::Budget;
use super::checks::{self, Asking, Finding};
use super::discovery::{self, Change};
use super::endpoint::Endpoint;
use super::failover::Ledger;
use super::health::{Judge, Observation, Standing};
use super::retry::Fault;
use super::selection::{self, Candidate};
use super::table::Table;
use crate::fleet_history::FleetHistory;
use crate::sync::lock;

/// How often finished failovers are looked for, and time pays for a repeat.
const TICK: Duration = Duration::from_millis(100);

pub struct Fleet {
    me: Weak<Self>,
    pub(super) clock: SharedClock,
    pub(super) events: Arc<FleetHistory>,
    asking: Asking,
    pub(super) registry: watch::Receiver<Snapshot>,
    pub(super) state: Mutex<State>,
    pub(super) ledger: Mutex<Ledger>,
    pub(super) budget: Budget,
    table: watch::Sender<Arc<Table>>,
}

#[derive(Default)]
pub(super) struct State {
    /// In the order of registration.
    pub members: Vec<Member>,
    pub primary: Option<Elected>,
    pub registry_lost: Option<Instant>,
    pub grace_until: Option<Instant>,
}

pub(super) struct Member {
    pub registration: Registration,
    pub endpoint: Arc<Endpoint>,
    pub judge: Judge,
    pub since_ms: i64,
    pub report: Option<ReplicaReport>,
    /// Since when it has been told as gone.
    pub gone: Option<Instant>,
    /// Its lease ran out, although it answers.
    pub lapsed: bool,
    _checks: AbortOnDropHandle<()>,
}

pub(super) struct Elected {
    pub endpoint: Arc<Endpoint>,
    pub since_ms: i64,
}

impl Fleet {
    /// Takes in what the registry says now; [`Fleet::follow`] keeps up with it.
    pub fn new(
        registry: watch::Receiver<Snapshot>,
        asking: Asking,
        clock: SharedClock,
        events: Arc<FleetHistory>,
    ) -> Arc<Self> {
        let fleet = Arc::new_cyclic(|me| Self {
            me: Weak::clone(me),
            clock,
            events,
            asking,
            registry,
            state: Mutex::default(),
            ledger: Mutex::default(),
            budget: Budget::default(),
            table: watch::Sender::default(),
        });
        fleet.take_snapshot();
        fleet
    }

    /// Follows the registry and tells of failovers, for as long as it is polled.
    pub async fn follow(self: Arc<Self>) {
        let mut registry = self.registry.clone();
        registry.mark_changed();
        let mut tick = tokio::time::interval(TICK);
        loop {
            tokio::select! {
                changed = registry.changed() => {
                    if changed.is_err() {
                        return;
                    }
                    self.take_snapshot();
                }
                _ = tick.tick() => {
                    self.budget.pay_in_repeats(1);
                    self.tell_failovers();
                    if self.grace_is_over() | self.somebody_lapsed() {
                        self.take_snapshot();
                    }
                }
            }
        }
    }

    pub fn table(&self) -> Arc<Table> {
        Arc::clone(&self.table.borrow())
    }

    /// Nobody is available.
    pub fn is_deserted(&self) -> bool {
        self.table.borrow().preferred.is_empty()
    }

    /// Until somebody is available, or `limit` is over.
    pub async fn someone_available(&self, limit: Duration) {
        let mut table = self.table.subscribe();
        let available = table.wait_for(|table| !table.preferred.is_empty());
        // Over, or not: the caller looks at the table again.
        let _ = tokio::time::timeout(limit, available).await;
    }

    /// Waits until somebody may be asked who is not among `busy`, and not in doubt unless they are a last resort.
    pub async fn someone_else(&self, busy: &[Arc<Endpoint>]) -> Arc<Endpoint> {
        let mut table = self.table.subscribe();
        loop {
            if let Some(endpoint) = table.borrow_and_update().besides(busy) {
                return Arc::clone(endpoint);
            }
            if table.changed().await.is_err() {
                return std::future::pending().await;
            }
        }
    }

    pub fn answered(&self, endpoint: &Arc<Endpoint>) {
        if endpoint.is_wary() {
            self.observe(endpoint, Observation::Answered, None);
        }
    }

    pub fn failed(&self, endpoint: &Arc<Endpoint>, fault: Fault) {
        let observation = match fault {
            Fault::Refused => Observation::Refused,
            Fault::Broken => Observation::RequestBroken,
            Fault::TimedOut | Fault::Overtaken => Observation::RequestTimedOut,
            Fault::Busy | Fault::Exhausted | Fault::Overloaded => return,
        };
        self.observe(endpoint, observation, None);
        endpoint.ask_for_check();
    }

    pub fn checked(&self, endpoint: &Arc<Endpoint>, finding: Finding) {
        self.observe(endpoint, finding.observation, finding.report);
    }

    /// What heartbeat and traffic tell of it.
    pub fn heard(&self, endpoint: &Arc<Endpoint>, observation: Observation) {
        self.observe(endpoint, observation, None);
    }

    /// A request that failed on `from` was answered by `to`.
    pub fn moved(&self, from: &Endpoint, to: &Endpoint, took: Duration) {
        lock(&self.ledger).moved(&from.id, &to.id, took, Instant::now());
    }

    pub fn lost(&self, from: &Endpoint) {
        lock(&self.ledger).failed(&from.id, Instant::now());
    }

    /// The registry took the operator's switch; no need to wait for its next snapshot.
    pub fn switched(&self, registration: &Registration) {
        let mut state = lock(&self.state);
        self.switch(&mut state, &registration.id, registration.admin_state);
        self.elect(&mut state);
    }

    fn observe(
        &self,
        endpoint: &Arc<Endpoint>,
        observation: Observation,
        report: Option<ReplicaReport>,
    ) {
        let now = Instant::now();
        let mut state = lock(&self.state);
        if let Some(report) = &report {
            self.tell_ended(&state, endpoint, report);
        }
        let Some(member) = state
            .members
            .iter_mut()
            .find(|member| Arc::ptr_eq(&member.endpoint, endpoint))
        else {
            return;
        };
        if report.is_some() {
            member.report = report;
        }
        let health = member.judge.health();
        let changed = member.judge.observe(observation, now);
        endpoint.be_wary(member.judge.wary());
        if !changed {
            return;
        }
        // What is in flight on one that is gone without a word may wait for a machine that is not there.
        endpoint.distrust(member.judge.silent() || member.judge.standing() == Standing::Suspect);
        if member.judge.health() != health {
            member.since_ms = self.clock.now_ms();
            self.tell_health(member, health, now);
        }
        if health == Health::Starting && member.judge.health() == Health::Available {
            // Which replica's first check ends first is chance. With all of them judged anew, a server that has just started
            // comes to the same primary as the others.
            let position = member.registration.position;
            state.forget_primary_after(position);
        }
        self.elect(&mut state);
    }

    fn take_snapshot(&self) {
        let snapshot = self.registry.borrow().clone();
        let mut state = lock(&self.state);
        self.tell_registry(&mut state, &snapshot);
        let known: Vec<Registration> = state
            .members
            .iter()
            .map(|member| member.registration.clone())
            .collect();
        for change in discovery::changes(&known, &snapshot.registrations) {
            match change {
                Change::Joined(new) => self.join(&mut state, new, "joined"),
                Change::Replaced(new) => {
                    state.remove(&new.id);
                    self.join(&mut state, new, "joined again, as a new process");
                }
                Change::Left { id } if state.has_grace(id) => {}
                Change::Left { id } if self.stays_without_lease(&mut state, id) => {}
                Change::Left { id } => self.leave(&mut state, id),
                Change::Switched { id, to } => self.switch(&mut state, id, to),
            }
        }
        for member in &mut state.members {
            if let Some(new) = discovery::replicas(&snapshot.registrations)
                .find(|new| discovery::same(&member.registration, new))
            {
                member.registration.position = new.position;
                member.lapsed = false;
            }
        }
        state
            .members
            .sort_by_key(|member| member.registration.position);
        self.elect(&mut state);
    }

    pub(super) fn join(&self, state: &mut State, registration: &Registration, how: &str) {
        let id = registration.id.clone();
        let address = registration.address.clone();
        let Asking { late, limit, .. } = self.asking;
        let endpoint = Arc::new(Endpoint::new(id.clone(), address, late, limit));
        let message = format!("{id} {how}");
        self.events
            .record(EventKind::Joined, Some(&id), message, None);
        state.members.push(Member {
            registration: registration.clone(),
            endpoint: Arc::clone(&endpoint),
            judge: Judge::default(),
            since_ms: self.clock.now_ms(),
            report: None,
            gone: None,
            lapsed: false,
            _checks: checks::spawn(endpoint, Weak::clone(&self.me), self.asking.clone()),
        });
    }

    fn leave(&self, state: &mut State, id: &str) {
        let Some(member) = state.remove(id) else {
            return;
        };
        let message = if member.judge.silent() {
            format!("{id} is off the list: its lease ran out")
        } else {
            format!("{id} left")
        };
        self.events.record(EventKind::Left, Some(id), message, None);
    }

    fn switch(&self, state: &mut State, id: &str, to: AdminState) {
        let Some(member) = state
            .members
            .iter_mut()
            .find(|member| member.registration.id == id && member.registration.admin_state != to)
        else {
            return;
        };
        member.registration.admin_state = to;
        // From here on it is away because it was asked to be.
        if to != AdminState::Up {
            member.gone = None;
        }
        let message = match to {
            AdminState::Up => format!("{id} switched up"),
            AdminState::Draining => format!("{id} is draining: it finishes what it has"),
            AdminState::Down => format!("{id} switched down"),
        };
        self.events
            .record(EventKind::Switched, Some(id), message, None);
    }

    /// Works out anew who gets requests, and publishes it.
    pub(super) fn elect(&self, state: &mut State) {
        let candidates: Vec<Candidate> = state
            .members
            .iter()
            .map(|member| Candidate {
                admin_state: member.registration.admin_state,
                standing: member.standing(),
            })
            .collect();
        let primary = state.primary.as_ref().and_then(|elected| {
            state
                .members
                .iter()
                .position(|member| Arc::ptr_eq(&member.endpoint, &elected.endpoint))
        });
        let order = selection::order(&candidates, primary);
        let last_resorts = order
            .iter()
            .filter(|index| candidates[**index].standing == Standing::LastResort)
            .count();
        let preferred: Vec<Arc<Endpoint>> = order
            .into_iter()
            .map(|index| Arc::clone(&state.members[index].endpoint))
            .collect();
        let elected = selection::primary(&candidates, primary)
            .map(|index| Arc::clone(&state.members[index].endpoint));
        let stays = match (&state.primary, &elected) {
            (Some(old), Some(new)) => Arc::ptr_eq(&old.endpoint, new),
            (None, None) => true,
            _ => false,
        };
        if !stays {
            if let (Some(old), Some(new)) = (&state.primary, &elected) {
                lock(&self.ledger).primary_moved(&old.endpoint.id, &new.id, Instant::now());
            }
            state.primary = elected.map(|endpoint| Elected {
                endpoint,
                since_ms: self.clock.now_ms(),
            });
        }
        if preferred.is_empty() {
            // From here on they are asked without a pause, those too that are in one.
            for member in &state.members {
                member.endpoint.ask_for_check();
            }
        }
        let table = Table::new(preferred, last_resorts);
        self.table.send_replace(Arc::new(table));
        self.events.notify();
    }

    fn grace_is_over(&self) -> bool {
        lock(&self.state)
            .grace_until
            .take_if(|until| *until <= Instant::now())
            .is_some()
    }
}

impl State {
    fn remove(&mut self, id: &str) -> Option<Member> {
        let mut members = self.members.iter();
        let index = members.position(|member| member.registration.id == id)?;
        Some(self.members.remove(index))
    }

    /// Whoever is primary gives way to those that registered before it.
    fn forget_primary_after(&mut self, position: i64) {
        let Some(elected) = &self.primary else { return };
        if self.members.iter().any(|member| {
            Arc::ptr_eq(&member.endpoint, &elected.endpoint)
                && member.registration.position > position
        }) {
            self.primary = None;
        }
    }

    fn has_grace(&self, id: &str) -> bool {
        self.grace_until.is_some_and(|until| Instant::now() < until)
            && self.members.iter().any(|member| {
                member.registration.id == id && member.judge.health() == Health::Available
            })
    }
}
