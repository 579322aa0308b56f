//! The fleet at one instant, as plain data for the reports.

use std::time::Duration;

use model::status::{Health, Primary, RegistryStatus, ReplicaReport};
use registry::Registration;

use crate::gateway::health::HealthTier;
use crate::gateway::upstream::meter::Reading;

pub struct FleetSnapshot {
    pub registry: RegistryStatus,
    pub primary: Option<Primary>,
    /// In the order of registration.
    pub replicas: Vec<ReplicaSnapshot>,
}

pub struct ReplicaSnapshot {
    pub registration: Registration,
    pub health: Health,
    pub tier: HealthTier,
    /// Why the replica is not available, as text for the operator.
    pub reason: Option<String>,
    /// Since when the replica has had its present health.
    pub since_ms: i64,
    /// The replica is unavailable without having announced it.
    pub unresponsive: bool,
    /// The replica hangs or may hang, so that its requests are hedged.
    pub suspect: bool,
    /// The answer to the latest readiness check.
    pub report: Option<ReplicaReport>,
    pub reading: Reading,
    pub in_flight: u32,
    pub concurrency_limit: u32,
    pub queued: usize,
    pub hedge_delay: Duration,
}
