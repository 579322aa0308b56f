//! Replicas that hang: they accept requests and send nothing, as a stopped process does.

use std::sync::Arc;
use std::time::{Duration, Instant};

use model::api;
use model::status::{EventKind, Health};

use crate::client::DEADLINE;
use crate::replica::{Behaviour, Replica};
use crate::site::{Server, Site};

/// Longer than any test takes.
const MINUTES: Duration = Duration::from_secs(120);
const HEARTBEAT_FLOOR: Duration = Duration::from_millis(30);
const LONG_TIMEOUTS: [&str; 4] = [
    "--attempt-timeout-ms",
    "120000",
    "--request-timeout-ms",
    "120000",
];

#[tokio::test]
async fn a_request_whose_attempt_times_out_is_answered_by_the_next_replica() {
    let site = Site::new();
    let server = site
        .start_server_with(&["--attempt-timeout-ms", "150"])
        .await;
    let [first, _second] = Replica::join_two(&site, &server).await;
    first.set_behaviour(Behaviour::Hangs);
    let began = Instant::now();
    let response = server.keyed_order().send().await;
    assert_eq!(
        (response.status.as_u16(), response.replica()),
        (200, "replica-2")
    );
    assert!(began.elapsed() >= Duration::from_millis(150));
}

#[tokio::test]
async fn requests_in_flight_leave_a_replica_whose_health_checks_time_out() {
    let site = Site::new();
    // The timeout of an attempt alone would take minutes to detect the hang.
    let server = site
        .start_server_detecting(&LONG_TIMEOUTS, |bounds| {
            bounds.check_timeout = Duration::from_millis(300);
        })
        .await;
    let [first, _second] = Replica::join_two(&site, &server).await;
    first.set_behaviour(Behaviour::Hangs);
    let orders: Vec<_> = (0..4)
        .map(|_| tokio::spawn(server.keyed_order().send()))
        .collect();
    first.wait_for_requests(4).await;
    first.set_health_behaviour(Behaviour::Hangs);
    for order in orders {
        let response = order.await.unwrap();
        assert_eq!(
            (response.status.as_u16(), response.replica()),
            (200, "replica-2")
        );
    }
    let killed = server.wait_for_event(EventKind::Killed, "replica-1").await;
    assert_eq!(killed.message, "replica-1 gone: it does not answer");
}

/// Two replicas, and a server whose timeouts alone would take minutes to detect a hang.
async fn start_with_long_timeouts(
    site: &Site,
    heartbeat_floor: Duration,
) -> (Server, [Arc<Replica>; 2]) {
    let server = site
        .start_server_detecting(&LONG_TIMEOUTS, |bounds| {
            bounds.check_timeout = MINUTES;
            bounds.hedge.floor = MINUTES;
            bounds.hedge.ceiling = MINUTES;
            bounds.heartbeat_floor = heartbeat_floor;
        })
        .await;
    let replicas = Replica::join_two(site, &server).await;
    (server, replicas)
}

#[tokio::test]
async fn one_request_without_a_response_has_the_replica_probed_and_ejected() {
    let site = Site::new();
    let (server, [first, _second]) = start_with_long_timeouts(&site, HEARTBEAT_FLOOR).await;
    first.set_behaviour(Behaviour::Hangs);
    first.set_health_behaviour(Behaviour::Hangs);
    assert_eq!(server.keyed_order().send().await.replica(), "replica-2");
    let killed = server.wait_for_event(EventKind::Killed, "replica-1").await;
    assert_eq!(killed.message, "replica-1 gone: it does not answer");
}

