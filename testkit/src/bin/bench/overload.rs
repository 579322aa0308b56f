//! `bench overload`: what is still done when up to ten times as much is asked as can be.
//!
//! The stand-ins have so many places and no more, so that what is asked beyond that costs this machine little; real replicas can do what
//! its processors can, which they share with those who ask.

use std::net::SocketAddr;
use std::time::Duration;

use hyper::StatusCode;
use testkit::arrivals::{self, Arrival};
use testkit::load::{self, Source};
use testkit::{Cluster, Options};

use crate::front::Kind;
use crate::stand::{self, Stand, Takes};
use crate::{ms, percentile, real_orders};

const CONNECTIONS: usize = 64;
const FINDING_OUT: Duration = Duration::from_secs(4);
const RUN: Duration = Duration::from_secs(6);
const TIMES: [f64; 6] = [0.5, 1.0, 2.0, 3.0, 5.0, 10.0];
/// 1,600 orders/s.
const TAKES: Takes = Takes {
    usual_ms: 5,
    slow_ms: 5,
    at_once: 8,
};

pub async fn run() -> anyhow::Result<()> {
    println!(
        "three stand-ins for replicas, each with {} places for orders of {} ms",
        TAKES.at_once, TAKES.usual_ms
    );
    let stand = Stand::start(Kind::Tiffin, TAKES).await?;
    let memory = || stand.memory_kb();
    table(stand.address()?, &stand::orders(), &memory).await?;
    drop(stand);

    println!("\nthree real replicas");
    let cluster = Cluster::start(Options::default()).await?;
    let address = cluster.url().trim_start_matches("http://").parse()?;
    let source = real_orders(&cluster).await?;
    let memory = || cluster.server_memory_kb();
    table(address, &source, &memory).await
}

async fn table(
    address: SocketAddr,
    source: &Source,
    memory_kb: &dyn Fn() -> anyhow::Result<u64>,
) -> anyhow::Result<()> {
    let capacity = load::run(
        address,
        CONNECTIONS,
        FINDING_OUT,
        StatusCode::CREATED,
        source,
    );
    let capacity = capacity.await?.per_second;
    println!(
        "capacity: {capacity:.0} orders/s over {CONNECTIONS} connections\n\n{:>6} {:>9} {:>9} {:>8} {:>8} {:>12} {:>13} {:>10}",
        "times", "asked/s", "done/s", "refused", "other", "done p99 ms", "refused p99", "server MB"
    );
    for times in TIMES {
        let per_second = (capacity * times) as u32;
        let arrivals = arrivals::run(address, per_second, RUN, source).await;
        let done = sorted(&arrivals, |status| status == Some(StatusCode::CREATED));
        let refused = sorted(&arrivals, |status| {
            status == Some(StatusCode::SERVICE_UNAVAILABLE)
        });
        let lasted = arrivals
            .iter()
            .map(|arrival| arrival.at + arrival.took)
            .max()
            .unwrap_or(RUN);
        println!(
            "{times:>6.1} {:>9.0} {:>9.0} {:>8} {:>8} {:>12.1} {:>13.1} {:>10}",
            arrivals.len() as f64 / RUN.as_secs_f64(),
            done.len() as f64 / lasted.as_secs_f64(),
            refused.len(),
            arrivals.len() - done.len() - refused.len(),
            ms(percentile(&done, 0.99)),
            ms(percentile(&refused, 0.99)),
            memory_kb()? / 1024
        );
    }
    Ok(())
}

fn sorted(arrivals: &[Arrival], wanted: impl Fn(Option<StatusCode>) -> bool) -> Vec<Duration> {
    let mut took: Vec<Duration> = arrivals
        .iter()
        .filter(|arrival| wanted(arrival.status))
        .map(|arrival| arrival.took)
        .collect();
    took.sort_unstable();
    took
}
