//! Replicas fail, and the gateway retries on another where that is safe.

use std::time::Duration;

use http::Method;
use model::api;
use model::problem::Code;
use model::status::{AdminState, EventKind};

use crate::client::TestRequest;
use crate::replica::{Behaviour, Replica};
use crate::site::{Server, Site};

/// One request of each kind that may be retried.
fn retryable_requests(server: &Server) -> [TestRequest; 3] {
    [
        server.request(Method::GET, api::RESTAURANTS),
        server.request(Method::POST, api::ADDRESS_CHECKS).json("{}"),
        server.keyed_order(),
    ]
}

#[tokio::test]
async fn retryable_requests_are_answered_whatever_the_primary_does() {
    for behaviour in [
        Behaviour::Breaks,
        Behaviour::BreaksMidway(1_000),
        // A large response, such as a kitchen's open orders after a long evening.
        Behaviour::BreaksMidway(1_000_000),
        Behaviour::Busy,
    ] {
        let site = Site::new();
        let server = site.start_server().await;
        let [first, second] = Replica::join_two(&site, &server).await;
        first.set_behaviour(behaviour);
        for request in retryable_requests(&server) {
            let response = request.send().await;
            assert_eq!(response.status, 200, "{behaviour:?}: {}", response.text());
            assert_eq!(response.replica(), "replica-2", "{behaviour:?}");
        }
        assert_eq!(second.received().len(), 3);
        assert_eq!(second.received()[0].header(api::ATTEMPT), "2");
        let traffic = server.status().await.traffic;
        assert_eq!(traffic.failed, 0);
        assert!(traffic.repeated > 0);
    }
}

#[tokio::test]
async fn a_killed_primary_is_reported_and_another_replica_takes_over() {
    let site = Site::new();
    let server = site.start_server().await;
    let [first, _second] = Replica::join_two(&site, &server).await;
    server.get(api::RESTAURANTS).await;
    first.kill().await;
    for request in retryable_requests(&server) {
        let response = request.send().await;
        assert_eq!(
            (response.status.as_u16(), response.replica()),
            (200, "replica-2")
        );
    }
    let status = server.wait_for_available(&["replica-2"]).await;
    assert_eq!(status.primary.unwrap().replica, "replica-2");
    server.wait_for_event(EventKind::Killed, "replica-1").await;
    let failover = server
        .wait_for_event(EventKind::FailedOver, "replica-1")
        .await;
    assert!(
        failover.message.contains("replica-2 is primary now"),
        "{}",
        failover.message
    );
}

