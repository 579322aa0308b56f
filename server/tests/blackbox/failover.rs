//! Replicas fail, and clients do not notice where that is possible.

use http::Method;
use model::api;
use model::problem::Code;
use model::status::{AdminState, EventKind};

use crate::client::Ask;
use crate::replica::{Behaviour, Replica};
use crate::server::{Server, Site};

/// One of each kind that may be repeated.
fn repeatable(server: &Server) -> [Ask; 3] {
    [
        server.ask(Method::GET, api::RESTAURANTS),
        server.ask(Method::POST, api::ADDRESS_CHECKS).json("{}"),
        server.keyed_order(),
    ]
}

#[tokio::test]
async fn whatever_the_primary_does_repeatable_requests_are_answered() {
    for behaviour in [
        Behaviour::Breaks,
        Behaviour::BreaksMidway(1_000),
        // As a kitchen's open orders after a long evening.
        Behaviour::BreaksMidway(1_000_000),
        Behaviour::Busy,
    ] {
        let site = Site::new();
        let server = site.serve().await;
        let [first, second] = Replica::join_two(&site, &server).await;
        first.behave(behaviour);
        for ask in repeatable(&server) {
            let answer = ask.send().await;
            assert_eq!(answer.status, 200, "{behaviour:?}: {}", answer.text());
            assert_eq!(answer.replica(), "replica-2", "{behaviour:?}");
        }
        assert_eq!(second.seen().len(), 3);
        assert_eq!(second.seen()[0].header(api::ATTEMPT), "2");
        let traffic = server.status().await.traffic;
        assert_eq!(traffic.failed, 0);
        assert!(traffic.repeated > 0);
    }
}

#[tokio::test]
async fn a_killed_primary_is_told_and_another_takes_over() {
    let site = Site::new();
    let server = site.serve().await;
    let [first, _second] = Replica::join_two(&site, &server).await;
    server.get(api::RESTAURANTS).await;
    first.kill().await;
    for ask in repeatable(&server) {
        let answer = ask.send().await;
        assert_eq!(
            (answer.status.as_u16(), answer.replica()),
            (200, "replica-2")
        );
    }
    let status = server.has_available(&["replica-2"]).await;
    assert_eq!(status.primary.unwrap().replica, "replica-2");
    server.tells(EventKind::Killed, "replica-1").await;
    let failover = server.tells(EventKind::FailedOver, "replica-1").await;
    assert!(
        failover.message.contains("replica-2 is primary now"),
        "{}",
        failover.message
    );
}

#[tokio::test]
async fn requests_in_flight_on_a_killed_replica_are_answered_by_the_next() {
    let site = Site::new();
    let server = site.serve().await;
    let [first, _second] = Replica::join_two(&site, &server).await;
    first.behave(Behaviour::Hangs);
    let orders: Vec<_> = (0..8)
        .map(|_| tokio::spawn(server.keyed_order().send()))
        .collect();
    first.has_seen(8).await;
    first.kill().await;
    for order in orders {
        let answer = order.await.unwrap();
        assert_eq!(
            (answer.status.as_u16(), answer.replica()),
            (200, "replica-2")
        );
    }
    let failover = server.tells(EventKind::FailedOver, "replica-1").await;
    assert!(
        failover
            .message
            .starts_with("replica-1 gone; 8 requests moved to replica-2 in "),
        "{}",
        failover.message
    );
    assert!(failover.message.contains("; 0 failed"));
    assert!(failover.took_ms.is_some());
}

#[tokio::test]
async fn a_primary_that_returns_does_not_take_over_again() {
    let site = Site::new();
    let server = site.serve().await;
    let [first, _second] = Replica::join_two(&site, &server).await;
    first.kill().await;
    server.has_available(&["replica-2"]).await;
    first.revive().await;
    let status = server.has_available(&["replica-1", "replica-2"]).await;
    assert_eq!(status.primary.unwrap().replica, "replica-2");
    assert_eq!(server.get(api::RESTAURANTS).await.replica(), "replica-2");
    server.tells(EventKind::Recovered, "replica-1").await;
}

