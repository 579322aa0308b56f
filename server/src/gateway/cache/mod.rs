//! Reusable responses: answers that a replica declares unchanged for a moment.
//!
//! Must not know how a request is dispatched.

mod response_cache;

pub use response_cache::{CacheKey, ResponseCache};
