//! Staff accounts as the store keeps them.

use std::fmt;
use std::sync::Arc;

/// One account of a restaurant's staff.
#[derive(Clone, PartialEq, Eq)]
pub struct StaffAccount {
    /// Given once, also after the account is removed.
    pub id: i64,
    /// Slug.
    pub restaurant: String,
    /// Unique within the restaurant.
    pub name: String,
    /// See [`process::password::hash`]. Sessions end when it changes.
    pub password_hash: Arc<str>,
}

/// Without the hash, so that it slips into no log.
impl fmt::Debug for StaffAccount {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("StaffAccount")
            .field("id", &self.id)
            .field("restaurant", &self.restaurant)
            .finish_non_exhaustive()
    }
}
