//! What every Tiffin process shares: settings, the signing key, the clock, logs and the end of a process.
//!
//! Knows nothing of orders, replicas or HTTP.

pub mod clock;
pub mod logs;
pub mod secret;
pub mod settings;
pub mod shutdown;
