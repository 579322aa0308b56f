//! What passes through the gateway, and what does not.

use http::Method;
use model::api;
use model::problem::Code;

use crate::client::Line;
use crate::replica::{Behaviour, Replica};
use crate::server::Site;

#[tokio::test]
async fn requests_go_to_the_first_replica_in_the_order_of_registration() {
    let site = Site::new();
    let server = site.serve().await;
    let first = Replica::join(&site, "replica-1").await;
    server.has_available(&["replica-1"]).await;
    let second = Replica::join(&site, "replica-2").await;
    let status = server.has_available(&["replica-1", "replica-2"]).await;
    assert_eq!(status.primary.unwrap().replica, "replica-1");
    for _ in 0..5 {
        let answer = server.get("/api/v1/restaurants/noodle-bar/menu?x=1").await;
        assert_eq!(answer.status, 200);
        assert_eq!(answer.text(), "from replica-1");
        assert_eq!(answer.replica(), "replica-1");
    }
    assert_eq!(first.seen().len(), 5);
    assert!(second.seen().is_empty());
    assert_eq!(
        first.seen()[0].path,
        "/api/v1/restaurants/noodle-bar/menu?x=1"
    );
}

#[tokio::test]
async fn a_replica_sees_our_word_and_not_the_clients() {
    let site = Site::new();
    let server = site.serve().await;
    let replica = Replica::join(&site, "replica-1").await;
    server.has_available(&["replica-1"]).await;
    let answer = server
        .ask(Method::POST, api::QUOTES)
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
    assert_eq!(answer.status, 200, "{}", answer.text());
    let seen = &replica.seen()[0];
    assert_eq!(seen.method, Method::POST);
    assert_eq!(seen.body, "{\"a\":1}");
    assert_eq!(seen.header(api::CREDENTIAL), site.credential());
    assert_eq!(seen.headers.get_all(api::CREDENTIAL).iter().count(), 1);
    assert_eq!(seen.header(api::ATTEMPT), "1");
    let left_ms: u64 = seen.header(api::DEADLINE).parse().unwrap();
    assert!((1..=10_000).contains(&left_ms), "{left_ms}");
    assert_eq!(seen.header("x-forwarded-for"), "127.0.0.1");
    assert_eq!(seen.header("x-stays"), "1");
    for gone in [
        "forwarded",
        "x-hop",
        "x-other-hop",
        "te",
        "proxy-authorization",
    ] {
        assert!(!seen.headers.contains_key(gone), "{gone}");
    }
}

#[tokio::test]
async fn headers_of_the_replicas_connection_stay_there() {
    let site = Site::new();
    let server = site.serve().await;
    let replica = Replica::join(&site, "replica-1").await;
    replica.behave(Behaviour::HopHeaders);
    server.has_available(&["replica-1"]).await;
    let answer = server.get(api::RESTAURANTS).await;
    assert_eq!(answer.header("x-stays"), "1");
    assert!(!answer.headers.contains_key("x-hop"));
    assert!(!answer.headers.contains_key("keep-alive"));
    assert_eq!(answer.header("x-content-type-options"), "nosniff");
}

#[tokio::test]
async fn connections_to_a_replica_are_used_again() {
    let site = Site::new();
    let server = site.serve().await;
    let replica = Replica::join(&site, "replica-1").await;
    server.has_available(&["replica-1"]).await;
    // Of one client, whose requests stay on one thread of the server.
    let mut client = Line::open(server.address).await;
    let ask = || server.ask(Method::GET, api::RESTAURANTS);
    client.send(ask()).await;
    replica.stop_accepting().await;
    for _ in 0..3 {
        let answer = client.send(ask()).await;
        assert_eq!(answer.status, 200, "{}", answer.text());
    }
}

#[tokio::test]
async fn a_large_answer_is_streamed_through() {
    let site = Site::new();
    let server = site.serve().await;
    let replica = Replica::join(&site, "replica-1").await;
    replica.behave(Behaviour::Streams);
    server.has_available(&["replica-1"]).await;
    for _ in 0..2 {
        let answer = server.get(api::RESTAURANTS).await;
        assert_eq!(answer.body.len(), 1_024 * 1_024);
    }
}

#[tokio::test]
async fn head_tells_the_length_without_a_body() {
    let site = Site::new();
    let server = site.serve().await;
    let _replica = Replica::join(&site, "replica-1").await;
    server.has_available(&["replica-1"]).await;
    let answer = server.ask(Method::HEAD, api::RESTAURANTS).send().await;
    assert_eq!(answer.status, 200);
    assert_eq!(answer.header("content-length"), "14");
    assert!(answer.body.is_empty());
}

#[tokio::test]
async fn a_body_of_64_kilobytes_passes_and_a_larger_one_is_413() {
    let site = Site::new();
    let server = site.serve().await;
    let replica = Replica::join(&site, "replica-1").await;
    server.has_available(&["replica-1"]).await;
    let fits = server.keyed_order().body(vec![b'x'; 64 * 1024]);
    assert_eq!(fits.send().await.status, 200);
    let large = server.keyed_order().body(vec![b'x'; 64 * 1024 + 1]);
    let answer = large.send().await;
    assert_eq!(answer.status, 413);
    assert_eq!(answer.problem().code, Code::BodyTooLarge);
    assert_eq!(replica.seen().len(), 1);
}

#[tokio::test]
async fn unknown_addresses_of_the_api_are_404() {
    let site = Site::new();
    let server = site.serve().await;
    for path in [
        "/api",
        "/api/",
        "/api/v2/orders",
        "/api/v1",
        "/api/v1/status/",
        "/api/v1/status/nothing",
    ] {
        let answer = server.get(path).await;
        assert_eq!(answer.status, 404, "{path}");
        assert_eq!(answer.problem().code, Code::NotFound, "{path}");
    }
}
