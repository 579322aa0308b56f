//! Idempotency: the key of a request, and the fingerprint that binds the key to the request's content.

mod fingerprint;
mod key;

pub(super) use fingerprint::{fingerprint_order, fingerprint_transition};
pub(super) use key::IdempotencyKey;
