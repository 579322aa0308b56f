//! The control interface of the replica stand-in (`bin/standin.rs`), beside the API of a replica.

/// Slug of the restaurant whose menu the stand-in answers with a TTL, as replicas do, so that the gateway may cache it.
pub const CACHEABLE_SLUG: &str = "fresh";
/// `POST`: from now on orders get no response while health checks pass (a grey failure).
pub const GREY_FAILURE: &str = "/standin/grey";
/// `GET`: the idempotency keys of the executed orders, oldest first.
pub const EXECUTED_KEYS: &str = "/standin/seen";
