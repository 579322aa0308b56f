//! The fault tests: customers, staff and listeners of the feed on a whole Tiffin of real processes while a nemesis breaks parts of
//! it, and a checker that holds what everybody was told against what the store has.

pub mod checker;
mod customers;
pub mod finding;
pub mod history;
mod listeners;
mod nemesis;
mod people;
mod plan;
mod report;
mod session;
mod shop;
mod staff;
pub mod stored;
mod supply;

use std::fmt::Write;
use std::sync::Arc;
use std::time::{Duration, Instant};

use customers::Ways;
use history::{Journal, Record, Supply};
use listeners::Listeners;
use nemesis::Nemesis;
use session::Way;
use shop::Shop;
use stored::Stored;

pub use report::Report;

use crate::{Cluster, Options};

const REPLICAS: u16 = 3;
/// Enough that there is always something on its way, few enough that two processors keep up.
const CUSTOMERS: u32 = 16;

/// So long an order waits to be accepted: so few that the open orders are not too many to look at in a run of an hour.
const ACCEPT_WITHIN_MS: u64 = 30_000;

/// Breaks things for so long, and tells what came of it. Data, logs and history are kept where there is a finding, or where `keep`
/// says so.
///
/// # Errors
/// If the run itself fails: a process does not start, or cannot be broken as planned.
pub async fn run(seed: u64, time: Duration, keep: bool) -> anyhow::Result<Report> {
    let start = Instant::now();
    let menus = tempfile::tempdir()?;
    let limited = supply::with_places(&Options::default().menus, menus.path())?;
    let mut cluster = Cluster::start(Options {
        menus: menus.path().to_owned(),
        replicas: REPLICAS,
        network: Some(seed),
        settings: vec![("TIFFIN_ACCEPT_WITHIN_MS", ACCEPT_WITHIN_MS.to_string())],
        ..Options::default()
    })
    .await?;
    let journal = Arc::new(Journal::begin(&cluster.data().join("history.jsonl"))?);
    for restaurant in &limited {
        journal.add(Record::Supply(Supply {
            restaurant: restaurant.clone(),
            dish: None,
            most: supply::PLACES,
        }))?;
    }
    let shop = Arc::new(Shop::open(&cluster.customer(), limited).await?);
    let way = |server, url, bad_line| Way {
        server,
        url,
        bad_line,
    };
    let other = cluster.start_server().await?;
    let bad = format!("http://{}", cluster.network()?.customers.address);
    let ways = Ways {
        servers: [
            way(1, cluster.url().to_owned(), false),
            way(2, other, false),
        ],
        bad_line: way(1, bad, true),
    };
    let listeners = Listeners::new(&journal);
    let staff = staff::start(&cluster, &ways.servers, shop.menus(), &listeners, seed).await?;
    let crowd = customers::start(&ways, &shop, &listeners, seed, CUSTOMERS)?;
    let mut nemesis = Nemesis::new(cluster, REPLICAS, Arc::clone(&journal));
    let broken = nemesis.run(&plan::plan(seed, time, REPLICAS), time).await;
    if broken.is_err() {
        nemesis.cluster.keep_folder();
        eprintln!("kept: {}", nemesis.cluster.data().display());
    }
    broken?;
    crowd.close().await?;
    staff.close().await?;
    let last = Stored::read(&nemesis.cluster.database()?)?.versions();
    listeners.close(last).await?;
    let records = journal.end()?;
    let stored = Stored::read(&nemesis.cluster.database()?)?;
    let mut verdict = checker::check(&records, &stored);
    verdict.findings.append(&mut nemesis.findings);
    let mut report = Report::new(
        seed,
        start.elapsed(),
        nemesis.made,
        nemesis.left_out,
        &records,
        verdict,
    );
    if keep || !report.findings.is_empty() {
        let folder = nemesis.cluster.data();
        let mut all = String::new();
        for finding in &report.findings {
            writeln!(all, "{}: {finding}", finding.name())?;
        }
        std::fs::write(folder.join("findings.txt"), all)?;
        report.kept = Some(folder.to_path_buf());
        nemesis.cluster.keep_folder();
    }
    Ok(report)
}
