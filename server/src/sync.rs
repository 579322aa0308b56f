//! Mutexes that are held for moments and never across an await.

use std::sync::{Mutex, MutexGuard, PoisonError};

/// Locks, ignoring poison: the mutexes here protect counters and lists, which stay usable after a panic.
pub fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
