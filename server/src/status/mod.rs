//! The status panel's API: what this server sees, and the operator's switches. Works while no replica does.
//!
//! Reads the fleet and the gateway's counters; changes nothing but admin states in the registry, and starts and stops drills.

pub mod admin_state;
pub mod drills;
pub mod follow;
mod live;
pub mod metrics;
pub mod operator;
mod panel;
pub mod password;
pub mod read;
pub mod session;

pub use live::LiveStatus;
pub use panel::Panel;
