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
fn everything_works_only_when_every_replica_serves() {
    let healthy = status(
        vec![a_replica(1, Up, Available), a_replica(2, Up, Available)],
        &[Breaker::Closed, Breaker::Closed],
    );
    assert_eq!(summarise(&healthy).severity, Severity::Normal);
    assert_eq!(
        summarise(&healthy).detail,
        "Requests go to replica-1 first."
    );
    let one_down = status(
        vec![a_replica(1, Up, Available), a_replica(2, Down, Available)],
        &[],
    );
    assert_eq!(
        summarise(&one_down).title,
        "Taking orders with 1 of 2 replicas"
    );
    assert_eq!(summarise(&one_down).severity, Severity::Warning);
    let none = status(
        vec![
            a_replica(1, Up, Unavailable),
            a_replica(2, Draining, Available),
        ],
        &[],
    );
    assert_eq!(summarise(&none).severity, Severity::Critical);
    assert_eq!(summarise(&status(vec![], &[])).severity, Severity::Critical);
}

#[test]
fn an_unavailable_provider_is_mentioned_without_a_warning() {
    let replicas = || vec![a_replica(1, Up, Available)];
    let one = summarise(&status(replicas(), &[Breaker::Open, Breaker::Closed]));
    assert_eq!(one.severity, Severity::Normal);
    assert!(one.detail.contains("other provider"));
    let both = summarise(&status(replicas(), &[Breaker::Open, Breaker::Open]));
    assert!(both.detail.contains("built-in table"));
}

#[test]
fn an_unreadable_registry_is_a_warning() {
    let mut unreadable = status(vec![a_replica(1, Up, Available)], &[]);
    unreadable.registry.readable = false;
    assert_eq!(summarise(&unreadable).severity, Severity::Warning);
}

#[test]
fn the_admin_state_takes_precedence_over_the_health() {
    let label = |admin, health| replica_condition(&a_replica(1, admin, health)).label;
    assert_eq!(label(Down, Available), "Switched down");
    assert_eq!(label(Draining, Available), "Draining");
    assert_eq!(label(Draining, Unavailable), "Not available");
    assert_eq!(label(Up, Starting), "Starting");
    assert_eq!(label(Up, Available), "Available");
}

#[test]
fn switching_the_last_serving_replica_down_warns_that_orders_cannot_be_taken() {
    let two = status(
        vec![a_replica(1, Up, Available), a_replica(2, Up, Available)],
        &[],
    );
    assert!(
        switch_question(&two, "replica-1", Down)
            .consequence
            .contains("notice nothing")
    );
    let last = status(
        vec![a_replica(1, Up, Available), a_replica(2, Down, Available)],
        &[],
    );
    assert!(
        switch_question(&last, "replica-1", Down)
            .consequence
            .contains("cannot be taken")
    );
    assert!(switch_question(&last, "replica-2", Up).title.contains("up"));
}

#[test]
fn a_sparkline_ends_at_the_right_and_fills_its_box() {
    assert_eq!(sparkline_points(&[]), "");
    assert_eq!(sparkline_points(&[4.0]), "100.0,2.0 ");
    let full = sparkline_points(&[2.0; 60]);
    assert!(full.starts_with("0.0,2.0 "));
    assert_eq!(full.split_whitespace().count(), 60);
}

#[test]
fn numbers_are_rounded_and_grouped() {
    assert_eq!(format_decimal(2.34), "2.3");
    assert_eq!(format_decimal(0.0), "0.0");
    assert_eq!(format_decimal(-0.04), "0.0");
    assert_eq!(format_count(7), "7");
    assert_eq!(format_count(182_344), "182,344");
    assert_eq!(format_count(1_000_000), "1,000,000");
}
