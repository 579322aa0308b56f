//! Selects the replica for each request, and limits how many requests a replica has at once.
//!
//! Must not know why a replica is healthy or not, nor how requests are sent.

pub mod adaptive_limit;
pub mod admission_queue;
pub mod routing_table;
pub mod selection;
pub mod target;

pub use routing_table::RoutingTable;
pub use target::Target;
