//! The chaos tests, built like Jepsen's: simulated customers, staff and subscribers on a cluster of real processes record a history
//! of operations while a nemesis injects faults; a checker then compares the history with the store.

pub mod checker;
pub mod history;
pub mod store_snapshot;
pub mod violation;

mod client_pair;
mod customers;
mod fault_kind;
mod generator;
mod inventory;
mod nemesis;
mod recording_client;
mod report;
mod schedule;
mod staff;
mod staff_transition;
mod subscribers;
mod worker_group;

use std::fmt::Write;
use std::sync::Arc;
use std::time::{Duration, Instant};

use customers::CustomerTargets;
use generator::BasketGenerator;
use history::{HistoryRecorder, Inventory, Record};
use nemesis::Nemesis;
use recording_client::Target;
use store_snapshot::StoreSnapshot;
use subscribers::Subscribers;

pub use report::Report;

use crate::cluster::{Cluster, Options};

const REPLICAS: u16 = 3;
/// Enough that some request is always in flight, few enough for two processors.
const CUSTOMERS: u32 = 16;

/// Time for an order to be accepted before it expires: so short that the open orders stay few in a run of an hour.
const ACCEPT_WITHIN_MS: u64 = 30_000;

/// Runs the workload under faults for `time` and checks the history. Keeps data, logs and history where there is a violation, or
/// where `keep` is set.
///
/// # Errors
/// If the run itself fails: a process does not start, or a fault cannot be injected as scheduled.
pub async fn run(seed: u64, time: Duration, keep: bool) -> anyhow::Result<Report> {
    let start = Instant::now();
    let menus = tempfile::tempdir()?;
    let limited =
        inventory::copy_menus_with_slot_capacity(&Options::default().menus, menus.path())?;
    let mut cluster = Cluster::start(Options {
        menus: menus.path().to_owned(),
        replicas: REPLICAS,
        network: Some(seed),
        settings: vec![("TIFFIN_ACCEPT_WITHIN_MS", ACCEPT_WITHIN_MS.to_string())],
        ..Options::default()
    })
    .await?;
    let history_file = cluster.data_folder().join("history.jsonl");
    let history = Arc::new(HistoryRecorder::create(&history_file)?);
    for restaurant in &limited {
        history.record(Record::Inventory(Inventory {
            restaurant: restaurant.clone(),
            dish: None,
            limit: inventory::SLOT_CAPACITY,
        }))?;
    }
    let generator = Arc::new(BasketGenerator::load(&cluster.customer_client(), limited).await?);
    let targets = start_second_server(&mut cluster).await?;
    let subscribers = Subscribers::new(&history);
    let staff = staff::start(
        &cluster,
        &targets.servers,
        generator.menus(),
        &subscribers,
        seed,
    )
    .await?;
    let customers = customers::start(&targets, &generator, &subscribers, seed, CUSTOMERS)?;
    let mut nemesis = Nemesis::new(cluster, REPLICAS, Arc::clone(&history));
    let schedule = schedule::draw_schedule(seed, time, REPLICAS);
    let result = nemesis.run(&schedule, time).await;
    if result.is_err() {
        nemesis.cluster.keep_folder();
        eprintln!("kept: {}", nemesis.cluster.data_folder().display());
    }
    result?;
    customers.shut_down().await?;
    staff.shut_down().await?;
    let final_versions = StoreSnapshot::read(&nemesis.cluster.database()?)?.versions();
    subscribers.close(final_versions).await?;
    let records = history.finish()?;
    let store = StoreSnapshot::read(&nemesis.cluster.database()?)?;
    let mut result = checker::check(&records, &store);
    result.violations.append(&mut nemesis.log.violations);
    let mut report = Report::new(
        seed,
        start.elapsed(),
        nemesis.log.counts,
        nemesis.log.skipped,
        &records,
        result,
    );
    if keep || !report.violations.is_empty() {
        let folder = nemesis.cluster.data_folder();
        let mut lines = String::new();
        for violation in &report.violations {
            writeln!(lines, "{}: {violation}", violation.name())?;
        }
        std::fs::write(folder.join("violations.txt"), lines)?;
        report.kept_folder = Some(folder.to_path_buf());
        nemesis.cluster.keep_folder();
    }
    Ok(report)
}

/// Starts the second front-end server and returns both as customers reach them.
async fn start_second_server(cluster: &mut Cluster) -> anyhow::Result<CustomerTargets> {
    let second_url = cluster.start_server().await?;
    let faulty_url = format!("http://{}", cluster.network()?.customers.address);
    let target = |server, url, faulty_link| Target {
        server,
        url,
        faulty_link,
    };
    Ok(CustomerTargets {
        servers: [
            target(1, cluster.url().to_owned(), false),
            target(2, second_url, false),
        ],
        faulty: target(1, faulty_url, true),
    })
}