#[tokio::test]
async fn a_server_that_starts_comes_to_the_primary_that_the_others_have() {
    let site = Site::new();
    let first = Replica::join(&site, "replica-1").await;
    let second = Replica::join(&site, "replica-2").await;
    let registry = site.registry();
    let mut ids = Vec::new();
    while ids.len() < 2 {
        tokio::task::yield_now().await;
        ids = registry.snapshot().await.unwrap();
    }
    let (earlier, later) = if ids[0].id == "replica-1" {
        (first, second)
    } else {
        (second, first)
    };
    // Its first check is the last to end.
    earlier.behave_when_checked(Behaviour::Hangs);
    let server = site.serve().await;
    let status = server.has_available(&[&later.id]).await;
    assert_eq!(status.primary.unwrap().replica, later.id);
    earlier.behave_when_checked(Behaviour::Answers);
    earlier.break_connections();
    let status = server.has_available(&[&earlier.id, &later.id]).await;
    assert_eq!(status.primary.unwrap().replica, earlier.id);
    assert!(
        status
            .events
            .iter()
            .all(|event| event.kind == EventKind::Joined),
        "{:#?}",
        status.events
    );
}

#[tokio::test]
async fn an_unkeyed_write_is_never_repeated_once_sent() {
    for (behaviour, status, code) in [
        (Behaviour::Breaks, 502, Some(Code::ReplicaFailed)),
        (
            Behaviour::BreaksMidway(1_000),
            502,
            Some(Code::ReplicaFailed),
        ),
        (Behaviour::Hangs, 504, Some(Code::TimedOut)),
        (Behaviour::Late, 504, Some(Code::TimedOut)),
        (Behaviour::Busy, 503, None),
    ] {
        let site = Site::new();
        let server = site
            .serve_with(&["--attempt-timeout-ms", "100", "--request-timeout-ms", "400"])
            .await;
        let [first, second] = Replica::join_two(&site, &server).await;
        first.behave(behaviour);
        let answer = server.unkeyed_order().send().await;
        assert_eq!(answer.status, status, "{behaviour:?}");
        assert!(!answer.header("retry-after").is_empty(), "{behaviour:?}");
        if let Some(code) = code {
            assert_eq!(answer.problem().code, code, "{behaviour:?}");
        }
        assert_eq!(first.seen().len(), 1, "{behaviour:?}");
        assert!(second.seen().is_empty(), "{behaviour:?}");
    }
}

#[tokio::test]
async fn a_replica_that_drops_a_request_at_its_deadline_leaves_it_to_the_next() {
    let site = Site::new();
    let server = site.serve().await;
    let [first, second] = Replica::join_two(&site, &server).await;
    first.behave(Behaviour::Late);
    let answer = server.keyed_order().send().await;
    assert_eq!(
        (answer.status.as_u16(), answer.replica()),
        (200, "replica-2")
    );
    assert_eq!((first.seen().len(), second.seen().len()), (1, 1));
}

#[tokio::test]
async fn an_unkeyed_write_goes_on_when_the_connection_is_refused() {
    let site = Site::new();
    // So slow to check that traffic is the first to find out.
    let server = site.serve_with(&["--health-interval-ms", "60000"]).await;
    let [first, second] = Replica::join_two(&site, &server).await;
    first.kill().await;
    let answer = server.unkeyed_order().send().await;
    assert_eq!(
        (answer.status.as_u16(), answer.replica()),
        (200, "replica-2")
    );
    assert_eq!(second.seen().len(), 1);
}

#[tokio::test]
async fn when_all_are_busy_their_own_answer_is_passed_on() {
    let site = Site::new();
    let server = site.serve_with(&["--wait-timeout-ms", "200"]).await;
    let first = Replica::join(&site, "replica-1").await;
    let second = Replica::join(&site, "replica-2").await;
    first.behave(Behaviour::Busy);
    second.behave(Behaviour::Busy);
    server
        .shows(|status| status.primary.is_some() && status.replicas.len() == 2)
        .await;
    let answer = server.keyed_order().send().await;
    assert_eq!((answer.status.as_u16(), answer.text()), (503, "busy"));
    assert_eq!(answer.header("retry-after"), "2");
}

#[tokio::test]
async fn with_none_available_it_is_503_until_one_returns() {
    let site = Site::new();
    let server = site.serve_with(&["--wait-timeout-ms", "100"]).await;
    let replica = Replica::join(&site, "replica-1").await;
    server.has_available(&["replica-1"]).await;
    replica.kill().await;
    for ask in [server.keyed_order(), server.unkeyed_order()] {
        let answer = ask.send().await;
        assert_eq!(answer.status, 503);
        assert_eq!(answer.problem().code, Code::Unavailable);
        assert_eq!(answer.header("retry-after"), "2");
    }
    assert!(server.status().await.traffic.failed >= 2);
    replica.revive().await;
    server.has_available(&["replica-1"]).await;
    assert_eq!(server.keyed_order().send().await.status, 200);
}

