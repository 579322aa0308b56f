//! What lets a request be sent again: its key, and the fingerprint that ties the key to what was asked.

mod fingerprint;
mod key;

pub(super) use fingerprint::{of_order as fingerprint_of_order, of_step as fingerprint_of_step};
pub(super) use key::IdempotencyKey;
