//! A thread that ends with its owner.

use std::io;
use std::thread::{self, JoinHandle};

/// A thread that is joined when this value is dropped. The field that signals the thread to end, such as a channel's sender, must be
/// declared before it in the owner, because fields are dropped in the order of declaration.
pub struct OwnedThread {
    name: &'static str,
    handle: Option<JoinHandle<()>>,
}

impl OwnedThread {
    /// Starts a thread called `name` that runs `work`.
    ///
    /// # Errors
    /// If the system cannot start a thread.
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
            tracing::error!(thread = self.name, "a thread has panicked");
        }
    }
}
