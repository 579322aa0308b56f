//! Orders that are not accepted in time expire, once each.

use std::sync::Arc;

use super::*;
use crate::domain::Catalogue;
use crate::domain::expiry::Deadlines;
use crate::samples::{NOW_MS, shop};
use crate::store::OUTAGE_MS;

const WINDOW_MS: i64 = 600_000;

fn deadlines() -> Deadlines {
    Deadlines::new(Catalogue::new([shop(SHOP)]), WINDOW_MS)
}

async fn place(store: &SqliteStore, key: &str) -> String {
    let order = new_order(SHOP).expiring_at(NOW_MS + WINDOW_MS);
    placed(store.place_order(key, body(key), order).await.unwrap()).token
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn concurrent_replicas_expire_each_order_once() {
    let data = tempfile::tempdir().unwrap();
    let replicas: Vec<_> = (0..3)
        .map(|_| Arc::new(SqliteStore::open(data.path()).unwrap()))
        .collect();
    for index in 0..150 {
        place(&replicas[index % 3], &format!("key-{index}")).await;
    }
    // One replica runs maintenance all the time, so that there is no outage.
    let mut now_ms = NOW_MS;
    while now_ms < NOW_MS + WINDOW_MS {
        let report = replicas[0]
            .expire_due_orders(now_ms, None, deadlines())
            .await
            .unwrap();
        assert_eq!((report.expired, report.outage_ms), (0, None));
        now_ms += OUTAGE_MS / 2;
    }
    let tasks: Vec<_> = (0..12)
        .map(|index| {
            let store = Arc::clone(&replicas[index % 3]);
            tokio::spawn(async move {
                store
                    .expire_due_orders(now_ms, None, deadlines())
                    .await
                    .unwrap()
                    .expired
            })
        })
        .collect();
    let mut expired = 0;
    for task in tasks {
        expired += task.await.unwrap();
    }
    assert_eq!(expired, 150);
    let logged = "SELECT count(DISTINCT order_id) FROM events WHERE to_state = 'expired' AND actor = 'system'";
    assert_eq!(count(data.path(), logged), 150);
    assert_eq!(count(data.path(), "SELECT count(*) FROM events"), 300);
}

#[tokio::test]
async fn an_order_of_the_previous_version_gets_a_window_that_starts_when_it_was_placed() {
    let data = tempfile::tempdir().unwrap();
    let store = SqliteStore::open(data.path()).unwrap();
    let token = place(&store, KEY).await;
    tamper(data.path(), "UPDATE orders SET expires_at_ms = NULL");
    store
        .expire_due_orders(NOW_MS + 5_000, None, deadlines())
        .await
        .unwrap();
    let given = "SELECT expires_at_ms FROM orders";
    assert_eq!(count(data.path(), given), NOW_MS + WINDOW_MS);
    let order = store.order_by_token(&token).await.unwrap().unwrap();
    assert_eq!(order.state, OrderState::Placed);
}

#[tokio::test]
async fn only_orders_that_await_acceptance_expire() {
    let data = tempfile::tempdir().unwrap();
    let store = SqliteStore::open(data.path()).unwrap();
    let token = place(&store, KEY).await;
    store.cancel_by_customer(&token, NOW_MS).await.unwrap();
    let late = NOW_MS + WINDOW_MS;
    assert_eq!(
        store
            .expire_due_orders(late, None, deadlines())
            .await
            .unwrap()
            .expired,
        0
    );
    let order = store.order_by_token(&token).await.unwrap().unwrap();
    assert_eq!(order.state, OrderState::Cancelled);
}

#[tokio::test]
async fn an_outage_is_longer_than_a_late_run_and_is_reported_once() {
    let data = tempfile::tempdir().unwrap();
    let store = SqliteStore::open(data.path()).unwrap();
    let outage = |now_ms| {
        let run = store.expire_due_orders(now_ms, None, deadlines());
        async { run.await.unwrap().outage_ms }
    };
    assert_eq!(outage(0).await, None, "the first run ever");
    assert_eq!(outage(OUTAGE_MS).await, None);
    assert_eq!(outage(2 * OUTAGE_MS + 1).await, Some(OUTAGE_MS + 1));
    assert_eq!(outage(2 * OUTAGE_MS + 1).await, None);
    assert_eq!(outage(0).await, None, "the clock was set back");
}
