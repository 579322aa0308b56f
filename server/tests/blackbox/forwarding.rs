//! What the gateway forwards to replicas and back, and what it removes.

use http::Method;
use model::api;
use model::problem::Code;

use crate::client::ClientConnection;
use crate::replica::{Behaviour, Replica};
use crate::site::Site;

#[tokio::test]
async fn requests_go_to_the_first_replica_in_the_order_of_registration() {
    let site = Site::new();
    let server = site.start_server().await;
    let first = Replica::join(&site, "replica-1").await;
    server.wait_for_available(&["replica-1"]).await;
    let second = Replica::join(&site, "replica-2").await;
    let status = server.wait_for_available(&["replica-1", "replica-2"]).await;
    assert_eq!(status.primary.unwrap().replica, "replica-1");
    for _ in 0..5 {
        let response = server.get("/api/v1/restaurants/noodle-bar/menu?x=1").await;
        assert_eq!(response.status, 200);
        assert_eq!(response.text(), "from replica-1");
        assert_eq!(response.replica(), "replica-1");
    }
    assert_eq!(first.received().len(), 5);
    assert!(second.received().is_empty());
    assert_eq!(
        first.received()[0].path,
        "/api/v1/restaurants/noodle-bar/menu?x=1"
    );
}

#[tokio::test]
async fn headers_of_the_gateway_replace_those_of_the_client() {
    let site = Site::new();
    let server = site.start_server().await;
    let replica = Replica::join(&site, "replica-1").await;
    server.wait_for_available(&["replica-1"]).await;
    let response = server
        .request(Method::POST, api::QUOTES)
        .header(api::CREDENTIAL, "made up")
        .header(api::ATTEMPT, "7")
        .header(api::DEADLINE, "86400000")
        .header("x-forwarded-for", "203.0.113.9")
        .header("forwarded", "for=203.0.113.9")
        .header("connection", "x-hop, close")
        .header("connection", "x-other-hop")
        .header("x-hop", "1")
        .header("x-other-hop", "1")
        .header("te", "trailers")
        .header("proxy-authorization", "secret")
        .header("x-stays", "1")
        .json("{\"a\":1}")
        .send()
        .await;
    assert_eq!(response.status, 200, "{}", response.text());
    let received = &replica.received()[0];
    assert_eq!(received.method, Method::POST);
    assert_eq!(received.body, "{\"a\":1}");
    assert_eq!(received.header(api::CREDENTIAL), site.credential());
    assert_eq!(received.headers.get_all(api::CREDENTIAL).iter().count(), 1);
    assert_eq!(received.header(api::ATTEMPT), "1");
    let left_ms: u64 = received.header(api::DEADLINE).parse().unwrap();
    assert!((1..=10_000).contains(&left_ms), "{left_ms}");
    assert_eq!(received.header("x-forwarded-for"), "127.0.0.1");
    assert_eq!(received.header("x-stays"), "1");
    for gone in [
        "forwarded",
        "x-hop",
        "x-other-hop",
        "te",
        "proxy-authorization",
    ] {
        assert!(!received.headers.contains_key(gone), "{gone}");
    }
}

#[tokio::test]
async fn hop_by_hop_headers_of_a_replica_are_removed() {
    let site = Site::new();
    let server = site.start_server().await;
    let replica = Replica::join(&site, "replica-1").await;
    replica.set_behaviour(Behaviour::HopHeaders);
    server.wait_for_available(&["replica-1"]).await;
    let response = server.get(api::RESTAURANTS).await;
    assert_eq!(response.header("x-stays"), "1");
    assert!(!response.headers.contains_key("x-hop"));
    assert!(!response.headers.contains_key("keep-alive"));
    assert_eq!(response.header("x-content-type-options"), "nosniff");
}

#[tokio::test]
async fn connections_to_a_replica_are_reused() {
    let site = Site::new();
    let server = site.start_server().await;
    let replica = Replica::join(&site, "replica-1").await;
    server.wait_for_available(&["replica-1"]).await;
    // One connection, so that all requests run on one of the server's threads, which each have their own pool.
    let mut client = ClientConnection::open(server.address).await;
    let request = || server.request(Method::GET, api::RESTAURANTS);
    client.send(request()).await;
    replica.stop_accepting().await;
    for _ in 0..3 {
        let response = client.send(request()).await;
        assert_eq!(response.status, 200, "{}", response.text());
    }
}

#[tokio::test]
async fn a_large_answer_is_streamed_through() {
    let site = Site::new();
    let server = site.start_server().await;
    let replica = Replica::join(&site, "replica-1").await;
    replica.set_behaviour(Behaviour::Streams);
    server.wait_for_available(&["replica-1"]).await;
    for _ in 0..2 {
        let response = server.get(api::RESTAURANTS).await;
        assert_eq!(response.body.len(), 1_024 * 1_024);
    }
}

#[tokio::test]
async fn head_has_the_length_without_a_body() {
    let site = Site::new();
    let server = site.start_server().await;
    let _replica = Replica::join(&site, "replica-1").await;
    server.wait_for_available(&["replica-1"]).await;
    let response = server.request(Method::HEAD, api::RESTAURANTS).send().await;
    assert_eq!(response.status, 200);
    assert_eq!(response.header("content-length"), "14");
    assert!(response.body.is_empty());
}

#[tokio::test]
async fn a_body_of_64_kilobytes_passes_and_a_larger_one_is_413() {
    let site = Site::new();
    let server = site.start_server().await;
    let replica = Replica::join(&site, "replica-1").await;
    server.wait_for_available(&["replica-1"]).await;
    let fits = server.keyed_order().body(vec![b'x'; 64 * 1024]);
    assert_eq!(fits.send().await.status, 200);
    let large = server.keyed_order().body(vec![b'x'; 64 * 1024 + 1]);
    let response = large.send().await;
    assert_eq!(response.status, 413);
    assert_eq!(response.problem().code, Code::BodyTooLarge);
    assert_eq!(replica.received().len(), 1);
}

#[tokio::test]
async fn unknown_paths_of_the_api_are_404() {
    let site = Site::new();
    let server = site.start_server().await;
    for path in [
        "/api",
        "/api/",
        "/api/v2/orders",
        "/api/v1",
        "/api/v1/status/",
        "/api/v1/status/nothing",
    ] {
        let response = server.get(path).await;
        assert_eq!(response.status, 404, "{path}");
        assert_eq!(response.problem().code, Code::NotFound, "{path}");
    }
}
