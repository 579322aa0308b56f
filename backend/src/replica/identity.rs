//! A name for a replica that was given none.

use anyhow::Context;
use registry::Registry;

/// `replica-7f3a`: short enough to be spoken of, and no living replica has it.
///
/// # Errors
/// If the system gives no random bytes.
pub async fn draw(registry: &dyn Registry) -> anyhow::Result<String> {
    // Without the registry the draw may hit a living replica, once in thousands of starts.
    let living = registry.snapshot().await.unwrap_or_default();
    loop {
        let mut bytes = [0; 2];
        getrandom::fill(&mut bytes).context("the system gives no random bytes")?;
        let id = format!("replica-{:04x}", u16::from_be_bytes(bytes));
        if living.iter().all(|registration| registration.id != id) {
            return Ok(id);
        }
    }
}
