//! One replica as a server to connect to: its address, its connections and the HTTP/1.1 spoken on them.
//!
//! Must not know which replica is healthy, which is preferred, or why a request is sent.

pub mod buffer_budget;
pub mod connection;
pub mod connection_pool;
pub mod endpoint;
pub mod fault_injection;
pub mod headers;
pub mod hedge_delay;
pub mod meter;
pub mod streamed_body;

pub use endpoint::Endpoint;
