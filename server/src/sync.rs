//! Locks that are held for moments only and never across an await.

use std::sync::{Mutex, MutexGuard, PoisonError};

/// Locks; a holder that panicked left plain counters and lists behind, which stay usable.
pub fn locked<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
