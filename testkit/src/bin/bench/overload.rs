//! `bench overload`: goodput at up to ten times the capacity.
//!
//! The stand-ins are limited by their concurrency, so that requests beyond it cost this machine little. Real replicas are limited
//! by its processors, which they share with the load generator.

use std::net::SocketAddr;
use std::time::Duration;

use hyper::StatusCode;
use testkit::load::open_loop::RequestSample;
use testkit::load::{RequestFactory, closed_loop, open_loop, percentile};
use testkit::{Cluster, Options};

use crate::ms;
use crate::requests::{place_real_orders, place_standin_orders};
use crate::reverse_proxy::ReverseProxyKind;
use crate::server_build::ServerBuild;
use crate::testbed::{ServiceTime, Testbed};

const CONNECTIONS: usize = 64;
const CAPACITY_RUN: Duration = Duration::from_secs(4);
const RUN: Duration = Duration::from_secs(6);
/// Offered load as multiples of the capacity.
const MULTIPLES: [f64; 6] = [0.5, 1.0, 2.0, 3.0, 5.0, 10.0];
/// A burst of this many orders within a tenth of a second, after this time without load.
const BURST_ORDERS: u32 = 1_000;
const BURST: Duration = Duration::from_millis(100);
const CALM: Duration = Duration::from_secs(3);
/// A capacity of 1,600 orders/s for each stand-in.
const SERVICE_TIME: ServiceTime = ServiceTime {
    typical_ms: 5,
    slow_ms: 5,
    concurrency: 8,
};

pub async fn run(others: &[ServerBuild]) -> anyhow::Result<()> {
    println!(
        "three stand-ins for replicas, each executes {} orders of {} ms at once",
        SERVICE_TIME.concurrency, SERVICE_TIME.typical_ms
    );
    for build in ServerBuild::with_present(others) {
        println!("\n{}", build.name);
        let testbed = Testbed::start(&ReverseProxyKind::Tiffin(build), SERVICE_TIME).await?;
        let memory_kb = || testbed.memory_kb();
        print_table(testbed.address()?, &place_standin_orders(), &memory_kb).await?;
    }

    println!("\nthree real replicas");
    for build in ServerBuild::with_present(others) {
        println!("\n{}", build.name);
        let cluster = Cluster::start(Options {
            server_program: build.program,
            ..Options::default()
        });
        let cluster = cluster.await?;
        let address = cluster.url().trim_start_matches("http://").parse()?;
        let requests = place_real_orders(&cluster).await?;
        let memory_kb = || cluster.server_memory_kb();
        print_table(address, &requests, &memory_kb).await?;
    }
    Ok(())
}

async fn print_table(
    address: SocketAddr,
    requests: &RequestFactory,
    memory_kb: &dyn Fn() -> anyhow::Result<u64>,
) -> anyhow::Result<()> {
    let capacity = closed_loop::run(
        address,
        CONNECTIONS,
        CAPACITY_RUN,
        StatusCode::CREATED,
        requests,
    );
    let capacity = capacity.await?.per_second;
    println!(
        "capacity: {capacity:.0} orders/s over {CONNECTIONS} connections\n\n{:>6} {:>9} {:>9} {:>8} {:>8} {:>12} {:>13} {:>10}",
        "load",
        "offered/s",
        "placed/s",
        "refused",
        "other",
        "placed p99",
        "refused p99",
        "server MB"
    );
    for multiple in MULTIPLES {
        let per_second = (capacity * multiple) as u32;
        let samples = open_loop::run(address, per_second, RUN, requests).await;
        let placed = sorted_latencies(&samples, |status| status == Some(StatusCode::CREATED));
        let refused = sorted_latencies(&samples, |status| {
            status == Some(StatusCode::SERVICE_UNAVAILABLE)
        });
        let elapsed = samples
            .iter()
            .map(|sample| sample.scheduled_at + sample.latency)
            .max()
            .unwrap_or(RUN);
        println!(
            "{multiple:>6.1} {:>9.0} {:>9.0} {:>8} {:>8} {:>12.1} {:>13.1} {:>10}",
            samples.len() as f64 / RUN.as_secs_f64(),
            placed.len() as f64 / elapsed.as_secs_f64(),
            refused.len(),
            samples.len() - placed.len() - refused.len(),
            ms(percentile(&placed, 0.99)),
            ms(percentile(&refused, 0.99)),
            memory_kb()? / 1024
        );
    }
    tokio::time::sleep(CALM).await;
    let samples = open_loop::run(address, BURST_ORDERS * 10, BURST, requests).await;
    let placed = sorted_latencies(&samples, |status| status == Some(StatusCode::CREATED));
    println!(
        "burst of {}: {} placed, p99 {:.1} ms",
        samples.len(),
        placed.len(),
        ms(percentile(&placed, 0.99))
    );
    Ok(())
}

fn sorted_latencies(
    samples: &[RequestSample],
    includes: impl Fn(Option<StatusCode>) -> bool,
) -> Vec<Duration> {
    let mut latencies: Vec<Duration> = samples
        .iter()
        .filter(|sample| includes(sample.status))
        .map(|sample| sample.latency)
        .collect();
    latencies.sort_unstable();
    latencies
}
