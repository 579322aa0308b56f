//! HTTP API of a replica: one file per operation.
//!
//! A handler parses the request into domain types, calls domain, geocoder or store, and turns the result into a response. It must not
//! make decisions about orders itself. The callers are the front-end servers of the same installation.

mod address_checks;
mod body;
mod credential;
mod deadline;
mod drills;
mod encoding;
mod error;
mod events;
mod geocoding;
mod health;
mod idempotency;
mod inventory;
mod menu;
mod openapi;
mod orders;
mod path;
mod postcode;
mod quotes;
mod responses;
mod restaurant_searches;
mod router;
mod slots;
mod staff;
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
pub use router::build_router;
pub use staff::session::Sessions;

/// State shared by all handlers.
#[derive(Clone)]
pub struct ApiState {
    pub catalogue: Catalogue,
    /// Restaurant of drill orders; not in the catalogue.
    pub drill_kitchen: Arc<Restaurant>,
    pub geocoder: Arc<dyn Geocoding>,
    pub store: Arc<dyn Store>,
    pub clock: SharedClock,
    /// Deadlines after which orders expire that no restaurant accepts.
    pub deadlines: Deadlines,
    pub replica: ReplicaHandle,
    pub ended: Arc<EndedProcesses>,
    /// Sessions of restaurants' staff.
    pub sessions: Arc<Sessions>,
    /// Credential required of every caller: [`process::secret::SigningKey::replica_credential`].
    pub credential: Arc<str>,
}
