//! The gateway's cache of responses that a replica declares cacheable.

use http::{Method, StatusCode};
use model::api;

use crate::client::DEADLINE;
use crate::replica::{Behaviour, Replica, TAG};
use crate::site::Site;

const MENU: &str = "/api/v1/restaurants/noodle-bar/menu";
const CACHEABLE: Behaviour = Behaviour::Cacheable(600_000);

#[tokio::test]
async fn a_cacheable_response_is_fetched_once() {
    let site = Site::new();
    let server = site.start_server().await;
    let replica = Replica::join(&site, "replica-1").await;
    replica.set_behaviour(CACHEABLE);
    server.wait_for_available(&["replica-1"]).await;
    for _ in 0..3 {
        let response = server.get(MENU).await;
        assert_eq!(response.text(), "from replica-1");
        assert_eq!(response.replica(), "replica-1");
        assert_eq!(response.header("etag"), TAG);
        assert!(response.headers.contains_key("date"));
        assert!(!response.headers.contains_key(api::RESPONSE_TTL));
    }
    assert_eq!(replica.received().len(), 1);
    let request = || server.request(Method::GET, MENU);
    let known = request().header("if-none-match", TAG).send().await;
    assert_eq!(known.status, StatusCode::NOT_MODIFIED);
    assert_eq!(known.header("etag"), TAG);
    assert!(known.body.is_empty());
    let other = request().header("if-none-match", "\"2\"").send().await;
    assert_eq!(other.status, StatusCode::OK);
    assert_eq!(replica.received().len(), 1);
    request().header("accept-encoding", "br").send().await;
    server.get(&format!("{MENU}?x=1")).await;
    server.request(Method::HEAD, MENU).send().await;
    server.keyed_order().send().await;
    server.keyed_order().send().await;
    assert_eq!(replica.received().len(), 6);
}

#[tokio::test]
async fn an_expired_response_is_fetched_again() {
    let site = Site::new();
    let server = site.start_server().await;
    let replica = Replica::join(&site, "replica-1").await;
    server.wait_for_available(&["replica-1"]).await;
    replica.set_behaviour(Behaviour::Cacheable(30));
    let fetching = async {
        while replica.received().len() < 3 {
            server.get(MENU).await;
        }
    };
    tokio::time::timeout(DEADLINE, fetching).await.unwrap();
}

#[tokio::test]
async fn responses_of_a_replica_that_is_gone_are_not_used() {
    let site = Site::new();
    let server = site.start_server().await;
    let first = Replica::join(&site, "replica-1").await;
    first.set_behaviour(CACHEABLE);
    server.wait_for_available(&["replica-1"]).await;
    let second = Replica::join(&site, "replica-2").await;
    second.set_behaviour(CACHEABLE);
    server.wait_for_available(&["replica-1", "replica-2"]).await;
    assert_eq!(server.get(MENU).await.replica(), "replica-1");
    first.kill().await;
    server.wait_for_available(&["replica-2"]).await;
    assert_eq!(server.get(MENU).await.replica(), "replica-2");
    assert_eq!(server.get(MENU).await.replica(), "replica-2");
    assert_eq!(second.received().len(), 1);
}

#[tokio::test]
async fn a_response_without_a_ttl_is_never_cached() {
    let site = Site::new();
    let server = site.start_server().await;
    let replica = Replica::join(&site, "replica-1").await;
    server.wait_for_available(&["replica-1"]).await;
    for behaviour in [
        Behaviour::Responds,
        Behaviour::Streams,
        Behaviour::HopHeaders,
    ] {
        replica.set_behaviour(behaviour);
        server.get(MENU).await;
        server.get(MENU).await;
    }
    assert_eq!(replica.received().len(), 6);
}
