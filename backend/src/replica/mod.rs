//! A replica's life: registration, heartbeats, connections, the operator's switch, the orderly end.
//!
//! Knows nothing of what the requests are about.

mod handle;

pub use handle::ReplicaHandle;
