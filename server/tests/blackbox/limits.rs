//! Slow and greedy clients, and the orderly end.

use std::time::Duration;

use model::api;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

use crate::client::DEADLINE;
use crate::replica::{Behaviour, Replica};
use crate::server::{Server, Site};

async fn connect(server: &Server) -> TcpStream {
    TcpStream::connect(server.address).await.unwrap()
}

async fn rest(mut stream: TcpStream) -> String {
    let mut text = String::new();
    let reading = stream.read_to_string(&mut text);
    tokio::time::timeout(DEADLINE, reading)
        .await
        .unwrap()
        .unwrap();
    text
}

#[tokio::test]
async fn a_client_that_never_ends_its_headers_is_left() {
    let site = Site::new();
    let server = site.serve_with(&["--client-timeout-ms", "200"]).await;
    let mut stream = connect(&server).await;
    stream
        .write_all(b"GET / HTTP/1.1\r\nhost: x\r\nx-slow: ")
        .await
        .unwrap();
    assert_eq!(rest(stream).await, "");
}

#[tokio::test]
async fn a_body_that_never_ends_is_400() {
    let site = Site::new();
    let server = site.serve_with(&["--client-timeout-ms", "200"]).await;
    let mut stream = connect(&server).await;
    let head = "POST /api/v1/quotes HTTP/1.1\r\nhost: x\r\ncontent-length: 10\r\n\r\nabc";
    stream.write_all(head.as_bytes()).await.unwrap();
    let answer = rest(stream).await;
    assert!(answer.starts_with("HTTP/1.1 400 "), "{answer}");
}

#[tokio::test]
async fn a_chunked_body_cannot_get_around_the_limit() {
    let site = Site::new();
    let server = site.serve().await;
    let mut stream = connect(&server).await;
    let head = "POST /api/v1/quotes HTTP/1.1\r\nhost: x\r\ntransfer-encoding: chunked\r\n\r\n";
    stream.write_all(head.as_bytes()).await.unwrap();
    let chunk = format!("8000\r\n{}\r\n", "x".repeat(0x8000));
    for _ in 0..3 {
        stream.write_all(chunk.as_bytes()).await.unwrap();
    }
    let mut answer = [0; 13];
    stream.read_exact(&mut answer).await.unwrap();
    assert_eq!(&answer, b"HTTP/1.1 413 ");
}

#[tokio::test]
async fn headers_without_end_are_431() {
    let site = Site::new();
    let server = site.serve().await;
    let mut stream = connect(&server).await;
    let head = format!(
        "GET / HTTP/1.1\r\nhost: x\r\nx-large: {}\r\n\r\n",
        "x".repeat(20_000)
    );
    stream.write_all(head.as_bytes()).await.unwrap();
    let mut answer = [0; 13];
    stream.read_exact(&mut answer).await.unwrap();
    assert_eq!(&answer, b"HTTP/1.1 431 ");
}

#[tokio::test]
async fn connections_beyond_the_limit_wait_while_all_others_are_in_the_middle_of_a_request() {
    let site = Site::new();
    let server = site.serve_with(&["--max-connections", "1"]).await;
    let mut first = connect(&server).await;
    let head = "POST /api/v1/quotes HTTP/1.1\r\nhost: x\r\nexpect: 100-continue\r\ncontent-length: 10\r\n\r\n";
    first.write_all(head.as_bytes()).await.unwrap();
    // It goes on to the body, which it has a while for.
    first.read_exact(&mut [0; 25]).await.unwrap();
    let mut second = connect(&server).await;
    let request = b"GET /health/live HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n";
    second.write_all(request).await.unwrap();
    let mut byte = [0; 1];
    let early = tokio::time::timeout(Duration::from_millis(200), second.read_exact(&mut byte));
    assert!(early.await.is_err(), "the only place is taken");
    drop(first);
    assert!(rest(second).await.starts_with("HTTP/1.1 200 "));
}

