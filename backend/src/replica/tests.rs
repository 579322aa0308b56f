//! The life cycle of a replica over real connections, with a router of the tests.

mod running_replica;

use std::sync::Arc;
use std::sync::atomic::AtomicU32;
use std::time::Duration;

use axum::Router;
use model::status::AdminState;
use registry::{LeaseTiming, NewRegistration, Registry, Role};
use tokio::time::timeout;

use super::{Replica, ReplicaConfig};
use running_replica::{FAR_TOO_LONG, PanickingRegistry, RunningReplica, config, registry};

#[tokio::test]
async fn a_replica_registers_serves_and_deregisters() {
    let replica = RunningReplica::up().await;
    let snapshot = replica.registry.snapshot().await.unwrap();
    assert_eq!(
        (snapshot[0].id.as_str(), snapshot[0].role),
        ("replica-1", Role::Replica)
    );
    assert_eq!(snapshot[0].address, replica.address);
    assert_eq!(
        replica.request("/quick").await.response().await.unwrap(),
        "quick"
    );
    let registry = replica.registry.clone();
    replica.end().await.unwrap();
    assert!(registry.snapshot().await.unwrap().is_empty());
}

#[tokio::test]
async fn shutdown_waits_for_requests_in_flight() {
    let replica = RunningReplica::up().await;
    let mut slow = replica.request("/slow").await;
    replica.until_in_flight(1).await;
    let (registry, finish) = (replica.registry.clone(), replica.finish.clone());
    let handle = replica.handle.clone();
    let mut changes = registry.changes();
    let ending = tokio::spawn(replica.end());
    while !registry.snapshot().await.unwrap().is_empty() {
        timeout(FAR_TOO_LONG, changes.changed())
            .await
            .unwrap()
            .unwrap();
    }
    assert_eq!(handle.reason_not_ready(), Some("shutting down"));
    assert_eq!(handle.in_flight(), 1);
    finish.add_permits(1);
    assert_eq!(slow.response().await.unwrap(), "slow");
    ending.await.unwrap().unwrap();
    assert_eq!(handle.in_flight(), 0);
}

#[tokio::test]
async fn shutdown_waits_no_longer_than_the_drain_time() {
    let config = ReplicaConfig {
        drain: Duration::from_millis(20),
        ..config()
    };
    let replica = RunningReplica::start(config, registry()).await;
    let mut slow = replica.request("/slow").await;
    replica.until_in_flight(1).await;
    let handle = replica.handle.clone();
    replica.end().await.unwrap();
    assert_eq!(slow.response().await, None);
    assert_eq!(handle.in_flight(), 0);
}

#[tokio::test]
async fn switching_down_breaks_requests_in_flight_except_health() {
    let replica = RunningReplica::up().await;
    let mut order = replica.request("/slow").await;
    let mut health = replica.request("/health/slow").await;
    let mut idle = replica.request("/quick").await;
    idle.response().await.unwrap();
    replica.until_in_flight(1).await;

    replica.switch(AdminState::Down).await;
    assert_eq!(order.response().await, None);
    replica.until_in_flight(0).await;
    replica.finish.add_permits(1);
    assert_eq!(health.response().await.unwrap(), "slow");

    idle.send("/quick").await;
    assert_eq!(idle.response().await, None);
    assert_eq!(replica.request("/quick").await.response().await, None);
    health.send("/health/live").await;
    assert_eq!(health.response().await.unwrap(), "alive");
    health.send("/quick").await;
    assert_eq!(health.response().await, None);

    replica.switch(AdminState::Up).await;
    assert_eq!(
        replica.request("/quick").await.response().await.unwrap(),
        "quick"
    );
    replica.end().await.unwrap();
}

#[tokio::test]
async fn a_draining_replica_serves_requests_and_gives_a_reason_not_to_be_ready() {
    let replica = RunningReplica::up().await;
    assert_eq!(replica.handle.reason_not_ready(), None);
    let mut in_flight = replica.request("/slow").await;
    replica.until_in_flight(1).await;
    replica.switch(AdminState::Draining).await;
    assert!(replica.handle.reason_not_ready().is_some());
    assert_eq!(
        replica.request("/quick").await.response().await.unwrap(),
        "quick"
    );
    replica.finish.add_permits(1);
    assert_eq!(in_flight.response().await.unwrap(), "slow");
    replica.end().await.unwrap();
}

