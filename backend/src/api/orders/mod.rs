//! Orders: placing one, reading it, cancelling it.

pub(super) mod cancel;
pub(super) mod place;
pub(super) mod read;