#[tokio::test]
async fn a_replica_that_hangs_for_a_moment_stays_primary_and_delays_no_request() {
    let site = Site::new();
    let (server, [first, _second]) = start_with_long_timeouts(&site, HEARTBEAT_FLOOR).await;
    first.set_behaviour(Behaviour::Hangs);
    first.set_health_behaviour(Behaviour::Hangs);
    assert_eq!(server.keyed_order().send().await.replica(), "replica-2");
    first.set_behaviour(Behaviour::Responds);
    first.set_health_behaviour(Behaviour::Responds);
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
async fn a_late_request_is_hedged_and_the_first_response_counts() {
    let site = Site::new();
    let server = site
        .start_server_detecting(&[], |bounds| {
            bounds.hedge.floor = Duration::from_millis(50);
            bounds.hedge.ceiling = Duration::from_millis(50);
        })
        .await;
    let [first, second] = Replica::join_two(&site, &server).await;
    first.set_behaviour(Behaviour::Hangs);
    assert_eq!(server.keyed_order().send().await.replica(), "replica-2");
    let (one, two) = (&first.received()[0], &second.received()[0]);
    assert_eq!(
        one.header(api::IDEMPOTENCY_KEY),
        two.header(api::IDEMPOTENCY_KEY)
    );
    // One late request does not eject the replica.
    assert_eq!(server.status().await.primary.unwrap().replica, "replica-1");
}

#[tokio::test]
async fn many_requests_without_a_response_overrule_passing_health_checks() {
    let site = Site::new();
    let (server, [first, _second]) = start_with_long_timeouts(&site, MINUTES).await;
    first.set_behaviour(Behaviour::Hangs);
    let orders: Vec<_> = (0..12)
        .map(|_| tokio::spawn(server.keyed_order().send()))
        .collect();
    for order in orders {
        assert_eq!(order.await.unwrap().replica(), "replica-2");
    }
    let killed = server.wait_for_event(EventKind::Killed, "replica-1").await;
    assert_eq!(killed.message, "replica-1 gone: its requests get no answer");
}

#[tokio::test]
async fn a_lone_slow_request_does_not_eject_a_replica_that_passes_its_health_checks() {
    let site = Site::new();
    let (server, [first, second]) = start_with_long_timeouts(&site, MINUTES).await;
    first.set_behaviour(Behaviour::Hangs);
    let order = tokio::spawn(server.keyed_order().send());
    first.wait_for_requests(1).await;
    // The replica answers each health check meanwhile.
    first.wait_for_health_checks(4).await;
    assert!(!order.is_finished() && second.received().is_empty());
    assert_eq!(server.status().await.primary.unwrap().replica, "replica-1");
    order.abort();
}

#[tokio::test]
async fn passing_health_checks_do_not_hide_requests_that_time_out() {
    let site = Site::new();
    let server = site
        .start_server_with(&["--attempt-timeout-ms", "100"])
        .await;
    let [first, _second] = Replica::join_two(&site, &server).await;
    first.set_behaviour(Behaviour::Hangs);
    for _ in 0..3 {
        assert_eq!(server.keyed_order().send().await.replica(), "replica-2");
    }
    let status = server
        .wait_for_status(|status| status.replicas[0].health == Health::Unavailable)
        .await;
    assert_eq!(status.primary.unwrap().replica, "replica-2");
    assert_eq!(
        status.replicas[0].reason.as_deref(),
        Some("its requests get no answer")
    );
    // From here on the replica delays no request.
    let received = first.received().len();
    assert_eq!(server.get(api::RESTAURANTS).await.replica(), "replica-2");
    assert_eq!(first.received().len(), received);
}

#[tokio::test]
async fn a_request_waits_for_the_only_replica_until_it_resumes() {
    let site = Site::new();
    let server = site
        .start_server_detecting(&["--attempt-timeout-ms", "100"], |bounds| {
            bounds.check_timeout = Duration::from_millis(200);
        })
        .await;
    let replica = Replica::join(&site, "replica-1").await;
    server.wait_for_available(&["replica-1"]).await;
    replica.set_behaviour(Behaviour::Hangs);
    replica.set_health_behaviour(Behaviour::Hangs);
    let order = tokio::spawn(server.keyed_order().send());
    replica.wait_for_requests(1).await;
    server.wait_for_available(&[]).await;
    assert!(!order.is_finished(), "the order waits for the only replica");
    replica.set_behaviour(Behaviour::Responds);
    replica.set_health_behaviour(Behaviour::Responds);
    replica.break_connections();
    assert_eq!(order.await.unwrap().status, 200);
}

#[tokio::test]
async fn a_request_on_a_hung_replica_moves_to_one_that_has_recovered() {
    let site = Site::new();
    let (server, [first, second]) = start_with_long_timeouts(&site, HEARTBEAT_FLOOR).await;
    // The first replica breaks the connection and the second hangs; by then the first has recovered.
    first.set_behaviour(Behaviour::Breaks);
    second.set_behaviour(Behaviour::Hangs);
    let order = tokio::spawn(server.keyed_order().send());
    second.wait_for_requests(1).await;
    first.set_behaviour(Behaviour::Responds);
    second.set_health_behaviour(Behaviour::Hangs);
    assert_eq!(order.await.unwrap().replica(), "replica-1");
}
