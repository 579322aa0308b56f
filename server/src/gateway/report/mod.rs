//! The gateway's reports for operators: events, statistics and the status panel's view.
//!
//! Functions over a snapshot, and counters that others increment. Must not change the fleet, nor know how requests are dispatched.

pub mod failover_stats;
pub mod fleet_events;
pub mod panel_view;
pub mod replica_gauges;
pub mod request_counts;
pub mod snapshot;

pub use panel_view::PanelView;
pub use replica_gauges::ReplicaGauges;
pub use request_counts::RequestCounts;
pub use snapshot::{FleetSnapshot, ReplicaSnapshot};
