//! Staff accounts.

use std::fmt;
use std::sync::Arc;

/// A staff account of a restaurant.
#[derive(Clone, PartialEq, Eq)]
pub struct StaffAccount {
    /// Never reused, not even after the account is removed.
    pub id: i64,
    /// Slug of the restaurant.
    pub restaurant: String,
    /// Unique within the restaurant.
    pub name: String,
    /// See [`process::password::hash`]. Sessions end when it changes.
    pub password_hash: Arc<str>,
}

/// Omits the password hash, which must not reach a log.
impl fmt::Debug for StaffAccount {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("StaffAccount")
            .field("id", &self.id)
            .field("restaurant", &self.restaurant)
            .finish_non_exhaustive()
    }
}
