//! Decides whether a replica whose lease ran out stays in the replica set. A process that keeps the registry locked stops all
//! others from renewing their leases, although they work.
//!
//! Such a replica stays in use while it answers, on probation behind those with a lease: if it is the only one without a lease, it
//! may be the one that cannot write.

use model::status::Health;
use registry::{Registration, Registry};

use crate::gateway::config::{FIRST_CHECK_GRACE_MS, LAPSED_LEASE_WINDOW};

/// Whether a replica that disappeared from the registry stays in use. A replica that shuts down deregisters while its lease is
/// still valid, and leaves at once. `since_ms` is the start of its present health.
pub fn outlives_its_lease(
    registration: &Registration,
    health: Health,
    since_ms: i64,
    now_ms: i64,
) -> bool {
    let answers = match health {
        Health::Available => true,
        Health::Starting => now_ms - since_ms < FIRST_CHECK_GRACE_MS,
        Health::Unavailable => false,
    };
    answers && registration.expires_at_ms <= now_ms
}

/// Reads the registrations whose leases expired recently, for a server that starts while no replica has a lease.
pub async fn lately_lapsed(registry: &dyn Registry) -> Vec<Registration> {
    registry
        .recently_expired(LAPSED_LEASE_WINDOW)
        .await
        .unwrap_or_else(|error| {
            // The registry's own follower logs that it cannot be read.
            tracing::debug!(%error, "the lapsed leases cannot be read");
            Vec::new()
        })
}
