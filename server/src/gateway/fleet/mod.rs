//! The replicas as this server knows them: registry, health and traffic brought together, and which one is primary.
//!
//! The one place that holds the gateway's state. The decisions are pure functions of `discovery`, `health` and `balance`. The
//! health tasks report over a channel, requests call `record_answer` and `record_failure`. Sends nothing itself, and must not know
//! how a request is dispatched.

mod fleet_state;
mod membership;

use std::sync::{Arc, Mutex, Weak};
use std::time::Duration;

use model::status::{Health, RegistryStatus, ReplicaReport};
use process::clock::SharedClock;
use registry::Snapshot;
use tokio::sync::{mpsc, watch};
use tokio::time::Instant;

use super::balance::{RoutingTable, Target};
use super::config::{GatewayConfig, HOUSEKEEPING_INTERVAL};
use super::health::{self, HealthReport, HealthTier, Observation};
use super::report::FleetSnapshot;
use super::report::failover_stats::FailoverStats;
use super::report::fleet_events::FleetEvent;
use super::upstream::Endpoint;
use crate::fleet_history::FleetHistory;
use crate::sync::lock;
use fleet_state::FleetState;

pub struct Fleet {
    clock: SharedClock,
    events: Arc<FleetHistory>,
    config: GatewayConfig,
    registry: watch::Receiver<Snapshot>,
    state: Mutex<FleetState>,
    failovers: Mutex<FailoverStats>,
    table: watch::Sender<Arc<RoutingTable>>,
    no_healthy_upstream: watch::Sender<bool>,
    /// The health tasks' end of the channel, copied for each new replica.
    reports: mpsc::UnboundedSender<HealthReport>,
}

impl Fleet {
    /// Applies the registry's present snapshot and starts health checks; [`Fleet::run`] follows the registry from there.
    pub fn new(
        registry: watch::Receiver<Snapshot>,
        config: GatewayConfig,
        clock: SharedClock,
        events: Arc<FleetHistory>,
    ) -> Arc<Self> {
        let (reports, receiver) = health::report_channel();
        let fleet = Arc::new(Self {
            clock,
            events,
            config,
            registry,
            state: Mutex::default(),
            failovers: Mutex::default(),
            table: watch::Sender::default(),
            no_healthy_upstream: watch::Sender::new(true),
            reports,
        });
        // A task of its own, so that nothing delays a report.
        tokio::spawn(apply_reports(receiver, Arc::downgrade(&fleet)));
        fleet.apply_snapshot();
        fleet
    }

    /// Follows the registry and reports finished failovers, for as long as it is polled.
    pub async fn run(self: Arc<Self>) {
        let mut registry = self.registry.clone();
        registry.mark_changed();
        let mut housekeeping = tokio::time::interval(HOUSEKEEPING_INTERVAL);
        loop {
            tokio::select! {
                changed = registry.changed() => {
                    if changed.is_err() {
                        return;
                    }
                    self.apply_snapshot();
                }
                _ = housekeeping.tick() => {
                    self.report_failovers();
                    let grace_ended = lock(&self.state).end_grace(Instant::now());
                    if self.renew_leases() || grace_ended {
                        self.apply_snapshot();
                    }
                }
            }
        }
    }

    pub fn table(&self) -> Arc<RoutingTable> {
        Arc::clone(&self.table.borrow())
    }

    /// Waits until there is a healthy upstream, or `limit` is over.
    pub async fn until_healthy_upstream(&self, limit: Duration) {
        let mut table = self.table.subscribe();
        let available = table.wait_for(|table| !table.is_empty());
        // The caller looks at the table again in either case.
        let _ = tokio::time::timeout(limit, available).await;
    }

    /// Waits until the table has a target for a second attempt besides `used`: one that is not suspect, or one on probation.
    pub async fn until_alternative(&self, used: &[Arc<Target>]) -> Arc<Target> {
        let mut table = self.table.subscribe();
        loop {
            if let Some(target) = table.borrow_and_update().best_besides(used) {
                return Arc::clone(target);
            }
            if table.changed().await.is_err() {
                return std::future::pending().await;
            }
        }
    }

    /// Applies that a replica answered a request. Free of locks while none of its requests fails.
    pub fn record_answer(&self, endpoint: &Arc<Endpoint>) {
        if endpoint.is_failing() {
            self.observe(endpoint, Observation::RequestAnswered, None);
        }
    }

    /// Applies how a request failed on a replica, and has the replica checked at once.
    pub fn record_failure(&self, endpoint: &Arc<Endpoint>, observation: Observation) {
        self.observe(endpoint, observation, None);
        if let Some(member) = lock(&self.state).member_of(endpoint) {
            member.monitor.request_check();
        }
    }

