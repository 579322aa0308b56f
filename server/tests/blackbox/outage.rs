//! The registry is away: what was known last goes on, switches say so, and nobody is lost when it is back.

use std::fs;
use std::io::{BufRead, BufReader, Read};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::Duration;

use model::api;
use model::problem::Code;
use model::status::{AdminState, Event, EventKind};

use rusqlite::Connection;
use rustix::process::{Pid, Signal, kill_process};

use crate::replica::Replica;
use crate::server::Site;

/// Takes the registry's file away, as a disk that is gone does.
struct Away(PathBuf);

impl Away {
    fn take(site: &Site) -> Self {
        let file = site.data().join("registry.db");
        fs::rename(&file, file.with_extension("away")).unwrap();
        Self(file)
    }

    fn bring_back(self) {
        fs::rename(self.0.with_extension("away"), &self.0).unwrap();
    }
}

#[tokio::test]
async fn requests_are_served_and_switches_are_not() {
    let site = Site::new();
    let server = site.serve().await;
    let _replica = Replica::join(&site, "replica-1").await;
    server.has_available(&["replica-1"]).await;
    let cookie = server.session().await;
    let away = Away::take(&site);
    let status = server.shows(|status| !status.registry.readable).await;
    assert_eq!(status.events[0].kind, EventKind::RegistryLost);
    assert_eq!(server.keyed_order().send().await.status, 200);
    let answer = server
        .switching("replica-1", AdminState::Down)
        .header("cookie", &cookie)
        .send()
        .await;
    assert_eq!(answer.problem().code, Code::Unavailable);
    assert_eq!(answer.header("retry-after"), "2");
    away.bring_back();
    let is_back = |event: &&Event| event.kind == EventKind::RegistryBack;
    let status = server
        .shows(|status| status.events.iter().any(|event| is_back(&event)))
        .await;
    assert!(status.registry.readable);
    assert!(
        status
            .events
            .iter()
            .find(is_back)
            .unwrap()
            .took_ms
            .is_some()
    );
}

#[tokio::test]
async fn replicas_whose_leases_ran_out_meanwhile_are_not_lost() {
    let site = Site::with_lease(Duration::from_secs(1));
    let server = site.serve().await;
    let replica = Replica::join(&site, "replica-1").await;
    server.has_available(&["replica-1"]).await;
    let away = Away::take(&site);
    replica.stop_heartbeats();
    let longer_than_a_lease = 1_200;
    server
        .shows(|status| {
            !status.registry.readable
                && status.now_ms - status.registry.snapshot_at_ms > longer_than_a_lease
        })
        .await;
    away.bring_back();
    let status = server.shows(|status| status.registry.readable).await;
    assert!(
        site.registry()
            .snapshot()
            .await
            .unwrap()
            .iter()
            .all(|known| known.id != "replica-1")
    );
    assert!(status.primary.is_some());
    assert_eq!(server.get(api::RESTAURANTS).await.status, 200);

    replica.register(&site);
    server.shows(|status| status.replicas.len() == 1).await;
    let status = server.status().await;
    assert!(
        status
            .events
            .iter()
            .all(|event| !matches!(event.kind, EventKind::Left | EventKind::Killed)),
        "{:#?}",
        status.events
    );
}

#[tokio::test]
async fn while_somebody_keeps_it_locked_replicas_that_answer_stay() {
    let site = Site::with_lease(Duration::from_secs(1));
    let server = site.serve().await;
    let replica = Replica::join(&site, "replica-1").await;
    server.has_available(&["replica-1"]).await;
    let locked = Connection::open(site.data().join("registry.db")).unwrap();
    locked.busy_timeout(Duration::from_secs(5)).unwrap();
    locked.execute_batch("BEGIN IMMEDIATE").unwrap();
    server.tells(EventKind::RegistryLost, "replica-1").await;
    assert!(site.registry().snapshot().await.unwrap().is_empty());
    assert_eq!(server.keyed_order().send().await.status, 200);
    // One that starts now finds nobody with a lease.
    let late = site.serve().await;
    assert_eq!(late.keyed_order().send().await.status, 200);
    replica.kill().await;
    for server in [server, late] {
        server.tells(EventKind::Left, "replica-1").await;
    }
}

#[tokio::test]
async fn one_that_alone_has_no_lease_is_asked_last() {
    let site = Site::with_lease(Duration::from_secs(1));
    let server = site.serve().await;
    let [first, second] = Replica::join_two(&site, &server).await;
    first.stop_heartbeats();
    server.tells(EventKind::RegistryLost, "replica-1").await;
    assert_eq!(server.keyed_order().send().await.replica(), "replica-2");
    second.kill().await;
    assert_eq!(server.keyed_order().send().await.replica(), "replica-1");
}

/// Set for the process that is to stand still: the registry's file.
const REGISTRY: &str = "TIFFIN_TEST_REGISTRY";
const LOCKED: &str = "has the lock";

fn take_the_lock_and_keep_it(registry: &Path) {
    let registry = Connection::open(registry).unwrap();
    registry.busy_timeout(Duration::from_secs(5)).unwrap();
    registry.execute_batch("BEGIN IMMEDIATE").unwrap();
    println!("{LOCKED}");
    let _ = std::io::stdin().read(&mut [0]);
}

#[tokio::test]
async fn who_stands_still_with_the_registrys_lock_is_ended_and_told() {
    // This test starts itself again as the process that stands still.
    if let Some(registry) = std::env::var_os(REGISTRY) {
        return take_the_lock_and_keep_it(Path::new(&registry));
    }
    let site = Site::new();
    let server = site.serve().await;
    let mut holder = Command::new(std::env::current_exe().unwrap())
        .args(["who_stands_still_with", "--nocapture"])
        .env(REGISTRY, site.data().join("registry.db"))
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let said = BufReader::new(holder.stdout.take().unwrap()).lines();
    assert!(said.map_while(Result::ok).any(|line| line.contains(LOCKED)));
    let pid = Pid::from_raw(i32::try_from(holder.id()).unwrap()).unwrap();
    kill_process(pid, Signal::STOP).unwrap();
    let _replica = Replica::join(&site, "replica-1").await;
    server.has_available(&["replica-1"]).await;
    let told = format!(
        "process {} stood still while it held a lock that the others needed, and was ended by server-1",
        holder.id()
    );
    server
        .shows(|status| status.events.iter().any(|event| event.message == told))
        .await;
    holder.wait().unwrap();
}
