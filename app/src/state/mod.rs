//! What outlives a page: the basket, the order's key, the last postcode.

/// Makes the state available to every component below.
pub fn provide() {}
