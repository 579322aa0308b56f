//! The shared registry: a table of the running processes, each under a lease that expires without heartbeats.
//!
//! A process registers its id, address, version and start time, and receives a [`Lease`]; it sends heartbeats to extend the lease and
//! deregisters on shutdown. Registering an id that is already registered revokes the earlier lease: the next heartbeat of its
//! holder fails, and so the holder learns that it was replaced. Knows nothing of HTTP or of orders.

mod change_watcher;
pub mod membership;
pub mod memory;
pub mod snapshot;
pub mod sqlite;
pub mod timing;

use std::time::Duration;

use async_trait::async_trait;
use model::status::AdminState;
use tokio::sync::watch;

pub use membership::{Membership, MembershipState};
pub use memory::MemoryRegistry;
pub use snapshot::{Snapshot, follow};
pub use sqlite::SqliteRegistry;
pub use timing::LeaseTiming;

/// A process's registration as the process submits it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewRegistration {
    /// Unique among the live registrations of its role: `replica-2`.
    pub id: String,
    pub role: Role,
    /// Address at which other Tiffin processes reach it: `127.0.0.1:40123`.
    pub address: String,
    /// URL at which clients reach it: `https://one.shop.example`. `None` if it is not configured, or if clients do not connect to
    /// this process.
    pub public_url: Option<String>,
    pub version: String,
    pub started_at_ms: i64,
    pub process_id: u32,
}

/// Kind of a registered process.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Role {
    /// A backend process.
    Replica,
    /// A front-end server.
    Server,
}

/// A process's registration as the registry stores it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Registration {
    pub id: String,
    pub role: Role,
    pub address: String,
    pub public_url: Option<String>,
    pub version: String,
    pub started_at_ms: i64,
    pub process_id: u32,
    /// Position in the order of registration, which is the order of preference. Increases, and is never reused.
    pub position: i64,
    pub registered_at_ms: i64,
    pub expires_at_ms: i64,
    pub admin_state: AdminState,
}

/// The right to send heartbeats for one registration.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Lease {
    pub id: String,
    pub role: Role,
    /// Identifies the holder; a heartbeat with another token fails.
    pub token: String,
}

/// Why a registry operation failed.
#[derive(Debug, thiserror::Error)]
pub enum RegistryError {
    /// The lease was never issued, has expired or was ended; no other process holds the id.
    #[error("the lease of {id} has expired")]
    LeaseLost { id: String },
    /// A newer process holds the id. It is authoritative: a process that receives this error must not register again.
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
    /// Registers a process and issues a lease of the registry's `lease_ms`. Revokes an earlier lease of the id; keeps the id's admin
    /// state.
    async fn register(&self, new: NewRegistration) -> Result<Lease, RegistryError>;

    /// Extends the lease and returns the registration's admin state.
    ///
    /// # Errors
    /// [`RegistryError::LeaseLost`] if the lease was never issued or has expired, [`RegistryError::LeaseTaken`] if another process
    /// holds the id now.
    async fn heartbeat(&self, lease: &Lease) -> Result<AdminState, RegistryError>;

    /// Ends the lease; ending a lease that has already ended is not an error.
    async fn deregister(&self, lease: &Lease) -> Result<(), RegistryError>;

    /// Sets the admin state of a live replica. The state outlives the lease: a replica that is killed while it is down and registers
    /// again under the same id is still down.
    ///
    /// # Errors
    /// [`RegistryError::NotRegistered`] if no live replica has the id.
    async fn set_admin_state(
        &self,
        id: &str,
        admin_state: AdminState,
    ) -> Result<Registration, RegistryError>;

    /// All registrations of both roles whose leases have not expired, by position.
    async fn snapshot(&self) -> Result<Vec<Registration>, RegistryError>;

    /// The registrations of both roles whose leases expired no longer than `within` ago and were not ended by their holders, by
    /// position. Their processes may still run: while a process keeps the registry locked, no lease can be extended.
    async fn recently_expired(&self, within: Duration) -> Result<Vec<Registration>, RegistryError>;

    /// A counter that increases within 250 ms of a change: a process registered or deregistered, a lease expired, an admin state was
    /// set, or the registry became readable or unreadable. Heartbeats are not changes. It may increase without a change. Callers
    /// take the receiver before their first snapshot and keep it, so that a change between two snapshots is not lost.
    fn changes(&self) -> watch::Receiver<u64>;

    /// Completes at the next change after the call; see [`Registry::changes`].
    async fn changed(&self) {
        // Fails only if the sender is dropped, which lives as long as the registry; callers that then read again do no harm.
        let _ = self.changes().changed().await;
    }
}

fn to_ms(duration: Duration) -> i64 {
    i64::try_from(duration.as_millis()).unwrap_or(i64::MAX)
}
