//! Orders: placing one, reading it, cancelling it.

pub(super) mod cancel;
mod fingerprint;
mod key;
pub(super) mod place;
pub(super) mod read;
