//! What every Tiffin process shares: settings, the signing key, passwords, the clock, logs, listening, what a supervisor is told,
//! the end of a process, and that of others who stand in everybody's way.
//!
//! Knows nothing of orders, replicas or HTTP.

pub mod attempts;
pub mod clock;
pub mod listening;
pub mod lock_watchdog;
pub mod logs;
pub mod password;
pub mod secret;
pub mod settings;
pub mod shutdown;
pub mod supervisor;
pub mod thread;
