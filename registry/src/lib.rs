//! The shared registry: which processes are there, under leases that end by themselves.
//!
//! A process registers its id, address, version and start, and gets a [`Lease`]; it heartbeats to keep it and deregisters
//! when it leaves. Registering an id that is already there takes its lease away: the former holder's next heartbeat fails,
//! and so it learns that it is out. Knows nothing of HTTP or of orders.

pub mod follow;
pub mod heartbeat;
pub mod memory;
pub mod sqlite;
mod watcher;

use std::time::Duration;

use async_trait::async_trait;
use model::status::AdminState;
use tokio::sync::watch;

pub use follow::{Snapshot, follow};
pub use heartbeat::{LeaseTiming, Membership, MembershipState};
pub use memory::MemoryRegistry;
pub use sqlite::SqliteRegistry;

/// What a process says of itself when it registers.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewRegistration {
    /// Unique among the living of its role: `replica-2`.
    pub id: String,
    pub role: Role,
    /// `127.0.0.1:40123`, where the others reach it.
    pub address: String,
    /// `https://one.shop.example`, where phones reach it; none where it was not told, or none do.
    pub public_url: Option<String>,
    pub version: String,
    pub started_at_ms: i64,
    pub process_id: u32,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Role {
    /// A backend process.
    Replica,
    /// A front-end server.
    Server,
}

/// What the registry knows of a process.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Registration {
    pub id: String,
    pub role: Role,
    pub address: String,
    pub public_url: Option<String>,
    pub version: String,
    pub started_at_ms: i64,
    pub process_id: u32,
    /// Position in the order of registration, which is the order of preference; grows, is never given twice.
    pub position: i64,
    pub registered_at_ms: i64,
    pub expires_at_ms: i64,
    pub admin_state: AdminState,
}

/// The right to heartbeat one registration.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Lease {
    pub id: String,
    pub role: Role,
    /// Given to one holder only; a heartbeat with another token fails.
    pub token: String,
}

#[derive(Debug, thiserror::Error)]
pub enum RegistryError {
    /// The lease was given to nobody, has run out or was given up; nobody else holds the id.
    #[error("the lease of {id} has run out")]
    LeaseLost { id: String },
    /// A newer process holds the id, and is right: whoever gets this must not register again.
    #[error("another process has registered as {id}")]
    LeaseTaken { id: String },
    #[error("nothing is registered as {id}")]
    NotRegistered { id: String },
    #[error("the registry cannot be reached: {0}")]
    Unavailable(String),
}

/// A table of leases. Every method is one transaction.
#[async_trait]
pub trait Registry: Send + Sync + 'static {
    /// Gives a lease of the registry's `lease_ms`. Whoever held the id loses it; its admin state stays.
    async fn register(&self, new: NewRegistration) -> Result<Lease, RegistryError>;

    /// Extends the lease and tells the registration's admin state.
    ///
    /// # Errors
    /// [`RegistryError::LeaseLost`] when the lease was given to nobody or has run out, [`RegistryError::LeaseTaken`] when
    /// another process holds the id now.
    async fn heartbeat(&self, lease: &Lease) -> Result<AdminState, RegistryError>;

    /// Ends the lease; ending one that is gone already is no error.
    async fn deregister(&self, lease: &Lease) -> Result<(), RegistryError>;

    /// Sets what the operator wants of a living replica. It outlives the lease: a replica that is killed while it is down
    /// and comes back under the same id is still down.
    ///
    /// # Errors
    /// [`RegistryError::NotRegistered`] when no living replica has the id.
    async fn set_admin_state(
        &self,
        id: &str,
        admin_state: AdminState,
    ) -> Result<Registration, RegistryError>;

    /// All living registrations of both roles, by position.
    async fn snapshot(&self) -> Result<Vec<Registration>, RegistryError>;

    /// The registrations of both roles whose leases ran out no longer than `within` ago and were not given up, by position. Their
    /// processes may be there all the same: while somebody keeps the registry locked, nobody can renew theirs.
    async fn recently_expired(&self, within: Duration) -> Result<Vec<Registration>, RegistryError>;

    /// Moves within 250 ms of a change: somebody registered, left, ran out or was switched, or the registry became readable
    /// or unreadable. Heartbeats are no change. May move without one. Whoever watches takes the receiver before the first
    /// snapshot and keeps it, so that a change between two calls is not lost.
    fn changes(&self) -> watch::Receiver<u64>;

    /// Completes at the next change from now on; see [`Registry::changes`].
    async fn changed(&self) {
        // The sender lives as long as the registry; should it be gone, there will be no change, and looking again is harmless.
        let _ = self.changes().changed().await;
    }
}

fn in_ms(duration: Duration) -> i64 {
    i64::try_from(duration.as_millis()).unwrap_or(i64::MAX)
}
