//! The store through its public interface, with several handles on one file, as several replicas have.

mod concurrent;
mod crash;
mod expiry;
mod inventory;
mod personal_data;
mod places;
mod transitions;

use std::path::Path;

use model::OrderState;
use model::order::Order;
use rusqlite::Connection;

use super::SqliteStore;
use crate::samples::new_order;
use crate::store::{Cancellation, Fingerprint, Placement, SavedResponse, Store, StoreError};

const SHOP: &str = "the-copper-pan";
const KEY: &str = "key-0000000000000001";

fn body(text: &str) -> Fingerprint {
    Fingerprint::of(text.as_bytes())
}

fn placed(placement: Placement) -> SavedResponse {
    match placement {
        Placement::Placed(response) => response,
        other => panic!("not placed: {other:?}"),
    }
}

fn order_in(response: &SavedResponse) -> Order {
    serde_json::from_slice(&response.body).unwrap()
}

/// A shop whose orders a trigger refuses.
const REFUSED: &str = "refused";

fn refuse_one_shop(data: &Path) {
    tamper(
        data,
        "CREATE TRIGGER refuse AFTER INSERT ON events
         WHEN (SELECT restaurant FROM orders WHERE id = new.order_id) = 'refused'
         BEGIN SELECT RAISE(ABORT, 'refused'); END",
    );
}

/// Queries the database file directly.
fn count(data: &Path, sql: &str) -> i64 {
    let db = Connection::open(data.join("tiffin.db")).unwrap();
    db.query_row(sql, [], |row| row.get(0)).unwrap()
}

/// Changes the database file directly.
fn tamper(data: &Path, sql: &str) {
    let db = Connection::open(data.join("tiffin.db")).unwrap();
    db.execute_batch(sql).unwrap();
}

#[tokio::test]
async fn an_order_reads_back_as_in_the_response() {
    let data = tempfile::tempdir().unwrap();
    let store = SqliteStore::open(data.path()).unwrap();
    let response = placed(
        store
            .place_order(KEY, body("a"), new_order(SHOP))
            .await
            .unwrap(),
    );
    let order = order_in(&response);
    assert_eq!((order.number, order.version), (1, 1));
    assert_eq!(order.token, response.token);
    assert_eq!(order.token.len(), 32);
    assert_eq!(order.history.len(), 1);
    let by_token = store.order_by_token(&order.token).await.unwrap();
    assert_eq!(by_token.as_ref(), Some(&order));
    assert_eq!(store.order_by_key(KEY).await.unwrap(), by_token);
    assert_eq!(store.order_by_token("0123").await.unwrap(), None);
    assert_eq!(store.order_by_key("another").await.unwrap(), None);
}

#[tokio::test]
async fn a_repeat_gets_the_saved_bytes_also_after_a_transition_and_a_restart() {
    let data = tempfile::tempdir().unwrap();
    let store = SqliteStore::open(data.path()).unwrap();
    assert_eq!(store.find_placement(KEY, body("a")).await.unwrap(), None);
    let first = placed(
        store
            .place_order(KEY, body("a"), new_order(SHOP))
            .await
            .unwrap(),
    );
    store.cancel_by_customer(&first.token, 5).await.unwrap();
    drop(store);

    let store = SqliteStore::open(data.path()).unwrap();
    let replayed = Placement::Replayed(first);
    // The content of the order does not matter.
    let later = new_order("another-shop");
    assert_eq!(
        store.place_order(KEY, body("a"), later).await.unwrap(),
        replayed
    );
    assert_eq!(
        store.find_placement(KEY, body("a")).await.unwrap(),
        Some(replayed)
    );
    assert_eq!(count(data.path(), "SELECT count(*) FROM orders"), 1);
}

#[tokio::test]
async fn the_last_handle_leaves_one_whole_file() {
    let data = tempfile::tempdir().unwrap();
    let one = SqliteStore::open(data.path()).unwrap();
    let other = SqliteStore::open(data.path()).unwrap();
    one.place_order(KEY, body("a"), new_order(SHOP))
        .await
        .unwrap();
    other.order_by_key(KEY).await.unwrap().unwrap();
    let log = data.path().join("tiffin.db-wal");
    drop(one);
    assert!(log.exists(), "the other handle still uses the log");
    drop(other);
    assert!(!log.exists());
}

#[tokio::test]
async fn a_key_serves_only_one_body() {
    let data = tempfile::tempdir().unwrap();
    let store = SqliteStore::open(data.path()).unwrap();
    store
        .place_order(KEY, body("a"), new_order(SHOP))
        .await
        .unwrap();
    let other = store.place_order(KEY, body("b"), new_order(SHOP)).await;
    assert_eq!(other.unwrap(), Placement::KeyReused);
    assert_eq!(
        store.find_placement(KEY, body("b")).await.unwrap(),
        Some(Placement::KeyReused)
    );
    assert_eq!(count(data.path(), "SELECT count(*) FROM orders"), 1);
    assert_eq!(count(data.path(), "SELECT last FROM order_numbers"), 1);
}

