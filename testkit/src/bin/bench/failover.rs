//! `bench failover`: what customers see of each fault, at a fixed rate of orders, with Tiffin and with general proxies in front of the
//! same replicas. Customers do not retry.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;
use std::{hint, thread};

use hyper::StatusCode;
use model::status::AdminState;
use rustix::process::Signal;
use testkit::arrivals::{self, Arrival};

use crate::front::Kind;
use crate::stand::{self, Stand, Takes, orders};
use crate::{ms, percentile};

const PER_SECOND: u32 = 1_000;
const STEADY: Duration = Duration::from_secs(1);
/// Eight thousand orders with the steady second, so that the 99th percentile leaves out eighty.
const AFTER: Duration = Duration::from_secs(7);
/// So many at least, where they come seldom: one of them is slow.
const SELDOM_ORDERS: u64 = 20;
/// What the proxies do varies little.
const RUNS_OF_PROXIES: u32 = 3;
const FLAPS: u32 = 10;
const STOPPED: Duration = Duration::from_millis(150);
const RUNNING: Duration = Duration::from_millis(350);
const GONE: Duration = Duration::from_millis(500);
const SLOW_MS: u64 = 150;
const USUAL_MS: u64 = 5;
/// On two processors.
const BUSY_LOOPS: usize = 4;

#[derive(Clone, Copy, Debug)]
enum Fault {
    Killed,
    Hangs,
    Grey,
    Flaps,
    Slow,
    /// Others want the processors too.
    Loops,
    Switched(AdminState),
    RestartedInTurn,
    AllGone,
}

struct Case {
    fault: Fault,
    name: &'static str,
    per_second: u32,
    /// What only Tiffin has.
    own: bool,
}

const fn case(fault: Fault, name: &'static str) -> Case {
    Case {
        fault,
        name,
        per_second: PER_SECOND,
        own: false,
    }
}

const fn seldom(per_second: u32, case: Case) -> Case {
    Case { per_second, ..case }
}

const fn own(case: Case) -> Case {
    Case { own: true, ..case }
}

const CASES: [Case; 13] = [
    case(Fault::Killed, "primary killed"),
    case(Fault::Hangs, "primary hangs"),
    seldom(100, case(Fault::Hangs, "the same at 100 orders/s")),
    case(Fault::Grey, "primary turns grey"),
    case(Fault::Flaps, "primary flaps, 10 x 150 ms"),
    case(Fault::Slow, "healthy, 1 % take 150 ms"),
    seldom(10, case(Fault::Slow, "the same at 10 orders/s")),
    seldom(1, case(Fault::Slow, "the same at 1 order/s")),
    case(Fault::Loops, "healthy, four busy loops"),
    own(case(
        Fault::Switched(AdminState::Down),
        "primary switched down",
    )),
    own(case(
        Fault::Switched(AdminState::Draining),
        "primary drained",
    )),
    own(case(Fault::RestartedInTurn, "all restarted in turn")),
    case(Fault::AllGone, "all gone for 500 ms"),
];

/// Threads that want a processor each, for as long as this lives.
struct BusyLoops(Arc<AtomicBool>);

impl BusyLoops {
    fn start(number: usize) -> Self {
        let over = Arc::new(AtomicBool::new(false));
        for _ in 0..number {
            let over = Arc::clone(&over);
            thread::spawn(move || {
                while !over.load(Ordering::Relaxed) {
                    hint::spin_loop();
                }
            });
        }
        Self(over)
    }
}

impl Drop for BusyLoops {
    fn drop(&mut self) {
        self.0.store(true, Ordering::Relaxed);
    }
}

#[derive(Default)]
struct Row {
    failed: usize,
    slowest: Duration,
    p99: Duration,
    steady_p99: Duration,
    twice: usize,
    switches: Option<usize>,
}

/// `only`: what the names of the faults contain.
pub async fn run(runs: u32, only: &str) -> anyhow::Result<()> {
    println!(
        "{PER_SECOND} orders/s of {USUAL_MS} ms on three stand-ins for replicas; the worst of {runs} runs, and of no more than {RUNS_OF_PROXIES} with a proxy\n\n{:<28} {:<8} {:>7} {:>11} {:>9} {:>11} {:>7} {:>9}",
        "fault", "front", "failed", "slowest ms", "p99 ms", "steady p99", "twice", "switches"
    );
    let fronts = Kind::present();
    for case in CASES.iter().filter(|case| case.name.contains(only)) {
        for front in fronts
            .iter()
            .filter(|front| !case.own || **front == Kind::Tiffin)
        {
            let mut worst = Row::default();
            let runs = match front {
                Kind::Tiffin => runs,
                Kind::HaProxy | Kind::Nginx => runs.min(RUNS_OF_PROXIES),
            };
            for _ in 0..runs {
                worst = worst.or(once(case, *front).await?);
            }
            worst.print(case.name, *front);
        }
    }
    Ok(())
}

async fn once(case: &Case, front: Kind) -> anyhow::Result<Row> {
    let (fault, per_second) = (case.fault, case.per_second);
    let slow_ms = match fault {
        Fault::Slow => SLOW_MS,
        _ => USUAL_MS,
    };
    let takes = Takes {
        usual_ms: USUAL_MS,
        slow_ms,
        at_once: stand::ALL,
    };
    let mut stand = Stand::start(front, takes).await?;
    let lasts = match fault {
        Fault::Flaps => STEADY + (STOPPED + RUNNING) * FLAPS + STEADY,
        _ => STEADY + AFTER.max(Duration::from_secs(SELDOM_ORDERS) / per_second),
    };
    let address = stand.address()?;
    // Connections are warm, as in the middle of an evening.
    arrivals::run(address, per_second, STEADY, &orders()).await;
    let load =
        tokio::spawn(async move { arrivals::run(address, per_second, lasts, &orders()).await });
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
        Fault::Loops => {
            let loops = BusyLoops::start(BUSY_LOOPS);
            tokio::time::sleep(AFTER).await;
            drop(loops);
        }
        Fault::Switched(state) => stand.switch(primary, state).await?,
        Fault::RestartedInTurn => stand.restart_in_turn().await?,
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