    /// Counts a request that failed on `from` and was answered by `to`.
    pub fn record_moved(&self, from: &Endpoint, to: &Endpoint, took: Duration) {
        lock(&self.failovers).record_moved(&from.id, &to.id, took, Instant::now());
    }

    /// Counts a request that failed on `from` and was not answered by any replica.
    pub fn record_lost(&self, from: &Endpoint) {
        lock(&self.failovers).record_failed(&from.id, Instant::now());
    }

    /// The address of a replica.
    pub fn address_of(&self, id: &str) -> Option<String> {
        let state = lock(&self.state);
        let mut members = state.members.iter();
        let member = members.find(|member| member.registration.id == id)?;
        Some(member.registration.address.clone())
    }

    /// Copies the state for reports.
    pub fn snapshot(&self) -> FleetSnapshot {
        let registry = {
            let snapshot = self.registry.borrow();
            RegistryStatus {
                readable: snapshot.readable,
                snapshot_at_ms: snapshot.read_at_ms,
            }
        };
        let state = lock(&self.state);
        FleetSnapshot {
            registry,
            primary: state.primary_status(),
            replicas: state
                .members
                .iter()
                .map(fleet_state::Member::snapshot)
                .collect(),
        }
    }

    /// Reports a process that was stopped while it held a database's lock, and which process ended it.
    pub fn report_ended_process(&self, process_id: u32, by: &str) {
        let ended = {
            let snapshot = self.registry.borrow();
            let mut registrations = snapshot.registrations.iter();
            // A successor may have taken over its id in the registry already, under another process id.
            registrations
                .find(|registration| registration.process_id == process_id)
                .cloned()
        };
        let event = FleetEvent::lock_holder_ended(process_id, ended.as_ref(), by);
        self.publish(event);
    }

    fn observe(
        &self,
        endpoint: &Arc<Endpoint>,
        observation: Observation,
        report: Option<ReplicaReport>,
    ) {
        let now = Instant::now();
        let mut state = lock(&self.state);
        let Some(member) = state.member_of(endpoint) else {
            return;
        };
        if let Some(report) = report {
            if let Some(process_id) = member.newly_ended_process(&report) {
                self.report_ended_process(process_id, &report.id);
            }
            member.report = Some(report);
        }
        let health_before = member.detector.health();
        let changed = member.detector.observe(observation, now);
        endpoint.set_failing(member.detector.is_failing());
        if !changed {
            return;
        }
        // Hedges the requests in flight on a replica that disappeared without deregistering: its machine may be gone, and they
        // would wait for a timeout.
        let detector = &member.detector;
        endpoint.set_suspect(detector.is_unresponsive() || detector.tier() == HealthTier::Suspect);
        let health = detector.health();
        if health != health_before {
            member.since_ms = self.clock.now_ms();
            if let Some(event) = member.apply_health_change(health_before, now) {
                self.publish(event);
            }
        }
        if health_before == Health::Starting && health == Health::Available {
            // Ranks all replicas anew, because the order in which their first checks end is random: a server that has just started
            // then elects the same primary as the others.
            let position = member.registration.position;
            state.depose_primary_after(position);
        }
        self.elect(&mut state);
    }

    /// Elects anew and publishes the routing table.
    fn elect(&self, state: &mut FleetState) {
        let election = state.elect(self.clock.now_ms());
        if let Some((from, to)) = election.primary_moved {
            lock(&self.failovers).record_new_primary(&from, &to, Instant::now());
        }
        let is_empty = election.table.is_empty();
        self.no_healthy_upstream
            .send_if_modified(|current| std::mem::replace(current, is_empty) != is_empty);
        if is_empty {
            // Checks follow each other without a pause from here on; this ends the pauses that have begun.
            for member in &state.members {
                member.monitor.request_check();
            }
        }
        self.table.send_replace(Arc::new(election.table));
        self.events.notify();
    }

    fn report_failovers(&self) {
        // Both locks are never held at once here: elections take the second while they hold the first.
        let finished = lock(&self.failovers).take_finished(Instant::now());
        for failover in finished {
            let from = {
                let state = lock(&self.state);
                let mut members = state.members.iter();
                let member = members.find(|member| member.registration.id == failover.from);
                member.map(fleet_state::Member::snapshot)
            };
            self.publish(FleetEvent::failed_over(&failover, from.as_ref()));
        }
    }

    fn publish(&self, event: FleetEvent) {
        let replica = event.replica.as_deref();
        self.events
            .record(event.kind, replica, event.message, event.took_ms);
    }
}

/// Applies what the health tasks report, in the order in which they report it, until the fleet is gone.
async fn apply_reports(mut reports: mpsc::UnboundedReceiver<HealthReport>, fleet: Weak<Fleet>) {
    while let Some(report) = reports.recv().await {
        let Some(fleet) = fleet.upgrade() else { return };
        fleet.observe(&report.endpoint, report.observation, report.replica_report);
    }
}
