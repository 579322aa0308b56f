//! `bench stops`: how long no order is committed after the primary is stopped (SIGSTOP) at a random time under load, often in the
//! middle of a transaction while it holds the store's write lock.

use std::net::SocketAddr;
use std::time::Duration;

use hyper::StatusCode;
use testkit::load::open_loop::{self, RequestSample};
use testkit::load::percentile;
use testkit::{Cluster, Options};

use crate::ms;
use crate::requests::place_real_orders;

const PER_SECOND: u32 = 1_000;
/// Duration of the load around each stop.
const LOAD_TIME: Duration = Duration::from_millis(1_500);
/// Time from the first order to the stop.
const STOP_AFTER_MS: std::ops::Range<u64> = 400..700;

pub async fn run(stops: u32) -> anyhow::Result<()> {
    let mut cluster = Cluster::start(Options::default()).await?;
    let address: SocketAddr = cluster.url().trim_start_matches("http://").parse()?;
    let orders = place_real_orders(&cluster).await?;
    println!(
        "{stops} stops of the primary of three real replicas at random times, {PER_SECOND} orders/s\n"
    );
    let mut gaps = Vec::new();
    let mut slowest = Duration::ZERO;
    let (mut ended, mut failed) = (0, 0);
    for _ in 0..stops {
        let primary = cluster.primary().await?;
        let orders = orders.clone();
        let load =
            tokio::spawn(
                async move { open_loop::run(address, PER_SECOND, LOAD_TIME, &orders).await },
            );
        let after_ms = rand::random_range(STOP_AFTER_MS);
        tokio::time::sleep(Duration::from_millis(after_ms)).await;
        cluster.hang(primary)?;
        let samples = load.await?;
        gaps.push(longest_gap(&samples));
        slowest = slowest.max(
            samples
                .iter()
                .map(|sample| sample.latency)
                .max()
                .unwrap_or_default(),
        );
        failed += samples
            .iter()
            .filter(|sample| !is_committed(sample))
            .count();
        // A new process each time, as a supervisor would start: the ejection time of a replica that hangs repeatedly grows.
        if cluster.resume(primary)? {
            cluster.kill(primary).await?;
        } else {
            ended += 1;
        }
        cluster.start_replica(primary).await?;
        cluster.wait_available(3).await?;
    }
    gaps.sort_unstable();
    println!(
        "without a commit: p50 {:.0} ms, p90 {:.0} ms, longest {:.0} ms; slowest response {:.0} ms; {failed} failed; {ended} of them held the lock and were ended",
        ms(percentile(&gaps, 0.5)),
        ms(percentile(&gaps, 0.9)),
        ms(percentile(&gaps, 1.0)),
        ms(slowest),
    );
    Ok(())
}

fn is_committed(sample: &RequestSample) -> bool {
    sample.status == Some(StatusCode::CREATED)
}

/// Returns the longest time between two responses that acknowledge an order.
fn longest_gap(samples: &[RequestSample]) -> Duration {
    let mut committed: Vec<Duration> = samples
        .iter()
        .filter(|sample| is_committed(sample))
        .map(|sample| sample.scheduled_at + sample.latency)
        .collect();
    committed.sort_unstable();
    committed
        .windows(2)
        .map(|pair| pair[1] - pair[0])
        .max()
        .unwrap_or(LOAD_TIME)
}
