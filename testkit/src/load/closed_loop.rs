//! Closed-loop load: a fixed number of connections, each of which sends its next request when the last one was answered. Measures
//! capacity; its latencies leave out the time that requests would have waited under open-loop load.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::{Duration, Instant};

use anyhow::Context;
use http_body_util::BodyExt;
use hyper::StatusCode;
use tokio::task::JoinSet;

use super::RequestFactory;
use super::connection::connect;
use super::latency::percentile;

/// Throughput and latency of one run.
#[derive(Clone, Debug, Default)]
pub struct LoadSummary {
    pub requests: u64,
    /// Responses with an unexpected status.
    pub failed: u64,
    pub per_second: f64,
    pub p50_ms: f64,
    pub p99_ms: f64,
    pub p999_ms: f64,
}

/// Sends requests for `time` over `connections` connections and expects every response to have the status `expected`.
///
/// # Errors
/// If a connection cannot be made, or breaks.
pub async fn run(
    address: SocketAddr,
    connections: usize,
    time: Duration,
    expected: StatusCode,
    requests: &RequestFactory,
) -> anyhow::Result<LoadSummary> {
    let start = Instant::now();
    let mut workers = JoinSet::new();
    for _ in 0..connections {
        let requests = Arc::clone(requests);
        workers.spawn(async move { send_until(address, start + time, expected, &requests).await });
    }
    let mut latencies = Vec::new();
    let mut failed = 0;
    while let Some(result) = workers.join_next().await {
        let (worker_latencies, worker_failed) = result??;
        latencies.extend(worker_latencies);
        failed += worker_failed;
    }
    let elapsed = start.elapsed();
    latencies.sort_unstable();
    let percentile_ms = |share: f64| percentile(&latencies, share).as_secs_f64() * 1e3;
    Ok(LoadSummary {
        requests: latencies.len() as u64,
        failed,
        per_second: latencies.len() as f64 / elapsed.as_secs_f64(),
        p50_ms: percentile_ms(0.5),
        p99_ms: percentile_ms(0.99),
        p999_ms: percentile_ms(0.999),
    })
}

/// Sends requests over one connection until `end`; returns their latencies and the number of failures.
async fn send_until(
    address: SocketAddr,
    end: Instant,
    expected: StatusCode,
    requests: &RequestFactory,
) -> anyhow::Result<(Vec<Duration>, u64)> {
    let mut sender = connect(address).await?;
    let mut latencies = Vec::new();
    let mut failed = 0;
    while Instant::now() < end {
        let sent_at = Instant::now();
        sender.ready().await.context("the connection was closed")?;
        let response = sender.send_request(requests()).await?;
        let status = response.status();
        response.into_body().collect().await?;
        latencies.push(sent_at.elapsed());
        failed += u64::from(status != expected);
    }
    Ok((latencies, failed))
}