#[tokio::test]
async fn what_is_under_way_is_finished_before_the_end() {
    let site = Site::new();
    let mut server = site.serve().await;
    let replica = Replica::join(&site, "replica-1").await;
    server.has_available(&["replica-1"]).await;
    replica.behave(Behaviour::Hangs);
    let order = tokio::spawn(server.keyed_order().send());
    replica.has_seen(1).await;
    let address = server.address;
    server.ask_to_end();
    let refused = async {
        while TcpStream::connect(address).await.is_ok() {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    };
    tokio::time::timeout(DEADLINE, refused).await.unwrap();
    let snapshot = site.registry().snapshot().await.unwrap();
    assert!(snapshot.iter().all(|known| known.id != "server-1"));
    replica.behave(Behaviour::Answers);
    replica.break_connections();
    assert_eq!(order.await.unwrap().status, 200);
    server.ends().await;
}

#[tokio::test]
async fn idle_connections_do_not_hold_up_the_end() {
    let site = Site::new();
    let mut server = site.serve().await;
    let idle = connect(&server).await;
    server.get(api::STATUS).await;
    server.ask_to_end();
    tokio::time::timeout(Duration::from_secs(5), server.ends())
        .await
        .unwrap();
    assert_eq!(rest(idle).await, "");
}

#[tokio::test]
async fn connections_that_ask_nothing_make_room_for_those_who_do() {
    let site = Site::new();
    let server = site.serve_with(&["--max-connections", "4"]).await;
    let mut idle = Vec::new();
    for _ in 0..4 {
        let mut stream = connect(&server).await;
        stream
            .write_all(b"GET / HTTP/1.1\r\nhost: x\r\nx-slow: ")
            .await
            .unwrap();
        idle.push(stream);
    }
    for _ in 0..3 {
        assert_eq!(server.get(api::STATUS).await.status, 200);
    }
}

#[tokio::test]
async fn bodies_that_come_slowly_make_room_too() {
    let site = Site::new();
    let server = site.serve_with(&["--max-connections", "4"]).await;
    let mut slow = Vec::new();
    for path in [
        api::QUOTES,
        "/api/v1/status/session",
        api::QUOTES,
        api::ORDERS,
    ] {
        let mut stream = connect(&server).await;
        let head = format!(
            "POST {path} HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\ncontent-length: 900\r\n\r\n{{"
        );
        stream.write_all(head.as_bytes()).await.unwrap();
        slow.push(stream);
    }
    // Well within the 20 s that each of them has.
    for _ in 0..3 {
        let answer = tokio::time::timeout(Duration::from_secs(10), server.get(api::STATUS));
        assert_eq!(answer.await.unwrap().status, 200);
    }
}

#[tokio::test]
async fn more_than_a_replica_can_do_is_refused_at_once() {
    let site = Site::new();
    let server = site
        .serve_with(&["--concurrency-floor", "1", "--concurrency-ceiling", "1"])
        .await;
    let replica = Replica::join(&site, "replica-1").await;
    server.has_available(&["replica-1"]).await;
    replica.behave(Behaviour::Hangs);
    let order = tokio::spawn(server.keyed_order().send());
    replica.has_seen(1).await;
    // The first ones after it wait as in a burst; when the queue has lasted, nobody else has to.
    let refused = tokio::spawn(server.keyed_order().send());
    let answer = refused.await.unwrap();
    assert_eq!(answer.status, 503, "{}", answer.text());
    assert_eq!(answer.header("retry-after"), "2");
    assert!(answer.text().contains("very busy"), "{}", answer.text());
    assert_eq!(replica.seen().len(), 1, "it never reached the replica");
    replica.behave(Behaviour::Answers);
    replica.break_connections();
    assert_eq!(order.await.unwrap().status, 200);
    assert_eq!(server.keyed_order().send().await.status, 200);
}
