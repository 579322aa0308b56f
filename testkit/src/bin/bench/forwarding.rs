//! `bench gateway`, its first part: what it costs that something stands in front of the replicas, with Tiffin and with general proxies
//! there. The replicas are stand-ins that answer at once.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use http_body_util::Full;
use hyper::{Request, StatusCode};
use model::api;
use testkit::arrivals;
use testkit::load::{self, Figures, Source};
use testkit::standin::FRESH;

use crate::front::Kind;
use crate::stand::{self, Stand, Takes, orders};
use crate::{ms, percentile};

pub const CONNECTIONS: usize = 64;
pub const WARM_UP: Duration = Duration::from_secs(2);
pub const RUN: Duration = Duration::from_secs(8);
/// Of the measurement with little load.
const PER_SECOND: u32 = 2_000;
const AT_ONCE: Takes = Takes {
    usual_ms: 0,
    slow_ms: 0,
    at_once: stand::ALL,
};

struct Cost {
    straight: Figures,
    through: Figures,
    /// Processor time of the front for one request.
    cpu: Duration,
    /// Medians at little load.
    calm_straight: Duration,
    calm_through: Duration,
}

pub async fn run() -> anyhow::Result<()> {
    println!(
        "Stand-ins for replicas; {CONNECTIONS} connections, {} s each; µs is processor time of the front for one request; +p50 is what it adds at {PER_SECOND}/s\n\n{:<8} {:<8} {:>11} {:>11} {:>6} {:>9} {:>9} {:>9} {:>7} {:>9} {:>7}",
        RUN.as_secs(),
        "request",
        "front",
        "straight/s",
        "through/s",
        "ratio",
        "p50 ms",
        "p99 ms",
        "p99.9 ms",
        "µs",
        "+p50 ms",
        "failed"
    );
    let cases: [(&str, Source, StatusCode); 3] = [
        ("POST", orders(), StatusCode::CREATED),
        ("GET", menus("any"), StatusCode::OK),
        // As replicas answer it; the proxies do not know what it means.
        ("GET menu", menus(FRESH), StatusCode::OK),
    ];
    for (name, source, wanted) in cases {
        for front in Kind::present() {
            let stand = Stand::start(front, AT_ONCE).await?;
            let cost = measure(&stand, &source, wanted).await?;
            cost.print(name, front);
        }
    }
    Ok(())
}

/// As large as a real one.
fn menus(slug: &str) -> Source {
    let path = format!("{}/{slug}/menu", api::RESTAURANTS);
    Arc::new(move || {
        Request::get(&path)
            .header("host", "tiffin")
            .body(Full::new(Bytes::new()))
            .expect("a request of fixed parts")
    })
}

async fn measure(stand: &Stand, source: &Source, wanted: StatusCode) -> anyhow::Result<Cost> {
    let (straight, through) = (stand.straight()?, stand.address()?);
    let load = async |address: SocketAddr, time: Duration| {
        load::run(address, CONNECTIONS, time, wanted, source).await
    };
    let calm = async |address: SocketAddr| {
        arrivals::run(address, PER_SECOND, WARM_UP, source).await;
        let arrivals = arrivals::run(address, PER_SECOND, RUN, source).await;
        let mut took: Vec<Duration> = arrivals.iter().map(|one| one.answered_in).collect();
        took.sort_unstable();
        percentile(&took, 0.5)
    };
    load(straight, WARM_UP).await?;
    let straight_figures = load(straight, RUN).await?;
    load(through, WARM_UP).await?;
    let before = stand.cpu_time()?;
    let through_figures = load(through, RUN).await?;
    let cpu = stand.cpu_time()? - before;
    Ok(Cost {
        cpu: cpu.div_f64(through_figures.requests as f64),
        straight: straight_figures,
        through: through_figures,
        calm_straight: calm(straight).await,
        calm_through: calm(through).await,
    })
}

impl Cost {
    fn print(&self, request: &str, front: Kind) {
        let Figures {
            per_second,
            p50_ms,
            p99_ms,
            p999_ms,
            failed,
            ..
        } = self.through;
        println!(
            "{request:<8} {:<8} {:>11.0} {per_second:>11.0} {:>6.2} {p50_ms:>9.2} {p99_ms:>9.2} {p999_ms:>9.2} {:>7.1} {:>9.3} {failed:>7}",
            front.name(),
            self.straight.per_second,
            per_second / self.straight.per_second,
            ms(self.cpu) * 1e3,
            ms(self.calm_through) - ms(self.calm_straight),
        );
    }
}
