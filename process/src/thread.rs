//! A thread that ends with its owner.

use std::io;
use std::thread::{self, JoinHandle};

/// Waits for its thread when it is dropped. Whatever tells the thread to end, a channel for instance, is to stand before it among its
/// owner's fields, so that it is dropped first.
pub struct OwnedThread {
    name: &'static str,
    handle: Option<JoinHandle<()>>,
}

impl OwnedThread {
    /// # Errors
    /// If the system gives no thread.
    pub fn start(name: &'static str, work: impl FnOnce() + Send + 'static) -> io::Result<Self> {
        let handle = thread::Builder::new().name(name.to_owned()).spawn(work)?;
        Ok(Self {
            name,
            handle: Some(handle),
        })
    }
}

impl Drop for OwnedThread {
    fn drop(&mut self) {
        if let Some(handle) = self.handle.take()
            && handle.join().is_err()
        {
            tracing::error!(thread = self.name, "a thread had panicked");
        }
    }
}
