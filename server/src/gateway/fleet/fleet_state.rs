//! The fleet's state: the replicas with their health, and which of them is primary.
//!
//! Changes only through `&mut`; the fleet guards it by a lock. Sends nothing and publishes nothing.

use std::sync::Arc;
use std::time::Duration;

use model::status::{AdminState, EndedProcess, Health, Primary, ReplicaReport};
use registry::Registration;
use tokio::time::Instant;

use crate::gateway::balance::selection::{self, Candidate};
use crate::gateway::balance::{RoutingTable, Target};
use crate::gateway::health::{HealthMonitor, HealthTier, OutlierDetector};
use crate::gateway::report::ReplicaSnapshot;
use crate::gateway::report::fleet_events::FleetEvent;
use crate::gateway::upstream::Endpoint;

#[derive(Default)]
pub struct FleetState {
    /// In the order of registration.
    pub members: Vec<Member>,
    pub primary: Option<ElectedPrimary>,
    pub registry_lost_at: Option<Instant>,
    /// End of the grace period in which available replicas need no registration, because the registry was unreadable.
    pub grace_until: Option<Instant>,
}

/// A replica with its registration, its health and its latest report.
pub struct Member {
    pub registration: Registration,
    pub target: Arc<Target>,
    pub detector: OutlierDetector,
    /// Since when it has had its present health.
    pub since_ms: i64,
    /// The answer to the latest readiness check.
    pub report: Option<ReplicaReport>,
    /// When it was reported as gone; `None` while it is not.
    pub gone_since: Option<Instant>,
    /// Whether its lease has expired although it answers.
    pub lease_expired: bool,
    pub monitor: HealthMonitor,
}

pub struct ElectedPrimary {
    pub target: Arc<Target>,
    pub since_ms: i64,
}

/// What an election changed.
pub struct ElectionResult {
    pub table: RoutingTable,
    /// The ids of the former and the new primary, where there were both.
    pub primary_moved: Option<(String, String)>,
}

impl FleetState {
    pub fn member_of(&mut self, endpoint: &Arc<Endpoint>) -> Option<&mut Member> {
        let mut members = self.members.iter_mut();
        members.find(|member| Arc::ptr_eq(&member.target.endpoint, endpoint))
    }

    pub fn remove(&mut self, id: &str) -> Option<Member> {
        let mut members = self.members.iter();
        let index = members.position(|member| member.registration.id == id)?;
        Some(self.members.remove(index))
    }

    /// Deposes a primary that registered after `position`, so that an earlier replica can become primary.
    pub fn depose_primary_after(&mut self, position: i64) {
        let Some(primary) = &self.primary else { return };
        if self.members.iter().any(|member| {
            Arc::ptr_eq(&member.target, &primary.target) && member.registration.position > position
        }) {
            self.primary = None;
        }
    }

    /// Whether the replica stays although the registry, unreadable until a moment ago, does not list it.
    pub fn has_grace(&self, id: &str) -> bool {
        self.grace_until.is_some_and(|until| Instant::now() < until)
            && self.members.iter().any(|member| {
                member.registration.id == id && member.detector.health() == Health::Available
            })
    }

    /// Ends a grace period that is over; returns whether one was.
    pub fn end_grace(&mut self, now: Instant) -> bool {
        self.grace_until.take_if(|until| *until <= now).is_some()
    }

    /// Ranks the replicas anew and elects the primary.
    pub fn elect(&mut self, now_ms: i64) -> ElectionResult {
        let candidates: Vec<Candidate> = self
            .members
            .iter()
            .map(|member| Candidate {
                admin_state: member.registration.admin_state,
                tier: member.tier(),
            })
            .collect();
        let present = self.primary.as_ref().and_then(|primary| {
            let mut members = self.members.iter();
            members.position(|member| Arc::ptr_eq(&member.target, &primary.target))
        });
        let ranked = selection::rank(&candidates, present);
        let on_probation = ranked
            .iter()
            .filter(|index| candidates[**index].tier == HealthTier::Probation)
            .count();
        let target_at = |index: usize| Arc::clone(&self.members[index].target);
        let targets = ranked.into_iter().map(target_at).collect();
        let elected = selection::elect_primary(&candidates, present).map(target_at);
        ElectionResult {
            table: RoutingTable::new(targets, on_probation),
            primary_moved: self.set_primary(elected, now_ms),
        }
    }

