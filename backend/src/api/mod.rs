//! The HTTP API of a replica: one file an operation.
//!
//! A handler turns a request into the domain's words, asks domain, geocoder or store, and turns what came of it into an
//! answer; it decides nothing about orders itself. Callers are the installation's own front-end servers.

mod address_checks;
mod body;
mod caller;
mod deadline;
mod described;
mod drills;
mod encoding;
mod events;
mod geocoding;
mod headers;
mod health;
mod idempotency;
mod menu;
mod orders;
mod path;
mod postcode;
mod quotes;
mod refusal;
mod restaurant_searches;
mod router;
mod slots;
mod staff;
mod supply;
#[cfg(test)]
mod tests;

use std::sync::Arc;

use process::clock::SharedClock;

use crate::domain::expiry::Deadlines;
use crate::domain::{Catalogue, Restaurant};
use crate::ended_processes::EndedProcesses;
use crate::replica::ReplicaHandle;
use crate::store::Store;

pub use geocoding::Geocoding;
pub use router::router;
pub use staff::session::Sessions;

/// What the operations work with.
#[derive(Clone)]
pub struct ApiState {
    pub catalogue: Catalogue,
    /// What drills order from.
    pub drill_kitchen: Arc<Restaurant>,
    pub geocoder: Arc<dyn Geocoding>,
    pub store: Arc<dyn Store>,
    pub clock: SharedClock,
    /// When orders end that nobody accepts.
    pub deadlines: Deadlines,
    pub replica: ReplicaHandle,
    pub ended: Arc<EndedProcesses>,
    /// Of restaurants' staff.
    pub sessions: Arc<Sessions>,
    /// What a caller must show: [`process::secret::SigningKey::replica_credential`].
    pub credential: Arc<str>,
}
