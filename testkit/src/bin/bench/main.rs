//! `cargo xtask bench [gateway|failover|stops|listeners|overload]`: figures of one run on one machine; only the ratios travel.

mod failover;
mod forwarding;
mod front;
mod gateway;
mod listeners;
mod overload;
mod stand;
mod stops;

use std::sync::Arc;
use std::time::Duration;

use anyhow::bail;
use bytes::Bytes;
use http_body_util::Full;
use hyper::Request;
use model::api;
use testkit::Cluster;
use testkit::customer::new_key;
use testkit::load::Source;

#[tokio::main]
async fn main() -> anyhow::Result<()> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
    match arguments.as_slice() {
        [] | ["gateway"] => {
            forwarding::run().await?;
            gateway::run().await
        }
        ["failover"] => failover::run(3, "").await,
        ["failover", runs] => failover::run(runs.parse()?, "").await,
        ["failover", runs, only] => failover::run(runs.parse()?, only).await,
        ["stops"] => stops::run(100).await,
        ["stops", number] => stops::run(number.parse()?).await,
        ["listeners"] => listeners::run().await,
        ["overload"] => overload::run().await,
        _ => bail!(
            "usage: cargo xtask bench [gateway | failover [RUNS [FAULT]] | stops [NUMBER] | listeners | overload]"
        ),
    }
}

/// Orders that real replicas take, each with a key of its own.
async fn real_orders(cluster: &Cluster) -> anyhow::Result<Source> {
    let body = Bytes::from(serde_json::to_vec(&cluster.customer().prepare().await?)?);
    Ok(Arc::new(move || {
        Request::post(api::ORDERS)
            .header("host", "tiffin")
            .header("content-type", "application/json")
            .header(api::IDEMPOTENCY_KEY, new_key())
            .body(Full::new(body.clone()))
            .expect("a request of fixed parts")
    }))
}

fn ms(duration: Duration) -> f64 {
    duration.as_secs_f64() * 1e3
}

/// The share of `sorted` that lies below; zero of nothing.
fn percentile(sorted: &[Duration], share: f64) -> Duration {
    let index = (sorted.len().saturating_sub(1) as f64 * share).round() as usize;
    sorted.get(index).copied().unwrap_or_default()
}
