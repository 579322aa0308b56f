//! `bench failover`: what customers see of each fault, at a fixed rate of orders (open-loop), with Tiffin and with general proxies
//! before the same stand-ins. Customers do not retry.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;
use std::{hint, thread};

use hyper::StatusCode;
use model::status::AdminState;
use rustix::process::Signal;
use testkit::load::open_loop::{self, RequestSample};
use testkit::load::percentile;

use crate::ms;
use crate::requests::place_standin_orders;
use crate::reverse_proxy::ReverseProxyKind;
use crate::server_build::ServerBuild;
use crate::testbed::{ServiceTime, Testbed, UNLIMITED};

const PER_SECOND: u32 = 1_000;
/// Load before the fault.
const STEADY: Duration = Duration::from_secs(1);
/// Load after the fault. With the steady second there are eight thousand orders, so that the 99th percentile leaves out eighty.
const AFTER: Duration = Duration::from_secs(7);
/// Minimum number of orders at low rates, so that one of them is slow.
const MIN_ORDERS: u64 = 20;
/// The general proxies vary little between runs.
const MAX_PROXY_RUNS: u32 = 3;
const FLAPS: u32 = 10;
const FLAP_STOPPED: Duration = Duration::from_millis(150);
const FLAP_RUNNING: Duration = Duration::from_millis(350);
/// Long enough that the replica is ejected.
const HANG: Duration = Duration::from_secs(1);
const OUTAGE: Duration = Duration::from_millis(500);
const SLOW_MS: u64 = 150;
const TYPICAL_MS: u64 = 5;
/// Busy loops on two processors.
const BUSY_LOOPS: usize = 4;

#[derive(Clone, Copy, Debug)]
enum Fault {
    Kill,
    Hang,
    /// Orders get no response while health checks pass.
    GreyFailure,
    /// The primary hangs and resumes, then the others are killed.
    OnlyRecoveredLeft,
    /// Stopped and resumed in quick succession.
    Flap,
    SlowOrders,
    /// Busy loops compete for the processors.
    BusyProcessors,
    SetAdminState(AdminState),
    RollingRestart,
    TotalOutage,
}

struct Case {
    fault: Fault,
    name: &'static str,
    per_second: u32,
    /// The general proxies have no such function.
    tiffin_only: bool,
}

const fn case(fault: Fault, name: &'static str) -> Case {
    Case {
        fault,
        name,
        per_second: PER_SECOND,
        tiffin_only: false,
    }
}

const fn at_rate(per_second: u32, case: Case) -> Case {
    Case { per_second, ..case }
}

const fn tiffin_only(case: Case) -> Case {
    Case {
        tiffin_only: true,
        ..case
    }
}

const CASES: [Case; 16] = [
    case(Fault::Kill, "primary killed"),
    case(Fault::Hang, "primary hangs"),
    at_rate(100, case(Fault::Hang, "primary hangs, 100 orders/s")),
    at_rate(10, case(Fault::Hang, "primary hangs, 10 orders/s")),
    case(Fault::GreyFailure, "primary turns grey"),
    at_rate(10, case(Fault::GreyFailure, "primary grey, 10 orders/s")),
    case(Fault::OnlyRecoveredLeft, "hung one left after 1 s"),
    case(Fault::Flap, "primary flaps, 10 x 150 ms"),
    case(Fault::SlowOrders, "healthy, 1 % take 150 ms"),
    at_rate(10, case(Fault::SlowOrders, "1 % slow, 10 orders/s")),
    at_rate(1, case(Fault::SlowOrders, "1 % slow, 1 order/s")),
    case(Fault::BusyProcessors, "healthy, four busy loops"),
    tiffin_only(case(
        Fault::SetAdminState(AdminState::Down),
        "primary switched down",
    )),
    tiffin_only(case(
        Fault::SetAdminState(AdminState::Draining),
        "primary drained",
    )),
    tiffin_only(case(Fault::RollingRestart, "all restarted in turn")),
    case(Fault::TotalOutage, "all gone for 500 ms"),
];

/// Threads that each use a processor fully until this is dropped.
struct BusyLoops(Arc<AtomicBool>);

