//! Polling for a condition with a deadline. Tests wait this way instead of sleeping for a fixed time.

use std::future::Future;
use std::time::{Duration, Instant};

use anyhow::bail;

const POLL_INTERVAL: Duration = Duration::from_millis(20);

/// Polls `condition` until it returns a value.
///
/// # Errors
/// If it has returned none by `deadline`; the message names `what`.
pub async fn until<T, F, C>(what: &str, deadline: Duration, mut condition: F) -> anyhow::Result<T>
where
    F: FnMut() -> C,
    C: Future<Output = Option<T>>,
{
    let start = Instant::now();
    loop {
        if let Some(value) = condition().await {
            return Ok(value);
        }
        if start.elapsed() > deadline {
            bail!(
                "timed out after {:.1} s waiting for {what}",
                deadline.as_secs_f32()
            );
        }
        tokio::time::sleep(POLL_INTERVAL).await;
    }
}