#[tokio::test]
async fn requests_in_flight_on_a_killed_replica_are_answered_by_the_next() {
    let site = Site::new();
    let server = site.start_server().await;
    let [first, _second] = Replica::join_two(&site, &server).await;
    first.set_behaviour(Behaviour::Hangs);
    let orders: Vec<_> = (0..8)
        .map(|_| tokio::spawn(server.keyed_order().send()))
        .collect();
    first.wait_for_requests(8).await;
    first.kill().await;
    for order in orders {
        let response = order.await.unwrap();
        assert_eq!(
            (response.status.as_u16(), response.replica()),
            (200, "replica-2")
        );
    }
    let failover = server
        .wait_for_event(EventKind::FailedOver, "replica-1")
        .await;
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
async fn a_replica_that_returns_does_not_become_primary_again() {
    let site = Site::new();
    let server = site.start_server().await;
    let [first, _second] = Replica::join_two(&site, &server).await;
    first.kill().await;
    server.wait_for_available(&["replica-2"]).await;
    first.revive().await;
    let status = server.wait_for_available(&["replica-1", "replica-2"]).await;
    assert_eq!(status.primary.unwrap().replica, "replica-2");
    assert_eq!(server.get(api::RESTAURANTS).await.replica(), "replica-2");
    server
        .wait_for_event(EventKind::Recovered, "replica-1")
        .await;
}

#[tokio::test]
async fn a_new_server_selects_the_same_primary_as_the_others() {
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
    // The first health check of this replica is the last to end.
    earlier.set_health_behaviour(Behaviour::Hangs);
    let server = site.start_server().await;
    let status = server.wait_for_available(&[&later.id]).await;
    assert_eq!(status.primary.unwrap().replica, later.id);
    earlier.set_health_behaviour(Behaviour::Responds);
    earlier.break_connections();
    let status = server.wait_for_available(&[&earlier.id, &later.id]).await;
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
async fn an_unkeyed_write_is_never_retried_once_sent() {
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
            .start_server_with(&["--attempt-timeout-ms", "100", "--request-timeout-ms", "400"])
            .await;
        let [first, second] = Replica::join_two(&site, &server).await;
        first.set_behaviour(behaviour);
        let response = server.unkeyed_order().send().await;
        assert_eq!(response.status, status, "{behaviour:?}");
        assert!(!response.header("retry-after").is_empty(), "{behaviour:?}");
        if let Some(code) = code {
            assert_eq!(response.problem().code, code, "{behaviour:?}");
        }
        assert_eq!(first.received().len(), 1, "{behaviour:?}");
        assert!(second.received().is_empty(), "{behaviour:?}");
    }
}

#[tokio::test]
async fn a_request_that_a_replica_drops_at_its_deadline_is_retried() {
    let site = Site::new();
    let server = site.start_server().await;
    let [first, second] = Replica::join_two(&site, &server).await;
    first.set_behaviour(Behaviour::Late);
    let response = server.keyed_order().send().await;
    assert_eq!(
        (response.status.as_u16(), response.replica()),
        (200, "replica-2")
    );
    assert_eq!((first.received().len(), second.received().len()), (1, 1));
}

#[tokio::test]
async fn an_unkeyed_write_is_retried_when_the_connection_is_refused() {
    let site = Site::new();
    // Health checks are so rare that a request is the first to detect the failure.
    let server = site
        .start_server_with(&["--health-interval-ms", "60000"])
        .await;
    let [first, second] = Replica::join_two(&site, &server).await;
    first.kill().await;
    let response = server.unkeyed_order().send().await;
    assert_eq!(
        (response.status.as_u16(), response.replica()),
        (200, "replica-2")
    );
    assert_eq!(second.received().len(), 1);
}

#[tokio::test]
async fn when_all_replicas_are_busy_their_own_response_is_returned() {
    let site = Site::new();
    let server = site.start_server_with(&["--wait-timeout-ms", "200"]).await;
    let first = Replica::join(&site, "replica-1").await;
    let second = Replica::join(&site, "replica-2").await;
    first.set_behaviour(Behaviour::Busy);
    second.set_behaviour(Behaviour::Busy);
    server
        .wait_for_status(|status| status.primary.is_some() && status.replicas.len() == 2)
        .await;
    let response = server.keyed_order().send().await;
    assert_eq!((response.status.as_u16(), response.text()), (503, "busy"));
    assert_eq!(response.header("retry-after"), "2");
}

#[tokio::test]
async fn without_an_available_replica_it_is_503_until_one_returns() {
    let site = Site::new();
    let server = site.start_server_with(&["--wait-timeout-ms", "100"]).await;
    let replica = Replica::join(&site, "replica-1").await;
    server.wait_for_available(&["replica-1"]).await;
    replica.kill().await;
    for request in [server.keyed_order(), server.unkeyed_order()] {
        let response = request.send().await;
        assert_eq!(response.status, 503);
        assert_eq!(response.problem().code, Code::Unavailable);
        assert_eq!(response.header("retry-after"), "2");
    }
    assert!(server.status().await.traffic.failed >= 2);
    replica.revive().await;
    server.wait_for_available(&["replica-1"]).await;
    assert_eq!(server.keyed_order().send().await.status, 200);
}

#[tokio::test]
async fn while_no_replica_is_available_health_checks_are_frequent() {
    let site = Site::new();
    // Longer than any wait of the test.
    let server = site
        .start_server_with(&["--health-interval-ms", "600000"])
        .await;
    let replica = Replica::join(&site, "replica-1").await;
    server.wait_for_available(&["replica-1"]).await;
    replica.kill().await;
    server.wait_for_available(&[]).await;
    replica.revive().await;
    assert_eq!(server.keyed_order().send().await.status, 200);
}

#[tokio::test]
async fn a_request_waits_for_a_replica_that_restarts() {
    let site = Site::new();
    let server = site.start_server().await;
    let replica = Replica::join(&site, "replica-1").await;
    server.wait_for_available(&["replica-1"]).await;
    replica.kill().await;
    server.wait_for_available(&[]).await;
    let order = tokio::spawn(server.keyed_order().send());
    server
        .wait_for_status(|status| status.traffic.requests > 0)
        .await;
    replica.revive().await;
    let response = order.await.unwrap();
    assert_eq!(
        (response.status.as_u16(), response.replica()),
        (200, "replica-1")
    );
}

#[tokio::test]
async fn switching_the_primary_down_moves_its_requests_in_flight() {
    let site = Site::new();
    // Only the switch moves the requests, however long they take.
    let server = site
        .start_server_detecting(&[], |bounds| {
            let minutes = Duration::from_secs(120);
            bounds.progress.suspect_floor = minutes;
            bounds.progress.stuck_floor = minutes;
            bounds.progress.stuck_ceiling = minutes;
            bounds.hedge.floor = minutes;
            bounds.hedge.ceiling = minutes;
        })
        .await;
    let [first, _second] = Replica::join_two(&site, &server).await;
    first.set_behaviour(Behaviour::Hangs);
    let orders: Vec<_> = (0..8)
        .map(|_| tokio::spawn(server.keyed_order().send()))
        .collect();
    first.wait_for_requests(8).await;
    server.switch("replica-1", AdminState::Down).await;
    for order in orders {
        let response = order.await.unwrap();
        assert_eq!(
            (response.status.as_u16(), response.replica()),
            (200, "replica-2")
        );
    }
    server
        .wait_for_event(EventKind::Switched, "replica-1")
        .await;
    let failover = server
        .wait_for_event(EventKind::FailedOver, "replica-1")
        .await;
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

    first.set_behaviour(Behaviour::Responds);
    server.switch("replica-1", AdminState::Up).await;
    let status = server.wait_for_available(&["replica-1", "replica-2"]).await;
    assert_eq!(status.primary.unwrap().replica, "replica-2");
}

#[tokio::test]
async fn a_draining_replica_finishes_its_requests_and_gets_no_new_ones() {
    let site = Site::new();
    let server = site.start_server().await;
    let [first, second] = Replica::join_two(&site, &server).await;
    first.set_behaviour(Behaviour::Hangs);
    let order = tokio::spawn(server.keyed_order().send());
    first.wait_for_requests(1).await;
    server.switch("replica-1", AdminState::Draining).await;
    assert_eq!(server.get(api::RESTAURANTS).await.replica(), "replica-2");
    assert_eq!(
        second.received().len(),
        1,
        "the order stays on the draining replica"
    );
    assert!(!order.is_finished());
    assert_eq!(first.received().len(), 1);
}

#[tokio::test]
async fn a_replica_that_leaves_is_reported_as_left_and_not_as_killed() {
    let site = Site::new();
    let server = site.start_server().await;
    let first = Replica::join(&site, "replica-1").await;
    let _second = Replica::join(&site, "replica-2").await;
    server
        .wait_for_status(|status| status.replicas.len() == 2 && status.primary.is_some())
        .await;
    first.leave().await;
    let left = server.wait_for_event(EventKind::Left, "replica-1").await;
    assert_eq!(left.message, "replica-1 left");
    assert_eq!(server.get(api::RESTAURANTS).await.replica(), "replica-2");
}