impl BusyLoops {
    fn start(number: usize) -> Self {
        let stop = Arc::new(AtomicBool::new(false));
        for _ in 0..number {
            let stop = Arc::clone(&stop);
            thread::spawn(move || {
                while !stop.load(Ordering::Relaxed) {
                    hint::spin_loop();
                }
            });
        }
        Self(stop)
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
    duplicates: usize,
    primary_changes: Option<usize>,
}

/// Runs the cases whose names contain `filter`. The proxies and builds take turns in each of them.
pub async fn run(runs: u32, filter: &str, others: &[ServerBuild]) -> anyhow::Result<()> {
    println!(
        "{PER_SECOND} orders/s of {TYPICAL_MS} ms on three stand-ins for replicas; the worst of {runs} runs, of at most {MAX_PROXY_RUNS} with HAProxy and nginx; dupl. are orders executed twice, switches are changes of the primary\n\n{:<28} {:<16} {:>7} {:>11} {:>9} {:>11} {:>7} {:>9}",
        "fault", "proxy", "failed", "slowest ms", "p99 ms", "steady p99", "dupl.", "switches"
    );
    let proxies = ReverseProxyKind::compared(others);
    for case in CASES.iter().filter(|case| case.name.contains(filter)) {
        let mut worst: Vec<(&ReverseProxyKind, Row)> = proxies
            .iter()
            .filter(|proxy| !case.tiffin_only || proxy.is_tiffin())
            .map(|proxy| (proxy, Row::default()))
            .collect();
        for run in 0..runs {
            for (proxy, worst) in &mut worst {
                if proxy.is_tiffin() || run < MAX_PROXY_RUNS {
                    *worst = worst.max(&run_once(case, proxy).await?);
                }
            }
        }
        for (proxy, worst) in &worst {
            worst.print(case.name, proxy);
        }
    }
    Ok(())
}

async fn run_once(case: &Case, proxy: &ReverseProxyKind) -> anyhow::Result<Row> {
    let (fault, per_second) = (case.fault, case.per_second);
    let slow_ms = match fault {
        Fault::SlowOrders => SLOW_MS,
        _ => TYPICAL_MS,
    };
    let service_time = ServiceTime {
        typical_ms: TYPICAL_MS,
        slow_ms,
        concurrency: UNLIMITED,
    };
    let mut testbed = Testbed::start(proxy, service_time).await?;
    let load_time = match fault {
        Fault::Flap => STEADY + (FLAP_STOPPED + FLAP_RUNNING) * FLAPS + STEADY,
        _ => STEADY + AFTER.max(Duration::from_secs(MIN_ORDERS) / per_second),
    };
    let address = testbed.address()?;
    // A warm-up, so that connections are open and the usual latency is known, as after a day of few orders.
    open_loop::run(address, PER_SECOND, STEADY, &place_standin_orders()).await;
    let load = tokio::spawn(async move {
        open_loop::run(address, per_second, load_time, &place_standin_orders()).await
    });
    let primary = testbed.primary().await?;
    tokio::time::sleep(STEADY).await;
    match fault {
        Fault::Kill => testbed.signal(primary, Signal::KILL)?,
        Fault::Hang => testbed.signal(primary, Signal::STOP)?,
        Fault::GreyFailure => testbed.start_grey_failure(primary).await?,
        Fault::OnlyRecoveredLeft => {
            testbed.signal(primary, Signal::STOP)?;
            tokio::time::sleep(HANG).await;
            testbed.signal(primary, Signal::CONT)?;
            testbed.kill_others(primary)?;
        }
        Fault::Flap => {
            for _ in 0..FLAPS {
                testbed.signal(primary, Signal::STOP)?;
                tokio::time::sleep(FLAP_STOPPED).await;
                testbed.signal(primary, Signal::CONT)?;
                tokio::time::sleep(FLAP_RUNNING).await;
            }
        }
        Fault::SlowOrders => {}
        Fault::BusyProcessors => {
            let loops = BusyLoops::start(BUSY_LOOPS);
            tokio::time::sleep(AFTER).await;
            drop(loops);
        }
        Fault::SetAdminState(state) => testbed.set_admin_state(primary, state).await?,
        Fault::RollingRestart => testbed.rolling_restart().await?,
        Fault::TotalOutage => {
            let killed_at = tokio::time::Instant::now();
            testbed.kill_all()?;
            tokio::time::sleep_until(killed_at + OUTAGE).await;
            testbed.restart_all().await?;
        }
    }
    let samples = load.await?;
    if matches!(fault, Fault::Hang) {
        testbed.signal(primary, Signal::CONT)?;
    }
    let mut row = Row::of(&samples);
    row.duplicates = testbed.duplicates().await?;
    row.primary_changes = testbed.primary_changes().await?;
    Ok(row)
}

impl Row {
    fn of(samples: &[RequestSample]) -> Self {
        let sorted_latencies = |samples: &mut dyn Iterator<Item = &RequestSample>| {
            let mut latencies: Vec<Duration> = samples.map(|sample| sample.latency).collect();
            latencies.sort_unstable();
            latencies
        };
        let all = sorted_latencies(&mut samples.iter());
        let steady = sorted_latencies(
            &mut samples
                .iter()
                .filter(|sample| sample.scheduled_at < STEADY * 9 / 10),
        );
        Self {
            failed: samples
                .iter()
                .filter(|sample| sample.status != Some(StatusCode::CREATED))
                .count(),
            slowest: all.last().copied().unwrap_or_default(),
            p99: percentile(&all, 0.99),
            steady_p99: percentile(&steady, 0.99),
            duplicates: 0,
            primary_changes: None,
        }
    }

    fn max(&self, other: &Self) -> Self {
        Self {
            failed: self.failed.max(other.failed),
            slowest: self.slowest.max(other.slowest),
            p99: self.p99.max(other.p99),
            steady_p99: self.steady_p99.max(other.steady_p99),
            duplicates: self.duplicates.max(other.duplicates),
            primary_changes: self.primary_changes.max(other.primary_changes),
        }
    }

    fn print(&self, name: &str, proxy: &ReverseProxyKind) {
        let primary_changes = self
            .primary_changes
            .map_or_else(|| "-".to_owned(), |changes| changes.to_string());
        println!(
            "{name:<28} {:<16} {:>7} {:>11.1} {:>9.1} {:>11.1} {:>7} {primary_changes:>9}",
            proxy.name(),
            self.failed,
            ms(self.slowest),
            ms(self.p99),
            ms(self.steady_p99),
            self.duplicates
        );
    }
}
