//! `bench failover`: what customers see of each fault, at a fixed rate of orders, with Tiffin and with general proxies in front of the
//! same replicas. Customers do not retry.

use std::time::Duration;

use hyper::StatusCode;
use rustix::process::Signal;
use testkit::arrivals::{self, Arrival};

use crate::front::Kind;
use crate::stand::{Stand, Takes, orders};
use crate::{ms, percentile};

const PER_SECOND: u32 = 1_000;
const STEADY: Duration = Duration::from_secs(1);
/// Eight thousand orders with the steady second, so that the 99th percentile leaves out eighty.
const AFTER: Duration = Duration::from_secs(7);
/// What the proxies do varies little.
const RUNS_OF_PROXIES: u32 = 3;
const FLAPS: u32 = 10;
const STOPPED: Duration = Duration::from_millis(150);
const RUNNING: Duration = Duration::from_millis(350);
const GONE: Duration = Duration::from_millis(500);
const SLOW_MS: u64 = 150;
const USUAL_MS: u64 = 5;

#[derive(Clone, Copy, Debug)]
enum Fault {
    Killed,
    Hangs,
    Grey,
    Flaps,
    Slow,
    AllGone,
}

const FAULTS: [(Fault, &str); 6] = [
    (Fault::Killed, "primary killed"),
    (Fault::Hangs, "primary hangs"),
    (Fault::Grey, "primary turns grey"),
    (Fault::Flaps, "primary flaps, 10 x 150 ms"),
    (Fault::Slow, "healthy, 1 % take 150 ms"),
    (Fault::AllGone, "all gone for 500 ms"),
];

#[derive(Default)]
struct Row {
    failed: usize,
    slowest: Duration,
    p99: Duration,
    steady_p99: Duration,
    twice: usize,
    switches: Option<usize>,
}

pub async fn run(runs: u32) -> anyhow::Result<()> {
    println!(
        "{PER_SECOND} orders/s of {USUAL_MS} ms on three stand-ins for replicas; the worst of {runs} runs, and of no more than {RUNS_OF_PROXIES} with a proxy\n\n{:<28} {:<8} {:>7} {:>11} {:>9} {:>11} {:>7} {:>9}",
        "fault", "front", "failed", "slowest ms", "p99 ms", "steady p99", "twice", "switches"
    );
    let fronts = Kind::present();
    for (fault, name) in FAULTS {
        for front in &fronts {
            let mut worst = Row::default();
            let runs = match front {
                Kind::Tiffin => runs,
                Kind::HaProxy | Kind::Nginx => runs.min(RUNS_OF_PROXIES),
            };
            for _ in 0..runs {
                worst = worst.or(once(fault, *front).await?);
            }
            worst.print(name, *front);
        }
    }
    Ok(())
}

async fn once(fault: Fault, front: Kind) -> anyhow::Result<Row> {
    let slow_ms = if matches!(fault, Fault::Slow) {
        SLOW_MS
    } else {
        USUAL_MS
    };
    let takes = Takes {
        usual_ms: USUAL_MS,
        slow_ms,
    };
    let mut stand = Stand::start(front, takes).await?;
    let lasts = match fault {
        Fault::Flaps => STEADY + (STOPPED + RUNNING) * FLAPS + STEADY,
        _ => STEADY + AFTER,
    };
    let address = stand.address()?;
    // Connections are warm, as in the middle of an evening.
    arrivals::run(address, PER_SECOND, STEADY, &orders()).await;
    let load =
        tokio::spawn(async move { arrivals::run(address, PER_SECOND, lasts, &orders()).await });
    let primary = stand.primary().await?;
    tokio::time::sleep(STEADY).await;
    match fault {
        Fault::Killed => stand.signal(primary, Signal::KILL)?,
        Fault::Hangs => stand.signal(primary, Signal::STOP)?,
        Fault::Grey => stand.turn_grey(primary).await?,
        Fault::Flaps => {
            for _ in 0..FLAPS {
                stand.signal(primary, Signal::STOP)?;
                tokio::time::sleep(STOPPED).await;
                stand.signal(primary, Signal::CONT)?;
                tokio::time::sleep(RUNNING).await;
            }
        }
        Fault::Slow => {}
        Fault::AllGone => {
            let gone = tokio::time::Instant::now();
            stand.kill_all()?;
            tokio::time::sleep_until(gone + GONE).await;
            stand.restart_all().await?;
        }
    }
    let arrivals = load.await?;
    if matches!(fault, Fault::Hangs) {
        stand.signal(primary, Signal::CONT)?;
    }
    let mut row = Row::of(&arrivals);
    row.twice = stand.twice().await?;
    row.switches = stand.switches().await?;
    Ok(row)
}

impl Row {
    fn of(arrivals: &[Arrival]) -> Self {
        let sorted = |of: &mut dyn Iterator<Item = &Arrival>| {
            let mut took: Vec<Duration> = of.map(|arrival| arrival.took).collect();
            took.sort_unstable();
            took
        };
        let all = sorted(&mut arrivals.iter());
        let steady = sorted(
            &mut arrivals
                .iter()
                .filter(|arrival| arrival.at < STEADY * 9 / 10),
        );
        Self {
            failed: arrivals
                .iter()
                .filter(|arrival| arrival.status != Some(StatusCode::CREATED))
                .count(),
            slowest: all.last().copied().unwrap_or_default(),
            p99: percentile(&all, 0.99),
            steady_p99: percentile(&steady, 0.99),
            twice: 0,
            switches: None,
        }
    }

    fn or(self, other: Self) -> Self {
        Self {
            failed: self.failed.max(other.failed),
            slowest: self.slowest.max(other.slowest),
            p99: self.p99.max(other.p99),
            steady_p99: self.steady_p99.max(other.steady_p99),
            twice: self.twice.max(other.twice),
            switches: self.switches.max(other.switches),
        }
    }

    fn print(&self, name: &str, front: Kind) {
        let switches = self
            .switches
            .map_or_else(|| "-".to_owned(), |switches| switches.to_string());
        println!(
            "{name:<28} {:<8} {:>7} {:>11.1} {:>9.1} {:>11.1} {:>7} {switches:>9}",
            front.name(),
            self.failed,
            ms(self.slowest),
            ms(self.p99),
            ms(self.steady_p99),
            self.twice
        );
    }
}
