//! Load: so many connections, each sending its next request when the last was answered.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::{Duration, Instant};

use anyhow::Context;
use bytes::Bytes;
use http_body_util::{BodyExt, Full};
use hyper::client::conn::http1;
use hyper::{Request, StatusCode};
use hyper_util::rt::TokioIo;
use tokio::net::TcpStream;
use tokio::task::JoinSet;

/// Builds the next request; called once for each.
pub type Source = Arc<dyn Fn() -> Request<Full<Bytes>> + Send + Sync>;

/// What a load came to.
#[derive(Clone, Debug, Default)]
pub struct Figures {
    pub requests: u64,
    /// Answers of another status than the wanted one, and broken connections.
    pub failed: u64,
    pub per_second: f64,
    pub p50_ms: f64,
    pub p99_ms: f64,
    pub p999_ms: f64,
}

/// Sends for `time` over `connections` and expects every answer to have the status `wanted`.
///
/// # Errors
/// If a connection cannot be made.
pub async fn run(
    address: SocketAddr,
    connections: usize,
    time: Duration,
    wanted: StatusCode,
    source: &Source,
) -> anyhow::Result<Figures> {
    let start = Instant::now();
    let mut workers = JoinSet::new();
    for _ in 0..connections {
        let source = Arc::clone(source);
        workers.spawn(async move { worker(address, start + time, wanted, &source).await });
    }
    let mut latencies = Vec::new();
    let mut failed = 0;
    while let Some(done) = workers.join_next().await {
        let (own, own_failed) = done??;
        latencies.extend(own);
        failed += own_failed;
    }
    let took = start.elapsed();
    latencies.sort_unstable();
    let at = |share: f64| {
        let index = ((latencies.len() as f64 - 1.0) * share).round().max(0.0) as usize;
        latencies
            .get(index)
            .map_or(0.0, |latency| latency.as_secs_f64() * 1e3)
    };
    Ok(Figures {
        requests: latencies.len() as u64,
        failed,
        per_second: latencies.len() as f64 / took.as_secs_f64(),
        p50_ms: at(0.5),
        p99_ms: at(0.99),
        p999_ms: at(0.999),
    })
}

async fn worker(
    address: SocketAddr,
    end: Instant,
    wanted: StatusCode,
    source: &Source,
) -> anyhow::Result<(Vec<Duration>, u64)> {
    let stream = TcpStream::connect(address)
        .await
        .with_context(|| format!("cannot connect to {address}"))?;
    stream.set_nodelay(true)?;
    let (mut sender, connection) = http1::handshake(TokioIo::new(stream)).await?;
    tokio::spawn(connection);
    let mut latencies = Vec::new();
    let mut failed = 0;
    while Instant::now() < end {
        let sent = Instant::now();
        sender.ready().await.context("the connection was closed")?;
        let answer = sender.send_request(source()).await?;
        let status = answer.status();
        answer.into_body().collect().await?;
        latencies.push(sent.elapsed());
        failed += u64::from(status != wanted);
    }
    Ok((latencies, failed))
}
