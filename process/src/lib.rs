//! Code that every Tiffin process shares: settings, the signing key, passwords, the clock, logs, listening sockets, supervisor
//! notifications, shutdown, and the watchdog that ends stopped processes which hold a database lock.
//!
//! Knows nothing of orders, replicas or HTTP.

pub mod attempt_limiter;
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