#[tokio::test]
async fn each_restaurant_numbers_its_own_orders() {
    let data = tempfile::tempdir().unwrap();
    let store = SqliteStore::open(data.path()).unwrap();
    let mut numbers = Vec::new();
    for (index, shop) in ["a", "b", "a", "a", "b"].into_iter().enumerate() {
        let key = format!("key-{index}");
        let placement = store.place_order(&key, body(&key), new_order(shop)).await;
        numbers.push(order_in(&placed(placement.unwrap())).number);
    }
    assert_eq!(numbers, [1, 1, 2, 3, 2]);
}

#[tokio::test]
async fn an_order_that_fails_in_the_database_leaves_nothing_behind() {
    let data = tempfile::tempdir().unwrap();
    let store = SqliteStore::open(data.path()).unwrap();
    refuse_one_shop(data.path());
    let refused = store.place_order(KEY, body("a"), new_order(REFUSED)).await;
    assert!(matches!(refused, Err(StoreError::Failed(_))), "{refused:?}");
    let numbers = count(data.path(), "SELECT count(*) FROM order_numbers");
    assert_eq!(numbers, 0, "the order number is released");
    let placement = store.place_order(KEY, body("a"), new_order(SHOP)).await;
    assert_eq!(order_in(&placed(placement.unwrap())).number, 1);
    assert_eq!(count(data.path(), "SELECT max(sequence) FROM events"), 1);
}

#[tokio::test]
async fn cancelling_twice_is_cancelling_once() {
    let data = tempfile::tempdir().unwrap();
    let store = SqliteStore::open(data.path()).unwrap();
    let placement = store.place_order(KEY, body("a"), new_order(SHOP)).await;
    let token = placed(placement.unwrap()).token;

    let Cancellation::Cancelled(order) = store.cancel_by_customer(&token, 77).await.unwrap() else {
        panic!("not cancelled");
    };
    assert_eq!((order.state, order.version), (OrderState::Cancelled, 2));
    assert_eq!(order.history.last().map(|change| change.at_ms), Some(77));
    assert_eq!(
        store.order_by_token(&token).await.unwrap().as_ref(),
        Some(&order)
    );
    assert_eq!(
        store.cancel_by_customer(&token, 99).await.unwrap(),
        Cancellation::AlreadyCancelled(order)
    );
    assert_eq!(
        store.cancel_by_customer("unknown", 99).await.unwrap(),
        Cancellation::NotFound
    );
    assert_eq!(count(data.path(), "SELECT count(*) FROM events"), 2);
}

#[tokio::test]
async fn an_accepted_order_is_not_cancelled_by_the_customer() {
    let data = tempfile::tempdir().unwrap();
    let store = SqliteStore::open(data.path()).unwrap();
    let placement = store.place_order(KEY, body("a"), new_order(SHOP)).await;
    let token = placed(placement.unwrap()).token;
    tamper(
        data.path(),
        "UPDATE orders SET state = 'accepted', version = 2",
    );
    let Cancellation::Conflict(order) = store.cancel_by_customer(&token, 77).await.unwrap() else {
        panic!("no conflict");
    };
    assert_eq!((order.state, order.version), (OrderState::Accepted, 2));
    assert_eq!(
        count(data.path(), "SELECT count(*) FROM events"),
        1,
        "nothing was logged"
    );
}

#[tokio::test]
async fn the_error_of_an_unreadable_row_names_the_column() {
    let data = tempfile::tempdir().unwrap();
    let store = SqliteStore::open(data.path()).unwrap();
    let placement = store.place_order(KEY, body("a"), new_order(SHOP)).await;
    let token = placed(placement.unwrap()).token;
    for (column, damage) in [
        ("state", "UPDATE orders SET state = 'eaten'"),
        (
            "lines",
            "UPDATE orders SET state = 'placed', lines = '{\"secret\": 1}'",
        ),
    ] {
        tamper(data.path(), damage);
        let error = store.order_by_token(&token).await.unwrap_err();
        match &error {
            StoreError::Unreadable {
                table: "orders",
                column: named,
                key: 1,
                ..
            } => assert_eq!(*named, column),
            other => panic!("{other:?}"),
        }
        let text = error.to_string();
        assert!(text.contains(column) && !text.contains("secret"), "{text}");
    }
}

#[tokio::test]
async fn the_log_is_append_only() {
    let data = tempfile::tempdir().unwrap();
    let store = SqliteStore::open(data.path()).unwrap();
    store
        .place_order(KEY, body("a"), new_order(SHOP))
        .await
        .unwrap();
    let db = Connection::open(data.path().join("tiffin.db")).unwrap();
    for change in ["UPDATE events SET at_ms = 0", "DELETE FROM events"] {
        let error = db.execute(change, []).unwrap_err().to_string();
        assert!(error.contains("only ever added to"), "{error}");
    }
    store.ready().await.unwrap();
}
