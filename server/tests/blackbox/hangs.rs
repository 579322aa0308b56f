//! Replicas that hold connections and say nothing, as a stopped process does.

use std::sync::Arc;
use std::time::{Duration, Instant};

use model::api;
use model::status::{EventKind, Health};

use crate::client::DEADLINE;
use crate::replica::{Behaviour, Replica};
use crate::server::{Server, Site};

#[tokio::test]
async fn a_late_request_is_answered_by_the_next_replica() {
    let site = Site::new();
    let server = site.serve_with(&["--attempt-timeout-ms", "150"]).await;
    let [first, _second] = Replica::join_two(&site, &server).await;
    first.behave(Behaviour::Hangs);
    let began = Instant::now();
    let answer = server.keyed_order().send().await;
    assert_eq!(
        (answer.status.as_u16(), answer.replica()),
        (200, "replica-2")
    );
    assert!(began.elapsed() >= Duration::from_millis(150));
}

#[tokio::test]
async fn requests_in_flight_leave_a_replica_whose_checks_hang() {
    let site = Site::new();
    // Attempts alone would take minutes to notice.
    let server = site
        .serve_with(&[
            "--attempt-timeout-ms",
            "120000",
            "--request-timeout-ms",
            "120000",
            "--health-timeout-ms",
            "300",
        ])
        .await;
    let [first, _second] = Replica::join_two(&site, &server).await;
    first.behave(Behaviour::Hangs);
    let orders: Vec<_> = (0..4)
        .map(|_| tokio::spawn(server.keyed_order().send()))
        .collect();
    first.has_seen(4).await;
    first.behave_when_checked(Behaviour::Hangs);
    for order in orders {
        let answer = order.await.unwrap();
        assert_eq!(
            (answer.status.as_u16(), answer.replica()),
            (200, "replica-2")
        );
    }
    let killed = server.tells(EventKind::Killed, "replica-1").await;
    assert_eq!(killed.message, "replica-1 gone: it does not answer");
}

/// Two replicas, and a server whose timeouts alone would take minutes to notice anything.
async fn patient(site: &Site, probe_floor_ms: &str) -> (Server, [Arc<Replica>; 2]) {
    let server = site
        .serve_with(&[
            "--attempt-timeout-ms",
            "120000",
            "--request-timeout-ms",
            "120000",
            "--health-timeout-ms",
            "120000",
            "--hedge-floor-ms",
            "120000",
            "--probe-floor-ms",
            probe_floor_ms,
        ])
        .await;
    let first = Replica::join(site, "replica-1").await;
    server.has_available(&["replica-1"]).await;
    let second = Replica::join(site, "replica-2").await;
    server.has_available(&["replica-1", "replica-2"]).await;
    (server, [first, second])
}

#[tokio::test]
async fn one_request_without_an_answer_has_the_replica_asked_and_left() {
    let site = Site::new();
    let (server, [first, _second]) = patient(&site, "30").await;
    first.behave(Behaviour::Hangs);
    first.behave_when_checked(Behaviour::Hangs);
    assert_eq!(server.keyed_order().send().await.replica(), "replica-2");
    let killed = server.tells(EventKind::Killed, "replica-1").await;
    assert_eq!(killed.message, "replica-1 gone: it does not answer");
}

#[tokio::test]
async fn a_replica_that_is_silent_for_a_moment_stays_primary_and_nobody_waits_for_it() {
    let site = Site::new();
    let (server, [first, _second]) = patient(&site, "30").await;
    first.behave(Behaviour::Hangs);
    first.behave_when_checked(Behaviour::Hangs);
    assert_eq!(server.keyed_order().send().await.replica(), "replica-2");
    first.behave(Behaviour::Answers);
    first.behave_when_checked(Behaviour::Answers);
    first.break_connections();
    let serves_again =
        async { while server.keyed_order().send().await.replica() != "replica-1" {} };
    tokio::time::timeout(DEADLINE, serves_again).await.unwrap();
    let status = server.status().await;
    assert_eq!(status.primary.unwrap().replica, "replica-1");
    assert!(
        status
            .events
            .iter()
            .all(|event| event.kind != EventKind::Killed)
    );
}

