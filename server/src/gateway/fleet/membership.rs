//! Applies the registry to the fleet: replicas join, leave, are replaced, are switched, and lose or regain their leases.

use std::sync::Arc;

use model::status::AdminState;
use registry::{Registration, Registry, Snapshot};
use tokio::time::Instant;

use super::Fleet;
use super::fleet_state::{FleetState, Member};
use crate::gateway::balance::Target;
use crate::gateway::config::REGISTRY_GRACE;
use crate::gateway::discovery::{self, RegistryChange, leases};
use crate::gateway::health::{HealthMonitor, OutlierDetector};
use crate::gateway::report::fleet_events::FleetEvent;
use crate::gateway::upstream::Endpoint;
use crate::sync::lock;

impl Fleet {
    /// Applies an operator's switch that the registry has accepted, without waiting for the next snapshot.
    pub fn apply_switch(&self, registration: &Registration) {
        let mut state = lock(&self.state);
        self.switch(&mut state, &registration.id, registration.admin_state);
        self.elect(&mut state);
    }

    /// Adds the replicas whose leases expired recently, if no replica has a lease. For a server that starts: before [`Fleet::run`].
    pub async fn add_replicas_without_lease(&self, registry: &dyn Registry) {
        if !lock(&self.state).members.is_empty() {
            return;
        }
        let lapsed = leases::lately_lapsed(registry).await;
        let mut state = lock(&self.state);
        for registration in discovery::replicas_in(&lapsed) {
            self.publish(FleetEvent::joined_without_lease(&registration.id));
            let mut member = self.new_member(registration);
            member.lease_expired = true;
            state.members.push(member);
        }
        self.elect(&mut state);
    }

    /// Applies the registry's latest snapshot.
    pub(super) fn apply_snapshot(&self) {
        let snapshot = self.registry.borrow().clone();
        let mut state = lock(&self.state);
        self.apply_readability(&mut state, &snapshot);
        let known: Vec<Registration> = state
            .members
            .iter()
            .map(|member| member.registration.clone())
            .collect();
        for change in discovery::registry_changes_since(&known, &snapshot.registrations) {
            match change {
                RegistryChange::Joined(new) => {
                    self.publish(FleetEvent::joined(&new.id));
                    state.members.push(self.new_member(new));
                }
                RegistryChange::Replaced(new) => {
                    state.remove(&new.id);
                    self.publish(FleetEvent::replaced(&new.id));
                    state.members.push(self.new_member(new));
                }
                RegistryChange::Left { id } if state.has_grace(id) => {}
                RegistryChange::Left { id } if self.keep_without_lease(&mut state, id) => {}
                RegistryChange::Left { id } => {
                    if let Some(member) = state.remove(id) {
                        self.publish(FleetEvent::left(id, member.detector.is_unresponsive()));
                    }
                }
                RegistryChange::Switched { id, to } => self.switch(&mut state, id, to),
            }
        }
        for member in &mut state.members {
            if let Some(new) = find_registration(&snapshot, &member.registration) {
                member.registration.position = new.position;
                member.lease_expired = false;
            }
        }
        state
            .members
            .sort_by_key(|member| member.registration.position);
        self.elect(&mut state);
    }

    /// Copies the leases' ends from the registry, which are no change of the fleet; returns whether a replica has lost its lease.
    pub(super) fn renew_leases(&self) -> bool {
        let mut state = lock(&self.state);
        let snapshot = self.registry.borrow();
        for member in &mut state.members {
            if let Some(new) = find_registration(&snapshot, &member.registration) {
                member.registration.expires_at_ms = new.expires_at_ms;
            }
        }
        state.members.iter().any(|member| member.lease_expired)
    }

    fn new_member(&self, registration: &Registration) -> Member {
        let config = &self.config;
        let endpoint = Arc::new(Endpoint::new(
            registration.id.clone(),
            registration.address.clone(),
            config.hedge,
        ));
        let monitor = HealthMonitor::spawn(
            &endpoint,
            config.health.clone(),
            config.credential.clone(),
            self.no_healthy_upstream.subscribe(),
            self.reports.clone(),
        );
        Member {
            registration: registration.clone(),
            target: Target::new(endpoint, config.limit),
            detector: OutlierDetector::default(),
            since_ms: self.clock.now_ms(),
            report: None,
            gone_since: None,
            lease_expired: false,
            monitor,
        }
    }

    fn switch(&self, state: &mut FleetState, id: &str, to: AdminState) {
        let mut members = state.members.iter_mut();
        let Some(member) = members.find(|member| member.registration.id == id) else {
            return;
        };
        if member.registration.admin_state == to {
            return;
        }
        member.registration.admin_state = to;
        // The operator's switch, and no longer a failure, is now the reason for which the replica is unavailable.
        if to != AdminState::Up {
            member.gone_since = None;
        }
        self.publish(FleetEvent::switched(id, to));
    }

    /// Whether a replica that the registry no longer lists stays in use; reports it the first time.
    fn keep_without_lease(&self, state: &mut FleetState, id: &str) -> bool {
        let now_ms = self.clock.now_ms();
        let mut members = state.members.iter_mut();
        let Some(member) = members.find(|member| member.registration.id == id) else {
            return false;
        };
        let health = member.detector.health();
        if !leases::outlives_its_lease(&member.registration, health, member.since_ms, now_ms) {
            return false;
        }
        if !std::mem::replace(&mut member.lease_expired, true) {
            self.publish(FleetEvent::lease_expired(id));
        }
        true
    }

    /// Reports that the registry became unreadable or readable, and begins the grace period for leases that could not be renewed.
    fn apply_readability(&self, state: &mut FleetState, snapshot: &Snapshot) {
        match (snapshot.readable, state.registry_lost_at) {
            (false, None) => {
                state.registry_lost_at = Some(Instant::now());
                self.publish(FleetEvent::registry_lost());
            }
            (true, Some(lost_at)) => {
                state.registry_lost_at = None;
                state.grace_until = Some(Instant::now() + REGISTRY_GRACE);
                self.publish(FleetEvent::registry_back(lost_at.elapsed()));
            }
            _ => {}
        }
    }
}

fn find_registration<'a>(snapshot: &'a Snapshot, known: &Registration) -> Option<&'a Registration> {
    snapshot
        .replicas()
        .find(|new| discovery::is_same_process(known, new))
}
