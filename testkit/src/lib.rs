//! Development-only tools: clusters of real processes, stand-ins for the geocoding providers, HTTP clients, load generators,
//! fault injection and the chaos tests.
//!
//! Tests run the binaries that ship, on ports that the system picks, with a fresh database. No product crate depends on this one
//! outside its tests.

pub mod chaos;
pub mod child;
pub mod cluster;
pub mod control;
pub mod customer_client;
pub mod drill;
pub mod fault_proxy;
pub mod fsync_fault;
pub mod load;
pub mod procfs;
pub mod providers;
pub mod proxy_network;
pub mod sse;
pub mod staff_client;
pub mod standin;
pub mod wait;

pub use cluster::{Cluster, Options};
pub use customer_client::CustomerClient;
pub use staff_client::StaffClient;