#[tokio::test]
async fn a_late_request_is_sent_to_the_next_replica_too_and_the_first_answer_counts() {
    let site = Site::new();
    let server = site
        .serve_with(&["--hedge-floor-ms", "50", "--hedge-ceiling-ms", "50"])
        .await;
    let [first, second] = Replica::join_two(&site, &server).await;
    first.behave(Behaviour::Hangs);
    assert_eq!(server.keyed_order().send().await.replica(), "replica-2");
    let (one, two) = (&first.seen()[0], &second.seen()[0]);
    assert_eq!(
        one.header(api::IDEMPOTENCY_KEY),
        two.header(api::IDEMPOTENCY_KEY)
    );
    // Once is no reason to leave it.
    assert_eq!(server.status().await.primary.unwrap().replica, "replica-1");
}

#[tokio::test]
async fn many_requests_without_an_answer_overrule_checks_that_pass() {
    let site = Site::new();
    let (server, [first, _second]) = patient(&site, "120000").await;
    first.behave(Behaviour::Hangs);
    let orders: Vec<_> = (0..12)
        .map(|_| tokio::spawn(server.keyed_order().send()))
        .collect();
    for order in orders {
        assert_eq!(order.await.unwrap().replica(), "replica-2");
    }
    let killed = server.tells(EventKind::Killed, "replica-1").await;
    assert_eq!(killed.message, "replica-1 gone: its requests get no answer");
}

#[tokio::test]
async fn a_lone_slow_request_is_no_reason_to_leave_a_replica_that_answers_its_checks() {
    let site = Site::new();
    let (server, [first, second]) = patient(&site, "120000").await;
    first.behave(Behaviour::Hangs);
    let order = tokio::spawn(server.keyed_order().send());
    first.has_seen(1).await;
    // Asked again and again meanwhile, it answers each time.
    first.has_been_checked(4).await;
    assert!(!order.is_finished() && second.seen().is_empty());
    assert_eq!(server.status().await.primary.unwrap().replica, "replica-1");
    order.abort();
}

#[tokio::test]
async fn checks_that_pass_do_not_hide_requests_without_answer() {
    let site = Site::new();
    let server = site.serve_with(&["--attempt-timeout-ms", "100"]).await;
    let [first, _second] = Replica::join_two(&site, &server).await;
    first.behave(Behaviour::Hangs);
    for _ in 0..3 {
        assert_eq!(server.keyed_order().send().await.replica(), "replica-2");
    }
    let status = server
        .shows(|status| status.replicas[0].health == Health::Unavailable)
        .await;
    assert_eq!(status.primary.unwrap().replica, "replica-2");
    assert_eq!(
        status.replicas[0].reason.as_deref(),
        Some("its requests get no answer")
    );
    // From here on nobody waits for it.
    let seen = first.seen().len();
    assert_eq!(server.get(api::RESTAURANTS).await.replica(), "replica-2");
    assert_eq!(first.seen().len(), seen);
}

#[tokio::test]
async fn a_replica_that_wakes_up_answers_what_it_was_asked_if_it_is_the_only_one() {
    let site = Site::new();
    let server = site
        .serve_with(&["--attempt-timeout-ms", "100", "--health-timeout-ms", "200"])
        .await;
    let replica = Replica::join(&site, "replica-1").await;
    server.has_available(&["replica-1"]).await;
    replica.behave(Behaviour::Hangs);
    replica.behave_when_checked(Behaviour::Hangs);
    let order = tokio::spawn(server.keyed_order().send());
    replica.has_seen(1).await;
    server.has_available(&[]).await;
    assert!(!order.is_finished(), "it waits for the only one there is");
    replica.behave(Behaviour::Answers);
    replica.behave_when_checked(Behaviour::Answers);
    replica.break_connections();
    assert_eq!(order.await.unwrap().status, 200);
}

#[tokio::test]
async fn a_request_on_a_replica_that_hangs_goes_to_one_that_is_well_again() {
    let site = Site::new();
    let (server, [first, second]) = patient(&site, "30").await;
    // The first breaks it off, the second hangs with it; by then the first is well.
    first.behave(Behaviour::Breaks);
    second.behave(Behaviour::Hangs);
    let order = tokio::spawn(server.keyed_order().send());
    second.has_seen(1).await;
    first.behave(Behaviour::Answers);
    second.behave_when_checked(Behaviour::Hangs);
    assert_eq!(order.await.unwrap().replica(), "replica-1");
}