#[tokio::test]
async fn where_nobody_is_left_whoever_returns_first_is_found_at_once() {
    let site = Site::new();
    // Longer than the test waits for anything.
    let server = site.serve_with(&["--health-interval-ms", "600000"]).await;
    let replica = Replica::join(&site, "replica-1").await;
    server.has_available(&["replica-1"]).await;
    replica.kill().await;
    server.has_available(&[]).await;
    replica.revive().await;
    assert_eq!(server.keyed_order().send().await.status, 200);
}

#[tokio::test]
async fn a_request_waits_for_a_replica_that_is_on_its_way() {
    let site = Site::new();
    let server = site.serve().await;
    let replica = Replica::join(&site, "replica-1").await;
    server.has_available(&["replica-1"]).await;
    replica.kill().await;
    server.has_available(&[]).await;
    let order = tokio::spawn(server.keyed_order().send());
    server.shows(|status| status.traffic.requests > 0).await;
    replica.revive().await;
    let answer = order.await.unwrap();
    assert_eq!(
        (answer.status.as_u16(), answer.replica()),
        (200, "replica-1")
    );
}

#[tokio::test]
async fn switching_the_primary_down_moves_what_it_had_in_flight() {
    let site = Site::new();
    // Nothing but the switch moves them, however long the operator takes.
    let server = site
        .serve_with(&[
            "--stuck-floor-ms",
            "120000",
            "--suspect-floor-ms",
            "120000",
            "--hedge-floor-ms",
            "120000",
        ])
        .await;
    let [first, _second] = Replica::join_two(&site, &server).await;
    first.behave(Behaviour::Hangs);
    let orders: Vec<_> = (0..8)
        .map(|_| tokio::spawn(server.keyed_order().send()))
        .collect();
    first.has_seen(8).await;
    server.switch("replica-1", AdminState::Down).await;
    for order in orders {
        let answer = order.await.unwrap();
        assert_eq!(
            (answer.status.as_u16(), answer.replica()),
            (200, "replica-2")
        );
    }
    server.tells(EventKind::Switched, "replica-1").await;
    let failover = server.tells(EventKind::FailedOver, "replica-1").await;
    assert!(
        failover
            .message
            .starts_with("replica-1 switched down; 8 requests moved"),
        "{}",
        failover.message
    );
    let status = server.status().await;
    assert!(
        status
            .events
            .iter()
            .all(|event| event.kind != EventKind::Killed),
        "{:#?}",
        status.events
    );

    first.behave(Behaviour::Answers);
    server.switch("replica-1", AdminState::Up).await;
    let status = server.has_available(&["replica-1", "replica-2"]).await;
    assert_eq!(status.primary.unwrap().replica, "replica-2");
}

#[tokio::test]
async fn a_draining_replica_finishes_and_gets_nothing_new() {
    let site = Site::new();
    let server = site.serve().await;
    let [first, second] = Replica::join_two(&site, &server).await;
    first.behave(Behaviour::Hangs);
    let order = tokio::spawn(server.keyed_order().send());
    first.has_seen(1).await;
    server.switch("replica-1", AdminState::Draining).await;
    assert_eq!(server.get(api::RESTAURANTS).await.replica(), "replica-2");
    assert_eq!(second.seen().len(), 1, "the order stayed where it was");
    assert!(!order.is_finished());
    assert_eq!(first.seen().len(), 1);
}

#[tokio::test]
async fn a_replica_that_leaves_is_told_apart_from_one_that_is_killed() {
    let site = Site::new();
    let server = site.serve().await;
    let first = Replica::join(&site, "replica-1").await;
    let _second = Replica::join(&site, "replica-2").await;
    server
        .shows(|status| status.replicas.len() == 2 && status.primary.is_some())
        .await;
    first.leave().await;
    let left = server.tells(EventKind::Left, "replica-1").await;
    assert_eq!(left.message, "replica-1 left");
    assert_eq!(server.get(api::RESTAURANTS).await.replica(), "replica-2");
}
