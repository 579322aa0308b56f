//! Errors of a store. A missing row is not an error.

use rusqlite::ErrorCode;

/// Why a store operation failed.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum StoreError {
    /// The store is locked, overloaded or its disk is full. Nothing was acknowledged; a retry may succeed.
    #[error("the store is not available: {0}")]
    Unavailable(String),
    /// A row has an unexpected value: it is damaged, or another version wrote it.
    #[error(
        "the store has a row that cannot be read: table {table}, column {column}, key {key}: {reason}"
    )]
    Unreadable {
        table: &'static str,
        column: &'static str,
        /// Row id; never a token, an idempotency key or a postcode.
        key: i64,
        reason: String,
    },
    /// A bug in Tiffin.
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
