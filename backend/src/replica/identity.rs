//! Random ids for replicas that are started without one.

use anyhow::Context;
use registry::Registry;

/// Generates an id such as `replica-7f3a` that no registered replica has; short enough to say aloud.
///
/// # Errors
/// If the system gives no random bytes.
pub async fn generate_id(registry: &dyn Registry) -> anyhow::Result<String> {
    // Where the registry cannot be read, the id may collide with a registered one, once in thousands of starts.
    let registered = registry.snapshot().await.unwrap_or_default();
    loop {
        let mut bytes = [0; 2];
        getrandom::fill(&mut bytes).context("the system gives no random bytes")?;
        let id = format!("replica-{:04x}", u16::from_be_bytes(bytes));
        if registered.iter().all(|registration| registration.id != id) {
            return Ok(id);
        }
    }
}
