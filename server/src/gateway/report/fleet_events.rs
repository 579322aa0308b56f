//! The fleet's changes as events for the status panel: their kinds and sentences.

use std::time::Duration;

use model::status::{AdminState, EventKind};
use registry::{Registration, Role};

use super::failover_stats::Failover;
use super::snapshot::ReplicaSnapshot;
use crate::fleet_history::format_ms;
use crate::gateway::health::HealthTier;

pub struct FleetEvent {
    pub kind: EventKind,
    pub replica: Option<String>,
    pub message: String,
    pub took_ms: Option<f64>,
}

impl FleetEvent {
    fn new(kind: EventKind, replica: Option<&str>, message: String) -> Self {
        Self {
            kind,
            replica: replica.map(str::to_owned),
            message,
            took_ms: None,
        }
    }

    pub fn joined(id: &str) -> Self {
        Self::new(EventKind::Joined, Some(id), format!("{id} joined"))
    }

    pub fn replaced(id: &str) -> Self {
        let message = format!("{id} joined again, as a new process");
        Self::new(EventKind::Joined, Some(id), message)
    }

    pub fn joined_without_lease(id: &str) -> Self {
        let message = format!("{id} is checked, although its lease ran out");
        Self::new(EventKind::Joined, Some(id), message)
    }

    /// `unresponsive`: the replica did not deregister, but lost its lease.
    pub fn left(id: &str, unresponsive: bool) -> Self {
        let message = if unresponsive {
            format!("{id} is off the list: its lease ran out")
        } else {
            format!("{id} left")
        };
        Self::new(EventKind::Left, Some(id), message)
    }

    pub fn switched(id: &str, to: AdminState) -> Self {
        let message = match to {
            AdminState::Up => format!("{id} switched up"),
            AdminState::Draining => format!("{id} is draining: it finishes what it has"),
            AdminState::Down => format!("{id} switched down"),
        };
        Self::new(EventKind::Switched, Some(id), message)
    }

    pub fn gone(id: &str, reason: &str) -> Self {
        let message = format!("{id} gone: {reason}");
        Self::new(EventKind::Killed, Some(id), message)
    }

    pub fn recovered(id: &str, away: Duration) -> Self {
        let away_ms = in_ms(away);
        let message = format!("{id} is back after {}", format_ms(away_ms));
        Self::new(EventKind::Recovered, Some(id), message).took(away_ms)
    }

    pub fn lease_expired(id: &str) -> Self {
        let message = format!("{id} could not renew its lease; it answers, so it stays in use");
        Self::new(EventKind::RegistryLost, Some(id), message)
    }

    pub fn registry_lost() -> Self {
        let message = "the registry cannot be read; its last list stays in use";
        Self::new(EventKind::RegistryLost, None, message.to_owned())
    }

    pub fn registry_back(away: Duration) -> Self {
        let away_ms = in_ms(away);
        let message = format!(
            "the registry can be read again after {}",
            format_ms(away_ms)
        );
        Self::new(EventKind::RegistryBack, None, message).took(away_ms)
    }

    /// A process was stopped while it held a database's lock, and the process `by` ended it. `ended` is its registration, where the
    /// registry still has it.
    pub fn lock_holder_ended(process_id: u32, ended: Option<&Registration>, by: &str) -> Self {
        let name = ended.map_or_else(
            || format!("process {process_id}"),
            |registration| registration.id.clone(),
        );
        let message = format!(
            "{name} stood still while it held a lock that the others needed, and was ended by {by}"
        );
        let replica = ended.filter(|registration| registration.role == Role::Replica);
        let replica = replica.map(|registration| registration.id.as_str());
        Self::new(EventKind::Killed, replica, message)
    }

    /// `from`: the replica that requests moved away from, if it is still known.
    pub fn failed_over(failover: &Failover, from: Option<&ReplicaSnapshot>) -> Self {
        let message = failover.sentence(&condition_of(from));
        let event = Self::new(EventKind::FailedOver, Some(&failover.from), message);
        Self {
            took_ms: failover.took_ms(),
            ..event
        }
    }

    fn took(self, took_ms: f64) -> Self {
        Self {
            took_ms: Some(took_ms),
            ..self
        }
    }
}

/// The condition of a replica that requests moved away from, as a part of a sentence.
fn condition_of(replica: Option<&ReplicaSnapshot>) -> String {
    let Some(replica) = replica else {
        return "gone".to_owned();
    };
    let condition = match (replica.registration.admin_state, replica.tier) {
        (AdminState::Down, _) => "switched down",
        (AdminState::Draining, _) => "draining",
        (AdminState::Up, HealthTier::Healthy) => "failed for a moment",
        (AdminState::Up, HealthTier::Suspect) => "does not answer",
        (AdminState::Up, _) if replica.unresponsive => "gone",
        (AdminState::Up, _) => {
            let reason = replica.reason.as_deref();
            return format!("not ready ({})", reason.unwrap_or("it gives no reason"));
        }
    };
    condition.to_owned()
}

fn in_ms(duration: Duration) -> f64 {
    duration.as_secs_f64() * 1000.0
}
