//! The status panel's API: the status as JSON and as server-sent events, with replicas and without.

use std::time::Duration;

use bytes::Bytes;
use http::{Method, Request};
use http_body_util::{BodyExt, Empty};
use hyper::body::Incoming;
use hyper::client::conn::http1;
use hyper_util::rt::TokioIo;
use model::api;
use model::status::{AdminState, EventKind, Health, Status};
use tokio::net::TcpStream;

use crate::client::DEADLINE;
use crate::replica::{Behaviour, Replica};
use crate::site::{Server, Site};

#[tokio::test]
async fn the_status_is_available_without_any_replica() {
    let site = Site::new();
    let server = site.start_server().await;
    let response = server.get(api::STATUS).await;
    assert_eq!(response.status, 200);
    assert_eq!(response.header("cache-control"), "no-store");
    let status = server
        .wait_for_status(|status| !status.servers.is_empty() && status.registry.readable)
        .await;
    assert_eq!(status.server, "server-1");
    assert_eq!(status.servers[0].id, "server-1");
    assert!(status.primary.is_none());
    assert!(status.replicas.is_empty());
    assert!(!status.signed_in);
}

#[tokio::test]
async fn replicas_are_shown_with_health_and_traffic_but_no_address() {
    let site = Site::new();
    let server = site.start_server().await;
    let replica = Replica::join(&site, "replica-1").await;
    server.wait_for_available(&["replica-1"]).await;
    replica.set_behaviour(Behaviour::Hangs);
    let order = tokio::spawn(server.keyed_order().send());
    replica.wait_for_requests(1).await;
    let status = server.status().await;
    let shown = &status.replicas[0];
    assert_eq!(shown.version, "1.2.3");
    assert_eq!(shown.admin_state, AdminState::Up);
    assert_eq!(shown.address, None);
    assert_eq!(shown.in_flight, 1);
    assert_eq!(status.traffic.requests, 1);
    replica.set_behaviour(Behaviour::Responds);
    replica.break_connections();
    order.await.unwrap();
    let status = server
        .wait_for_status(|status| !status.replicas[0].latency_ms.is_empty())
        .await;
    assert_eq!(status.replicas[0].in_flight, 0);
    assert!(status.replicas[0].requests_per_second > 0.0);
    assert!(status.traffic.requests_per_second > 0.0);
}

#[tokio::test]
async fn the_operator_sees_addresses() {
    let site = Site::new();
    let server = site.start_server().await;
    let replica = Replica::join(&site, "replica-1").await;
    server.wait_for_available(&["replica-1"]).await;
    let cookie = server.session_cookie().await;
    let response = server
        .request(Method::GET, api::STATUS)
        .header("cookie", &cookie)
        .send()
        .await;
    let status: Status = serde_json::from_slice(&response.body).unwrap();
    assert!(status.signed_in);
    assert_eq!(
        status.replicas[0].address,
        Some(replica.address.to_string())
    );
}

#[tokio::test]
async fn front_end_servers_see_each_other_and_agree_on_the_primary() {
    let site = Site::new();
    let one = site.start_server_with(&["--id", "server-a"]).await;
    let _first = Replica::join(&site, "replica-1").await;
    one.wait_for_available(&["replica-1"]).await;
    let _second = Replica::join(&site, "replica-2").await;
    one.wait_for_available(&["replica-1", "replica-2"]).await;
    let mut two = site.start_server_with(&["--id", "server-b"]).await;
    for server in [&one, &two] {
        let status = server.wait_for_available(&["replica-1", "replica-2"]).await;
        assert_eq!(status.primary.unwrap().replica, "replica-1");
        server
            .wait_for_status(|status| {
                status
                    .servers
                    .iter()
                    .map(|server| &server.id)
                    .eq(["server-a", "server-b"])
            })
            .await;
    }
    one.switch("replica-1", AdminState::Down).await;
    two.wait_for_event(EventKind::Switched, "replica-1").await;
    two.shut_down();
    two.wait_for_exit().await;
    one.wait_for_status(|status| status.servers.len() == 1)
        .await;
}

#[tokio::test]
async fn a_replica_that_is_not_ready_says_why() {
    let site = Site::new();
    let server = site.start_server().await;
    let replica = Replica::join(&site, "replica-1").await;
    server.wait_for_available(&["replica-1"]).await;
    replica.set_health_behaviour(Behaviour::Busy);
    let status = server
        .wait_for_status(|status| status.replicas[0].health == Health::Unavailable)
        .await;
    assert_eq!(
        status.replicas[0].reason.as_deref(),
        Some("it answers its health check with 503")
    );
}

