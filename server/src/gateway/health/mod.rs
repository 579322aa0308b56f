//! Observes one replica and reports [`Observation`]s over a channel; decides from a series of them how healthy it is.
//!
//! Three tasks observe: readiness checks ([`health_checker`]), heartbeats ([`heartbeat_monitor`]) and the progress of requests
//! ([`progress_watch`]). The [`OutlierDetector`] is the state machine that the receiver feeds with them. Must not know other
//! replicas, the registry or the routing table.

mod health_checker;
mod health_monitor;
mod health_signals;
mod heartbeat_monitor;
mod observation;
mod outlier_detector;
mod probe_connection;
mod progress_monitor;
mod progress_watch;

pub use health_monitor::HealthMonitor;
#[cfg(test)]
pub use observation::Suspicion;
pub use observation::{HealthReport, Observation, report_channel};
pub use outlier_detector::{HealthTier, OutlierDetector};
