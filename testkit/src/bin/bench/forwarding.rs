//! `bench gateway`, first part: the cost of a reverse proxy, for Tiffin and for general proxies, before stand-ins that respond at
//! once.

use std::net::SocketAddr;
use std::time::Duration;

use hyper::StatusCode;
use testkit::load::closed_loop::{self, LoadSummary};
use testkit::load::{RequestFactory, open_loop, percentile};
use testkit::standin::CACHEABLE_SLUG;

use crate::ms;
use crate::requests::{get_menu, place_standin_orders};
use crate::reverse_proxy::ReverseProxyKind;
use crate::server_build::ServerBuild;
use crate::testbed::{ServiceTime, Testbed, UNLIMITED};

pub const CONNECTIONS: usize = 64;
pub const WARM_UP: Duration = Duration::from_secs(2);
pub const RUN: Duration = Duration::from_secs(8);
/// Rate of the open-loop measurement at low load.
const PER_SECOND: u32 = 2_000;
const IMMEDIATE: ServiceTime = ServiceTime {
    typical_ms: 0,
    slow_ms: 0,
    concurrency: UNLIMITED,
};

struct Cost {
    direct: LoadSummary,
    proxied: LoadSummary,
    /// CPU time of the proxy per request.
    cpu: Duration,
    /// Median service times at low load.
    direct_p50: Duration,
    proxied_p50: Duration,
}

pub async fn run(others: &[ServerBuild]) -> anyhow::Result<()> {
    println!(
        "Stand-ins for replicas; {CONNECTIONS} connections, {} s each; µs is CPU time of the proxy per request; +p50 is the latency that it adds at {PER_SECOND}/s\n\n{:<8} {:<16} {:>11} {:>11} {:>6} {:>9} {:>9} {:>9} {:>7} {:>9} {:>7}",
        RUN.as_secs(),
        "request",
        "proxy",
        "direct/s",
        "proxied/s",
        "ratio",
        "p50 ms",
        "p99 ms",
        "p99.9 ms",
        "µs",
        "+p50 ms",
        "failed"
    );
    let cases: [(&str, RequestFactory, StatusCode); 3] = [
        ("POST", place_standin_orders(), StatusCode::CREATED),
        ("GET", get_menu("any", None), StatusCode::OK),
        // With a TTL, as replicas send it; only Tiffin caches it.
        ("GET menu", get_menu(CACHEABLE_SLUG, None), StatusCode::OK),
    ];
    for (name, requests, expected) in cases {
        for proxy in ReverseProxyKind::compared(others) {
            let testbed = Testbed::start(&proxy, IMMEDIATE).await?;
            let cost = measure(&testbed, &requests, expected).await?;
            cost.print(name, &proxy);
        }
    }
    Ok(())
}

async fn measure(
    testbed: &Testbed,
    requests: &RequestFactory,
    expected: StatusCode,
) -> anyhow::Result<Cost> {
    let (direct_address, proxy_address) = (testbed.direct_address()?, testbed.address()?);
    let load = async |address: SocketAddr, time: Duration| {
        closed_loop::run(address, CONNECTIONS, time, expected, requests).await
    };
    let p50_at_low_load = async |address: SocketAddr| {
        open_loop::run(address, PER_SECOND, WARM_UP, requests).await;
        let samples = open_loop::run(address, PER_SECOND, RUN, requests).await;
        let mut times: Vec<Duration> = samples.iter().map(|sample| sample.service_time).collect();
        times.sort_unstable();
        percentile(&times, 0.5)
    };
    load(direct_address, WARM_UP).await?;
    let direct = load(direct_address, RUN).await?;
    load(proxy_address, WARM_UP).await?;
    let cpu_before = testbed.cpu_time()?;
    let proxied = load(proxy_address, RUN).await?;
    let cpu = testbed.cpu_time()? - cpu_before;
    Ok(Cost {
        cpu: cpu.div_f64(proxied.requests as f64),
        direct,
        proxied,
        direct_p50: p50_at_low_load(direct_address).await,
        proxied_p50: p50_at_low_load(proxy_address).await,
    })
}

impl Cost {
    fn print(&self, request: &str, proxy: &ReverseProxyKind) {
        let LoadSummary {
            per_second,
            p50_ms,
            p99_ms,
            p999_ms,
            failed,
            ..
        } = self.proxied;
        println!(
            "{request:<8} {:<16} {:>11.0} {per_second:>11.0} {:>6.2} {p50_ms:>9.2} {p99_ms:>9.2} {p999_ms:>9.2} {:>7.1} {:>9.3} {failed:>7}",
            proxy.name(),
            self.direct.per_second,
            per_second / self.direct.per_second,
            ms(self.cpu) * 1e3,
            ms(self.proxied_p50) - ms(self.direct_p50),
        );
    }
}
