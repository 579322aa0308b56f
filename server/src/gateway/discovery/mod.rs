//! From registry snapshots to the set of replicas: what changed, and which replicas stay although their lease ran out.
//!
//! Pure comparisons. Must not know health checks, connections or requests.

pub mod leases;
pub mod registry_changes;

pub use registry_changes::{RegistryChange, is_same_process, registry_changes_since, replicas_in};