#[tokio::test]
async fn the_live_status_follows_changes() {
    let site = Site::new();
    let server = site.start_server().await;
    let mut live = LiveStatus::open(&server, None).await;
    assert!(live.next().await.replicas.is_empty());
    let _replica = Replica::join(&site, "replica-1").await;
    loop {
        let status = live.next().await;
        if status.primary.is_some() {
            assert_eq!(status.replicas[0].health, Health::Available);
            break;
        }
    }
}

#[tokio::test]
async fn the_live_status_comes_every_second_without_a_change() {
    let site = Site::new();
    let server = site.start_server().await;
    let mut live = LiveStatus::open(&server, None).await;
    let mut last = live.next().await.now_ms;
    for _ in 0..2 {
        let next = live.next().await.now_ms;
        // Much longer than the interval of 1 s, for a busy machine.
        assert!(next - last < 5_000, "{last} {next}");
        last = next;
    }
}

#[tokio::test]
async fn the_live_status_has_addresses_for_the_operator_only() {
    let site = Site::new();
    let server = site.start_server().await;
    let _replica = Replica::join(&site, "replica-1").await;
    server.wait_for_available(&["replica-1"]).await;
    let cookie = server.session_cookie().await;
    let mut operator = LiveStatus::open(&server, Some(&cookie)).await;
    let mut public = LiveStatus::open(&server, None).await;
    for _ in 0..2 {
        let status = operator.next().await;
        assert!(status.signed_in && status.replicas[0].address.is_some());
        let status = public.next().await;
        assert!(!status.signed_in && status.replicas[0].address.is_none());
    }
}

#[tokio::test]
async fn event_streams_do_not_delay_a_shutdown() {
    let site = Site::new();
    let mut server = site.start_server().await;
    let mut live = LiveStatus::open(&server, None).await;
    live.next().await;
    server.shut_down();
    tokio::time::timeout(Duration::from_secs(5), server.wait_for_exit())
        .await
        .unwrap();
}

struct LiveStatus {
    body: Incoming,
    text: String,
}

impl LiveStatus {
    async fn open(server: &Server, cookie: Option<&str>) -> Self {
        let stream = TcpStream::connect(server.address).await.unwrap();
        let (mut sender, connection) = http1::handshake(TokioIo::new(stream)).await.unwrap();
        tokio::spawn(connection);
        let request = Request::builder()
            .uri(format!("{}/live", api::STATUS))
            .header("host", "shop.test")
            .header("cookie", cookie.unwrap_or("none=1"))
            .body(Empty::<Bytes>::new())
            .unwrap();
        let response = sender.send_request(request).await.unwrap();
        assert_eq!(response.headers()["content-type"], "text/event-stream");
        Self {
            body: response.into_body(),
            text: String::new(),
        }
    }

    async fn next(&mut self) -> Status {
        tokio::time::timeout(DEADLINE, self.read()).await.unwrap()
    }

    async fn read(&mut self) -> Status {
        loop {
            if let Some((event, rest)) = self.text.split_once("\n\n") {
                let data = event.strip_prefix("event: status\ndata: ");
                let status = data.map(|data| serde_json::from_str(data).unwrap());
                self.text = rest.to_owned();
                if let Some(status) = status {
                    return status;
                }
                continue;
            }
            let frame = self.body.frame().await.unwrap().unwrap();
            let piece = frame.into_data().unwrap();
            self.text.push_str(std::str::from_utf8(&piece).unwrap());
        }
    }
}

#[tokio::test]
async fn a_replica_that_was_ended_by_another_is_reported_once() {
    let site = Site::new();
    let first = Replica::join(&site, "replica-1").await;
    first.report_ended_process(7, 1);
    let server = site.start_server().await;
    server.wait_for_available(&["replica-1"]).await;
    first.wait_for_health_checks(2).await;
    // All stand-ins have the id of this process.
    first.report_ended_process(std::process::id(), 2);
    let event = server.wait_for_event(EventKind::Killed, "replica-1").await;
    assert!(event.message.ends_with("was ended by replica-1"));
    first.wait_for_health_checks(2).await;
    first.report_ended_process(u32::MAX, 3);
    let status = server
        .wait_for_status(|status| {
            let unknown = format!("process {}", u32::MAX);
            let mut events = status.events.iter();
            events.any(|event| event.message.starts_with(&unknown))
        })
        .await;
    let ended = |message: &str| message.contains("was ended by");
    let reported = status.events.iter().filter(|event| ended(&event.message));
    assert_eq!(reported.count(), 2);
}
