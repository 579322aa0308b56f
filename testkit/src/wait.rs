//! Waiting for a condition, with a deadline; never for a time.

use std::future::Future;
use std::time::{Duration, Instant};

use anyhow::bail;

/// How often a condition is looked at.
const LOOK_EVERY: Duration = Duration::from_millis(20);

/// Waits until `condition` gives a value.
///
/// # Errors
/// If it has not by `deadline`; says what was waited for.
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
            bail!("waited {:.1} s in vain for {what}", deadline.as_secs_f32());
        }
        tokio::time::sleep(LOOK_EVERY).await;
    }
}
