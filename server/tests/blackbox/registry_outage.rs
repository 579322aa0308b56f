//! The registry is unreadable or locked: the last snapshot stays in use, switches fail with an error, and no replica is lost when the
//! registry is back.

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
use crate::site::Site;

/// The registry's file while it is moved away, as when a disk is gone.
struct MovedRegistry(PathBuf);

impl MovedRegistry {
    fn move_away(site: &Site) -> Self {
        let file = site.data().join("registry.db");
        fs::rename(&file, file.with_extension("away")).unwrap();
        Self(file)
    }

    fn restore(self) {
        fs::rename(self.0.with_extension("away"), &self.0).unwrap();
    }
}

#[tokio::test]
async fn requests_are_served_and_switches_fail() {
    let site = Site::new();
    let server = site.start_server().await;
    let _replica = Replica::join(&site, "replica-1").await;
    server.wait_for_available(&["replica-1"]).await;
    let cookie = server.session_cookie().await;
    let moved = MovedRegistry::move_away(&site);
    let status = server
        .wait_for_status(|status| !status.registry.readable)
        .await;
    assert_eq!(status.events[0].kind, EventKind::RegistryLost);
    assert_eq!(server.keyed_order().send().await.status, 200);
    let response = server
        .switch_request("replica-1", AdminState::Down)
        .header("cookie", &cookie)
        .send()
        .await;
    assert_eq!(response.problem().code, Code::Unavailable);
    assert_eq!(response.header("retry-after"), "2");
    moved.restore();
    let is_back = |event: &&Event| event.kind == EventKind::RegistryBack;
    let status = server
        .wait_for_status(|status| status.events.iter().any(|event| is_back(&event)))
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
async fn replicas_whose_leases_expire_meanwhile_are_kept() {
    let site = Site::with_lease(Duration::from_secs(1));
    let server = site.start_server().await;
    let replica = Replica::join(&site, "replica-1").await;
    server.wait_for_available(&["replica-1"]).await;
    let moved = MovedRegistry::move_away(&site);
    replica.stop_heartbeats();
    let longer_than_a_lease = 1_200;
    server
        .wait_for_status(|status| {
            !status.registry.readable
                && status.now_ms - status.registry.snapshot_at_ms > longer_than_a_lease
        })
        .await;
    moved.restore();
    let status = server
        .wait_for_status(|status| status.registry.readable)
        .await;
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
    server
        .wait_for_status(|status| status.replicas.len() == 1)
        .await;
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
async fn while_the_registry_is_locked_replicas_that_pass_health_checks_are_kept() {
    let site = Site::with_lease(Duration::from_secs(1));
    let server = site.start_server().await;
    let replica = Replica::join(&site, "replica-1").await;
    server.wait_for_available(&["replica-1"]).await;
    let locked = Connection::open(site.data().join("registry.db")).unwrap();
    locked.busy_timeout(Duration::from_secs(5)).unwrap();
    locked.execute_batch("BEGIN IMMEDIATE").unwrap();
    server
        .wait_for_event(EventKind::RegistryLost, "replica-1")
        .await;
    assert!(site.registry().snapshot().await.unwrap().is_empty());
    assert_eq!(server.keyed_order().send().await.status, 200);
    // A server that starts now finds no replica with a lease.
    let late = site.start_server().await;
    assert_eq!(late.keyed_order().send().await.status, 200);
    replica.kill().await;
    for server in [server, late] {
        server.wait_for_event(EventKind::Left, "replica-1").await;
    }
}

#[tokio::test]
async fn a_replica_without_a_lease_is_tried_last() {
    let site = Site::with_lease(Duration::from_secs(1));
    let server = site.start_server().await;
    let [first, second] = Replica::join_two(&site, &server).await;
    first.stop_heartbeats();
    server
        .wait_for_event(EventKind::RegistryLost, "replica-1")
        .await;
    assert_eq!(server.keyed_order().send().await.replica(), "replica-2");
    second.kill().await;
    assert_eq!(server.keyed_order().send().await.replica(), "replica-1");
}

/// Path of the registry's file, set for the process that holds its lock.
const REGISTRY: &str = "TIFFIN_TEST_REGISTRY";
const LOCKED: &str = "holds the lock";

fn hold_lock(registry: &Path) {
    let registry = Connection::open(registry).unwrap();
    registry.busy_timeout(Duration::from_secs(5)).unwrap();
    registry.execute_batch("BEGIN IMMEDIATE").unwrap();
    println!("{LOCKED}");
    let _ = std::io::stdin().read(&mut [0]);
}

#[tokio::test]
async fn a_stopped_process_with_the_registrys_lock_is_ended_and_reported() {
    // This test starts itself again as the process that holds the lock.
    if let Some(registry) = std::env::var_os(REGISTRY) {
        return hold_lock(Path::new(&registry));
    }
    let site = Site::new();
    let server = site.start_server().await;
    let mut holder = Command::new(std::env::current_exe().unwrap())
        .args(["a_stopped_process_with", "--nocapture"])
        .env(REGISTRY, site.data().join("registry.db"))
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut output = BufReader::new(holder.stdout.take().unwrap()).lines();
    assert!(
        output
            .by_ref()
            .map_while(Result::ok)
            .any(|line| line.contains(LOCKED))
    );
    let pid = Pid::from_raw(i32::try_from(holder.id()).unwrap()).unwrap();
    kill_process(pid, Signal::STOP).unwrap();
    let _replica = Replica::join(&site, "replica-1").await;
    server.wait_for_available(&["replica-1"]).await;
    let expected = format!(
        "process {} stood still while it held a lock that the others needed, and was ended by server-1",
        holder.id()
    );
    server
        .wait_for_status(|status| status.events.iter().any(|event| event.message == expected))
        .await;
    holder.wait().unwrap();
}
