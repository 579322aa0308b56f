//! A thread of the store's that ends with its owner.

use std::thread::{self, JoinHandle};

use crate::store::StoreError;

/// Waits for its thread when it is dropped. Whatever tells the thread to end, a channel for instance, is to stand before it among its
/// owner's fields, so that it is dropped first.
pub(super) struct Thread {
    name: &'static str,
    handle: Option<JoinHandle<()>>,
}

impl Thread {
    pub(super) fn start(
        name: &'static str,
        work: impl FnOnce() + Send + 'static,
    ) -> Result<Self, StoreError> {
        let handle = thread::Builder::new()
            .name(name.to_owned())
            .spawn(work)
            .map_err(|error| {
                StoreError::Unavailable(format!("cannot start the thread {name}: {error}"))
            })?;
        Ok(Self {
            name,
            handle: Some(handle),
        })
    }
}

impl Drop for Thread {
    fn drop(&mut self) {
        if let Some(handle) = self.handle.take()
            && handle.join().is_err()
        {
            tracing::error!(thread = self.name, "a thread of the store had panicked");
        }
    }
}
