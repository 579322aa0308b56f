//! Statistics over measured latencies.

use std::time::Duration;

/// Returns the value of `sorted` below which the given share lies, by nearest rank; zero for an empty slice.
#[must_use]
pub fn percentile(sorted: &[Duration], share: f64) -> Duration {
    let index = (sorted.len().saturating_sub(1) as f64 * share).round() as usize;
    sorted.get(index).copied().unwrap_or_default()
}
