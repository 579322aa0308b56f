use super::*;
use model::status::{Primary, RegistryStatus, Traffic};

fn a_replica(number: u32, admin_state: AdminState, health: Health) -> ReplicaStatus {
    ReplicaStatus {
        id: format!("replica-{number}"),
        address: None,
        version: "0.1.0".into(),
        started_at_ms: 0,
        admin_state,
        health,
        reason: None,
        since_ms: 0,
        latency_ms: vec![],
        requests_per_second: 0.0,
        in_flight: 0,
    }
}

fn status(replicas: Vec<ReplicaStatus>, providers: &[Breaker]) -> Status {
    Status {
        now_ms: 0,
        signed_in: false,
        server: "server-1".into(),
        servers: vec![],
        registry: RegistryStatus {
            readable: true,
            snapshot_at_ms: 0,
        },
        primary: replicas.first().map(|replica| Primary {
            replica: replica.id.clone(),
            since_ms: 0,
        }),
        replicas,
        providers: providers
            .iter()
            .map(|breaker| ProviderStatus {
                name: String::new(),
                breaker: *breaker,
                last_success_ms: None,
                last_failure_ms: None,
                last_error: None,
                successes: 0,
                failures: 0,
            })
            .collect(),
        traffic: Traffic::default(),
        events: vec![],
        drill: None,
    }
}

use AdminState::{Down, Draining, Up};
use Health::{Available, Starting, Unavailable};

#[test]
fn all_is_well_only_when_all_is() {
    let well = status(
        vec![a_replica(1, Up, Available), a_replica(2, Up, Available)],
        &[Breaker::Closed, Breaker::Closed],
    );
    assert_eq!(verdict(&well).shape, Shape::Good);
    assert_eq!(verdict(&well).detail, "Requests go to replica-1 first.");
    let one_less = status(
        vec![a_replica(1, Up, Available), a_replica(2, Down, Available)],
        &[],
    );
    assert_eq!(
        verdict(&one_less).title,
        "Taking orders with 1 of 2 replicas"
    );
    assert_eq!(verdict(&one_less).shape, Shape::Between);
    let none = status(
        vec![
            a_replica(1, Up, Unavailable),
            a_replica(2, Draining, Available),
        ],
        &[],
    );
    assert_eq!(verdict(&none).shape, Shape::Stopped);
    assert_eq!(verdict(&status(vec![], &[])).shape, Shape::Stopped);
}

#[test]
fn a_provider_that_is_away_is_told_but_alarms_nobody() {
    let replicas = || vec![a_replica(1, Up, Available)];
    let one = verdict(&status(replicas(), &[Breaker::Open, Breaker::Closed]));
    assert_eq!(one.shape, Shape::Good);
    assert!(one.detail.contains("other provider"));
    let both = verdict(&status(replicas(), &[Breaker::Open, Breaker::Open]));
    assert!(both.detail.contains("built-in table"));
}

#[test]
fn a_lost_registry_is_told() {
    let mut lost = status(vec![a_replica(1, Up, Available)], &[]);
    lost.registry.readable = false;
    assert_eq!(verdict(&lost).shape, Shape::Between);
}

#[test]
fn what_the_operator_wants_comes_before_what_it_is() {
    let word = |admin, health| replica(&a_replica(1, admin, health)).1;
    assert_eq!(word(Down, Available), "Switched down");
    assert_eq!(word(Draining, Available), "Draining");
    assert_eq!(word(Draining, Unavailable), "Not available");
    assert_eq!(word(Up, Starting), "Starting");
    assert_eq!(word(Up, Available), "Available");
}

#[test]
fn the_last_replica_is_not_taken_away_without_saying_so() {
    let two = status(
        vec![a_replica(1, Up, Available), a_replica(2, Up, Available)],
        &[],
    );
    assert!(
        question(&two, "replica-1", Down)
            .1
            .contains("notice nothing")
    );
    let last = status(
        vec![a_replica(1, Up, Available), a_replica(2, Down, Available)],
        &[],
    );
    assert!(
        question(&last, "replica-1", Down)
            .1
            .contains("cannot be taken")
    );
    assert!(question(&last, "replica-2", Up).0.contains("up"));
}

#[test]
fn a_sparkline_ends_at_the_right_and_stays_in_its_box() {
    assert_eq!(sparkline(&[]), "");
    assert_eq!(sparkline(&[4.0]), "100.0,2.0 ");
    let full = sparkline(&[2.0; 60]);
    assert!(full.starts_with("0.0,2.0 "));
    assert_eq!(full.split_whitespace().count(), 60);
}

#[test]
fn numbers_are_short() {
    assert_eq!(tenths(2.34), "2.3");
    assert_eq!(tenths(0.0), "0.0");
    assert_eq!(tenths(-0.04), "0.0");
    assert_eq!(thousands(7), "7");
    assert_eq!(thousands(182_344), "182,344");
    assert_eq!(thousands(1_000_000), "1,000,000");
}
