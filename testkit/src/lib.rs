//! For development only: a cluster of real processes, stand-ins for the geocoding providers, customers and staff.
//!
//! What runs here is what ships: the same binaries, ports picked by the system, a fresh database. Nothing in the product
//! depends on this crate.

pub mod arrivals;
pub mod chaos;
pub mod child;
pub mod cluster;
pub mod control;
pub mod customer;
pub mod drill;
pub mod events;
pub mod failing_sync;
pub mod load;
pub mod network;
pub mod providers;
pub mod proxy;
pub mod staff;
pub mod standin;
pub mod wait;

pub use cluster::{Cluster, Options};
pub use customer::Customer;
pub use staff::Staff;
