//! Orders of customers: placing, reading and cancelling.

pub(super) mod cancel;
pub(super) mod place;
pub(super) mod read;