#[tokio::test]
async fn a_replica_that_restarts_while_switched_down_is_down_from_the_start() {
    let registry = registry();
    let first = RunningReplica::start(config(), registry.clone()).await;
    first.switch(AdminState::Down).await;
    first.end().await.unwrap();
    let second = RunningReplica::start(config(), registry).await;
    assert_eq!(second.request("/quick").await.response().await, None);
    assert!(
        second
            .request("/health/live")
            .await
            .response()
            .await
            .is_some()
    );
    second.end().await.unwrap();
}

#[tokio::test]
async fn a_newer_process_of_the_same_id_ends_the_older_one() {
    let older = RunningReplica::up().await;
    let registry = older.registry.clone();
    let newer = NewRegistration {
        id: "replica-1".to_owned(),
        role: Role::Replica,
        address: "127.0.0.1:9".to_owned(),
        public_url: None,
        version: "0.1.0".to_owned(),
        started_at_ms: 6,
        process_id: 1,
    };
    let lease = registry.register(newer).await.unwrap();
    let error = timeout(FAR_TOO_LONG, older.ended)
        .await
        .unwrap()
        .unwrap()
        .unwrap_err()
        .to_string();
    assert!(
        error.contains("replica-1") && error.contains("--id"),
        "{error}"
    );
    assert!(registry.heartbeat(&lease).await.is_ok());
}

#[tokio::test]
async fn replicas_without_an_id_or_a_port_get_their_own() {
    let registry = registry();
    let without_id = || ReplicaConfig {
        id: None,
        ..config()
    };
    let one = RunningReplica::start(without_id(), registry.clone()).await;
    let other = RunningReplica::start(without_id(), registry).await;
    other.until_registered(2).await;
    assert_ne!(one.handle.id, other.handle.id);
    assert_ne!(one.address, other.address);
    assert!(one.handle.id.starts_with("replica-"));
    one.end().await.unwrap();
    other.end().await.unwrap();
}

#[tokio::test]
async fn a_replica_ends_when_its_heartbeats_end() {
    let registry = PanickingRegistry {
        registry: registry(),
        heartbeats: AtomicU32::new(0),
    };
    let quick = ReplicaConfig {
        timing: LeaseTiming::new(Duration::from_millis(250)),
        ..config()
    };
    let replica = Replica::bind(quick, Arc::new(registry)).await.unwrap();
    let running = replica.run(Router::new(), |_, _| {}, std::future::pending());
    let ended = timeout(FAR_TOO_LONG, running)
        .await
        .expect("the replica ends");
    let error = ended.unwrap_err().to_string();
    assert!(error.contains("has ended"), "{error}");
}

#[tokio::test]
async fn an_unreachable_address_is_not_registered() {
    let everywhere = ReplicaConfig {
        listen: ([0, 0, 0, 0], 0).into(),
        ..config()
    };
    let error = Replica::bind(everywhere.clone(), registry()).await.err();
    assert!(error.unwrap().to_string().contains("--advertise"));
    let advertised = ReplicaConfig {
        advertise: Some("10.0.0.7:4100".to_owned()),
        ..everywhere
    };
    let replica = RunningReplica::start(advertised, registry()).await;
    let snapshot = replica.registry.snapshot().await.unwrap();
    assert_eq!(snapshot[0].address, "10.0.0.7:4100");
    replica.end().await.unwrap();
}

#[tokio::test]
async fn the_error_of_a_port_in_use_says_what_to_do() {
    let running = RunningReplica::up().await;
    let same = ReplicaConfig {
        listen: running.address.parse().unwrap(),
        ..config()
    };
    let error = format!("{:#}", Replica::bind(same, registry()).await.err().unwrap());
    assert!(
        error.contains(&running.address) && error.contains("--listen"),
        "{error}"
    );
    running.end().await.unwrap();
}
