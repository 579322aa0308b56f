//! HTTP between clients and this server: accepting connections, their limits, and what all responses have in common.
//!
//! Must not know what a path means (`routes` does), nor anything of replicas (`gateway` does).

pub mod connection_slots;
pub mod cors;
pub mod headers;
pub mod json;
pub mod listener;
pub mod origin;
pub mod peer;
pub mod problem;
pub mod request_body;
pub mod response_body;
pub mod sse;
pub mod workers;
mod write_timeout;
