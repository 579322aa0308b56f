//! Answers that a replica says will stay as they are.

use http::{Method, StatusCode};
use model::api;

use crate::client::DEADLINE;
use crate::replica::{Behaviour, Replica, TAG};
use crate::server::Site;

const MENU: &str = "/api/v1/restaurants/noodle-bar/menu";
const LONG: Behaviour = Behaviour::StaysFresh(600_000);

#[tokio::test]
async fn what_stays_the_same_is_asked_for_once() {
    let site = Site::new();
    let server = site.serve().await;
    let replica = Replica::join(&site, "replica-1").await;
    replica.behave(LONG);
    server.has_available(&["replica-1"]).await;
    for _ in 0..3 {
        let answer = server.get(MENU).await;
        assert_eq!(answer.text(), "from replica-1");
        assert_eq!(answer.replica(), "replica-1");
        assert_eq!(answer.header("etag"), TAG);
        assert!(answer.headers.contains_key("date"));
        assert!(!answer.headers.contains_key(api::FRESH));
    }
    assert_eq!(replica.seen().len(), 1);
    let ask = || server.ask(Method::GET, MENU);
    let known = ask().header("if-none-match", TAG).send().await;
    assert_eq!(known.status, StatusCode::NOT_MODIFIED);
    assert_eq!(known.header("etag"), TAG);
    assert!(known.body.is_empty());
    let other = ask().header("if-none-match", "\"2\"").send().await;
    assert_eq!(other.status, StatusCode::OK);
    assert_eq!(replica.seen().len(), 1);
    ask().header("accept-encoding", "br").send().await;
    server.get(&format!("{MENU}?x=1")).await;
    server.ask(Method::HEAD, MENU).send().await;
    server.keyed_order().send().await;
    server.keyed_order().send().await;
    assert_eq!(replica.seen().len(), 6);
}

#[tokio::test]
async fn what_has_run_out_is_asked_for_again() {
    let site = Site::new();
    let server = site.serve().await;
    let replica = Replica::join(&site, "replica-1").await;
    server.has_available(&["replica-1"]).await;
    replica.behave(Behaviour::StaysFresh(30));
    let asking = async {
        while replica.seen().len() < 3 {
            server.get(MENU).await;
        }
    };
    tokio::time::timeout(DEADLINE, asking).await.unwrap();
}

#[tokio::test]
async fn a_replica_that_is_gone_is_not_quoted() {
    let site = Site::new();
    let server = site.serve().await;
    let first = Replica::join(&site, "replica-1").await;
    first.behave(LONG);
    server.has_available(&["replica-1"]).await;
    let second = Replica::join(&site, "replica-2").await;
    second.behave(LONG);
    server.has_available(&["replica-1", "replica-2"]).await;
    assert_eq!(server.get(MENU).await.replica(), "replica-1");
    first.kill().await;
    server.has_available(&["replica-2"]).await;
    assert_eq!(server.get(MENU).await.replica(), "replica-2");
    assert_eq!(server.get(MENU).await.replica(), "replica-2");
    assert_eq!(second.seen().len(), 1);
}

#[tokio::test]
async fn what_does_not_say_so_is_never_kept() {
    let site = Site::new();
    let server = site.serve().await;
    let replica = Replica::join(&site, "replica-1").await;
    server.has_available(&["replica-1"]).await;
    for behaviour in [
        Behaviour::Answers,
        Behaviour::Streams,
        Behaviour::HopHeaders,
    ] {
        replica.behave(behaviour);
        server.get(MENU).await;
        server.get(MENU).await;
    }
    assert_eq!(replica.seen().len(), 6);
}
