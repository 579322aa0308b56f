//! `bench stops`: for how long no order is committed when the primary is stopped at a random moment under load. Often that is in the
//! middle of a transaction, with the store's lock in its hand.

use std::net::SocketAddr;
use std::time::Duration;

use hyper::StatusCode;
use testkit::arrivals::{self, Arrival};
use testkit::{Cluster, Options};

use crate::{ms, percentile, real_orders};

const PER_SECOND: u32 = 1_000;
/// Of orders around each stop.
const LOAD: Duration = Duration::from_millis(1_500);
/// The stop comes so long after the first order, in milliseconds.
const STOPPED_AFTER_MS: std::ops::Range<u64> = 400..700;

pub async fn run(stops: u32) -> anyhow::Result<()> {
    let mut cluster = Cluster::start(Options::default()).await?;
    let address: SocketAddr = cluster.url().trim_start_matches("http://").parse()?;
    let orders = real_orders(&cluster).await?;
    println!(
        "{stops} stops of the primary of three real replicas at random moments, {PER_SECOND} orders/s\n"
    );
    let mut gaps = Vec::new();
    let mut slowest = Duration::ZERO;
    let (mut ended, mut failed) = (0, 0);
    for _ in 0..stops {
        let primary = cluster.primary().await?;
        let orders = orders.clone();
        let load =
            tokio::spawn(async move { arrivals::run(address, PER_SECOND, LOAD, &orders).await });
        let after_ms = rand::random_range(STOPPED_AFTER_MS);
        tokio::time::sleep(Duration::from_millis(after_ms)).await;
        cluster.hang(primary)?;
        let arrivals = load.await?;
        gaps.push(longest_gap(&arrivals));
        slowest = slowest.max(
            arrivals
                .iter()
                .map(|one| one.took)
                .max()
                .unwrap_or_default(),
        );
        failed += arrivals.iter().filter(|one| !is_committed(one)).count();
        // A new process each time, as a supervisor would start: one that hung again and again would be left for longer and longer.
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
        "without a commit: p50 {:.0} ms, p90 {:.0} ms, longest {:.0} ms; slowest answer {:.0} ms; {failed} failed; {ended} of them held the lock and were ended",
        ms(percentile(&gaps, 0.5)),
        ms(percentile(&gaps, 0.9)),
        ms(percentile(&gaps, 1.0)),
        ms(slowest),
    );
    Ok(())
}

fn is_committed(arrival: &Arrival) -> bool {
    arrival.status == Some(StatusCode::CREATED)
}

/// Between two answers that say that an order is committed.
fn longest_gap(arrivals: &[Arrival]) -> Duration {
    let mut committed: Vec<Duration> = arrivals
        .iter()
        .filter(|arrival| is_committed(arrival))
        .map(|arrival| arrival.at + arrival.took)
        .collect();
    committed.sort_unstable();
    committed
        .windows(2)
        .map(|pair| pair[1] - pair[0])
        .max()
        .unwrap_or(LOAD)
}
