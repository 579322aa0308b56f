//! How a store fails. Not finding something is no failure.

use rusqlite::ErrorCode;

#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum StoreError {
    /// Passes by itself: locked for too long, overloaded, the disk full. Nothing was acknowledged.
    #[error("the store is not available: {0}")]
    Unavailable(String),
    /// A row that does not say what it should: damage, or a version that wrote it differently.
    #[error(
        "the store has a row that cannot be read: table {table}, column {column}, key {key}: {reason}"
    )]
    Unreadable {
        table: &'static str,
        column: &'static str,
        /// The row's number: never a token, an idempotency key or a postcode.
        key: i64,
        reason: String,
    },
    /// A fault of ours.
    #[error("the store failed: {0}")]
    Failed(String),
}

impl From<rusqlite::Error> for StoreError {
    fn from(error: rusqlite::Error) -> Self {
        match error.sqlite_error_code() {
            Some(
                ErrorCode::DatabaseBusy
                | ErrorCode::DatabaseLocked
                | ErrorCode::DiskFull
                | ErrorCode::SystemIoFailure
                | ErrorCode::CannotOpen
                | ErrorCode::OutOfMemory
                | ErrorCode::FileLockingProtocolFailed,
            ) => Self::Unavailable(error.to_string()),
            _ => Self::Failed(error.to_string()),
        }
    }
}
