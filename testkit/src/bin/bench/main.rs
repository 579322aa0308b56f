//! `cargo xtask bench [gateway|failover|listeners|overload]`: figures of one run on one machine; only the ratios travel.

mod failover;
mod forwarding;
mod front;
mod gateway;
mod listeners;
mod overload;
mod stand;

use std::time::Duration;

use anyhow::bail;

#[tokio::main]
async fn main() -> anyhow::Result<()> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
    match arguments.as_slice() {
        [] | ["gateway"] => {
            forwarding::run().await?;
            gateway::run().await
        }
        ["failover"] => failover::run(3).await,
        ["failover", runs] => failover::run(runs.parse()?).await,
        ["listeners"] => listeners::run().await,
        ["overload"] => overload::run().await,
        _ => bail!("usage: cargo xtask bench [gateway | failover [RUNS] | listeners | overload]"),
    }
}

fn ms(duration: Duration) -> f64 {
    duration.as_secs_f64() * 1e3
}

/// The share of `sorted` that lies below; zero of nothing.
fn percentile(sorted: &[Duration], share: f64) -> Duration {
    let index = (sorted.len().saturating_sub(1) as f64 * share).round() as usize;
    sorted.get(index).copied().unwrap_or_default()
}