    fn set_primary(
        &mut self,
        elected: Option<Arc<Target>>,
        now_ms: i64,
    ) -> Option<(String, String)> {
        let ids = match (&self.primary, &elected) {
            (Some(old), Some(new)) if Arc::ptr_eq(&old.target, new) => return None,
            (None, None) => return None,
            (Some(old), Some(new)) => {
                Some((old.target.endpoint.id.clone(), new.endpoint.id.clone()))
            }
            _ => None,
        };
        self.primary = elected.map(|target| ElectedPrimary {
            target,
            since_ms: now_ms,
        });
        ids
    }

    pub fn primary_status(&self) -> Option<Primary> {
        self.primary.as_ref().map(|primary| Primary {
            replica: primary.target.endpoint.id.clone(),
            since_ms: primary.since_ms,
        })
    }
}

impl Member {
    /// The detector's tier, or probation where the lease ran out.
    pub fn tier(&self) -> HealthTier {
        let best = if self.lease_expired {
            HealthTier::Probation
        } else {
            HealthTier::Healthy
        };
        self.detector.tier().max(best)
    }

    /// Applies a change of health; returns the event for the status panel, if the change is significant.
    pub fn apply_health_change(&mut self, before: Health, now: Instant) -> Option<FleetEvent> {
        let id = &self.registration.id;
        match self.detector.health() {
            Health::Unavailable => {
                self.target.endpoint.pool.clear();
                // A replica that has not been ready yet is not gone, nor is one that gives a reason or that the operator switched off.
                if before != Health::Available
                    || !self.detector.is_unresponsive()
                    || self.is_switched_off()
                {
                    return None;
                }
                self.gone_since = Some(now);
                let reason = self.detector.reason().unwrap_or("it is not available");
                Some(FleetEvent::gone(id, reason))
            }
            Health::Available => {
                let gone_since = self.gone_since.take()?;
                let away: Duration = now.duration_since(gone_since);
                Some(FleetEvent::recovered(id, away))
            }
            Health::Starting => None,
        }
    }

    fn is_switched_off(&self) -> bool {
        let reported = self.report.as_ref().map(|report| report.admin_state);
        self.registration.admin_state != AdminState::Up
            || reported.is_some_and(|admin_state| admin_state != AdminState::Up)
    }

    /// The process that the replica has ended since its previous report. One from before that report is not new.
    pub fn newly_ended_process(&self, report: &ReplicaReport) -> Option<u32> {
        let before = self.report.as_ref()?;
        let EndedProcess { process_id, count } = report.ended?;
        let count_before = before.ended.map_or(0, |ended| ended.count);
        (count > count_before).then_some(process_id)
    }

    pub fn snapshot(&self) -> ReplicaSnapshot {
        let Target {
            endpoint,
            prompt_queue,
            ..
        } = &*self.target;
        ReplicaSnapshot {
            registration: self.registration.clone(),
            health: self.detector.health(),
            tier: self.detector.tier(),
            reason: self.detector.reason().map(str::to_owned),
            since_ms: self.since_ms,
            unresponsive: self.detector.is_unresponsive(),
            suspect: endpoint.is_suspect(),
            report: self.report.clone(),
            reading: endpoint.reading(),
            in_flight: endpoint.in_flight(),
            concurrency_limit: prompt_queue.limit(),
            queued: prompt_queue.queued(),
            hedge_delay: endpoint.hedge_delay(),
        }
    }
}
