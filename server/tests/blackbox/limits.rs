//! Limits on slow and greedy clients, and the graceful shutdown.

use std::time::Duration;

use model::api;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

use crate::client::DEADLINE;
use crate::replica::{Behaviour, Replica};
use crate::site::{Server, Site};

async fn connect(server: &Server) -> TcpStream {
    TcpStream::connect(server.address).await.unwrap()
}

async fn read_to_end(mut stream: TcpStream) -> String {
    let mut text = String::new();
    let reading = stream.read_to_string(&mut text);
    tokio::time::timeout(DEADLINE, reading)
        .await
        .unwrap()
        .unwrap();
    text
}

#[tokio::test]
async fn a_connection_whose_headers_never_end_is_closed() {
    let site = Site::new();
    let server = site
        .start_server_with(&["--client-timeout-ms", "200"])
        .await;
    let mut stream = connect(&server).await;
    stream
        .write_all(b"GET / HTTP/1.1\r\nhost: x\r\nx-slow: ")
        .await
        .unwrap();
    assert_eq!(read_to_end(stream).await, "");
}

#[tokio::test]
async fn a_body_that_never_ends_is_400() {
    let site = Site::new();
    let server = site
        .start_server_with(&["--client-timeout-ms", "200"])
        .await;
    let mut stream = connect(&server).await;
    let head = "POST /api/v1/quotes HTTP/1.1\r\nhost: x\r\ncontent-length: 10\r\n\r\nabc";
    stream.write_all(head.as_bytes()).await.unwrap();
    let response = read_to_end(stream).await;
    assert!(response.starts_with("HTTP/1.1 400 "), "{response}");
}

#[tokio::test]
async fn a_chunked_body_cannot_exceed_the_limit() {
    let site = Site::new();
    let server = site.start_server().await;
    let mut stream = connect(&server).await;
    let head = "POST /api/v1/quotes HTTP/1.1\r\nhost: x\r\ntransfer-encoding: chunked\r\n\r\n";
    stream.write_all(head.as_bytes()).await.unwrap();
    let chunk = format!("8000\r\n{}\r\n", "x".repeat(0x8000));
    for _ in 0..3 {
        stream.write_all(chunk.as_bytes()).await.unwrap();
    }
    let mut response = [0; 13];
    stream.read_exact(&mut response).await.unwrap();
    assert_eq!(&response, b"HTTP/1.1 413 ");
}

#[tokio::test]
async fn headers_beyond_the_limit_are_431() {
    let site = Site::new();
    let server = site.start_server().await;
    let mut stream = connect(&server).await;
    let head = format!(
        "GET / HTTP/1.1\r\nhost: x\r\nx-large: {}\r\n\r\n",
        "x".repeat(20_000)
    );
    stream.write_all(head.as_bytes()).await.unwrap();
    let mut response = [0; 13];
    stream.read_exact(&mut response).await.unwrap();
    assert_eq!(&response, b"HTTP/1.1 431 ");
}

#[tokio::test]
async fn connections_beyond_the_limit_wait_while_all_others_are_within_a_request() {
    let site = Site::new();
    let server = site.start_server_with(&["--max-connections", "1"]).await;
    let mut first = connect(&server).await;
    let head = "POST /api/v1/quotes HTTP/1.1\r\nhost: x\r\nexpect: 100-continue\r\ncontent-length: 10\r\n\r\n";
    first.write_all(head.as_bytes()).await.unwrap();
    // The server is now receiving the body, for which the client has a grace period.
    first.read_exact(&mut [0; 25]).await.unwrap();
    let mut second = connect(&server).await;
    let request = b"GET /health/live HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n";
    second.write_all(request).await.unwrap();
    let mut byte = [0; 1];
    let early = tokio::time::timeout(Duration::from_millis(200), second.read_exact(&mut byte));
    assert!(early.await.is_err(), "the only slot is taken");
    drop(first);
    assert!(read_to_end(second).await.starts_with("HTTP/1.1 200 "));
}

#[tokio::test]
async fn a_shutdown_finishes_requests_in_flight() {
    let site = Site::new();
    let mut server = site.start_server().await;
    let replica = Replica::join(&site, "replica-1").await;
    server.wait_for_available(&["replica-1"]).await;
    replica.set_behaviour(Behaviour::Hangs);
    let order = tokio::spawn(server.keyed_order().send());
    replica.wait_for_requests(1).await;
    let address = server.address;
    server.shut_down();
    let refusing = async {
        while TcpStream::connect(address).await.is_ok() {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    };
    tokio::time::timeout(DEADLINE, refusing).await.unwrap();
    let snapshot = site.registry().snapshot().await.unwrap();
    assert!(snapshot.iter().all(|known| known.id != "server-1"));
    replica.set_behaviour(Behaviour::Responds);
    replica.break_connections();
    assert_eq!(order.await.unwrap().status, 200);
    server.wait_for_exit().await;
}

#[tokio::test]
async fn idle_connections_do_not_delay_a_shutdown() {
    let site = Site::new();
    let mut server = site.start_server().await;
    let idle = connect(&server).await;
    server.get(api::STATUS).await;
    server.shut_down();
    tokio::time::timeout(Duration::from_secs(5), server.wait_for_exit())
        .await
        .unwrap();
    assert_eq!(read_to_end(idle).await, "");
}

#[tokio::test]
async fn connections_that_never_send_a_request_are_reclaimed() {
    let site = Site::new();
    let server = site.start_server_with(&["--max-connections", "4"]).await;
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
async fn connections_with_slow_bodies_are_reclaimed() {
    let site = Site::new();
    let server = site.start_server_with(&["--max-connections", "4"]).await;
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
    // Well within the client timeout of 20 s.
    for _ in 0..3 {
        let response = tokio::time::timeout(Duration::from_secs(10), server.get(api::STATUS));
        assert_eq!(response.await.unwrap().status, 200);
    }
}

#[tokio::test]
async fn requests_beyond_a_replicas_limit_are_rejected_at_once() {
    let site = Site::new();
    let server = site
        .start_server_with(&["--concurrency-floor", "1", "--concurrency-ceiling", "1"])
        .await;
    let replica = Replica::join(&site, "replica-1").await;
    server.wait_for_available(&["replica-1"]).await;
    replica.set_behaviour(Behaviour::Hangs);
    let order = tokio::spawn(server.keyed_order().send());
    replica.wait_for_requests(1).await;
    // The request waits in the queue as in a burst, and is rejected because the queue does not drain.
    let rejected = tokio::spawn(server.keyed_order().send());
    let response = rejected.await.unwrap();
    assert_eq!(response.status, 503, "{}", response.text());
    assert_eq!(response.header("retry-after"), "2");
    assert!(response.text().contains("very busy"), "{}", response.text());
    assert_eq!(
        replica.received().len(),
        1,
        "the rejected request never reached the replica"
    );
    replica.set_behaviour(Behaviour::Responds);
    replica.break_connections();
    assert_eq!(order.await.unwrap().status, 200);
    assert_eq!(server.keyed_order().send().await.status, 200);
}
