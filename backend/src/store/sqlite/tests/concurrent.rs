//! Concurrent requests over several handles on one file.

use std::collections::BTreeSet;
use std::sync::Arc;

use model::restaurant::Fulfilment;

use super::*;

fn replicas(data: &Path) -> Vec<Arc<SqliteStore>> {
    (0..3)
        .map(|_| Arc::new(SqliteStore::open(data).unwrap()))
        .collect()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 8)]
async fn fifty_requests_with_one_key_place_one_order_and_get_one_response() {
    let data = tempfile::tempdir().unwrap();
    let replicas = replicas(data.path());
    let tasks: Vec<_> = (0..50)
        .map(|index| {
            let store = Arc::clone(&replicas[index % replicas.len()]);
            tokio::spawn(async move { store.place_order(KEY, body("a"), new_order(SHOP)).await })
        })
        .collect();
    let mut placed = 0;
    let mut responses = Vec::new();
    for task in tasks {
        match task.await.unwrap().unwrap() {
            Placement::Placed(response) => {
                placed += 1;
                responses.push(response);
            }
            Placement::Replayed(response) => responses.push(response),
            other => panic!("the bodies are the same: {other:?}"),
        }
    }
    assert_eq!((placed, responses.len()), (1, 50));
    assert!(responses.windows(2).all(|pair| pair[0] == pair[1]));
    assert_eq!(count(data.path(), "SELECT count(*) FROM orders"), 1);
    assert_eq!(count(data.path(), "SELECT count(*) FROM events"), 1);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 8)]
async fn numbers_and_the_log_have_neither_gaps_nor_duplicates() {
    let data = tempfile::tempdir().unwrap();
    let replicas = replicas(data.path());
    refuse_one_shop(data.path());
    let tasks: Vec<_> = (0..300)
        .map(|index| {
            let store = Arc::clone(&replicas[index / 3 % replicas.len()]);
            tokio::spawn(async move {
                let key = format!("key-{index}");
                // Every third order fails in the database, which must not affect its neighbours in the transaction.
                let shop = [REFUSED, "north", "south"][index % 3];
                let placement = store.place_order(&key, body(&key), new_order(shop)).await;
                assert_eq!(placement.is_err(), shop == REFUSED, "{placement:?}");
                placement.ok().map(|placement| order_in(&placed(placement)))
            })
        })
        .collect();
    let (mut north, mut south, mut tokens) = (BTreeSet::new(), BTreeSet::new(), BTreeSet::new());
    for task in tasks {
        if let Some(order) = task.await.unwrap() {
            assert_eq!(order.fulfilment, Fulfilment::Delivery);
            let numbers = if order.restaurant.slug == "north" {
                &mut north
            } else {
                &mut south
            };
            assert!(
                numbers.insert(order.number),
                "number {} twice",
                order.number
            );
            assert!(tokens.insert(order.token));
        }
    }
    for numbers in [&north, &south] {
        let last = numbers.last().copied().unwrap();
        assert_eq!(usize::try_from(last).unwrap(), numbers.len(), "a gap");
    }
    let orders = i64::try_from(tokens.len()).unwrap();
    assert_eq!(count(data.path(), "SELECT count(*) FROM events"), orders);
    assert_eq!(
        count(data.path(), "SELECT max(sequence) FROM events"),
        orders
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 8)]
async fn of_concurrent_cancellations_one_cancels() {
    let data = tempfile::tempdir().unwrap();
    let replicas = replicas(data.path());
    let placement = replicas[0].place_order(KEY, body("a"), new_order(SHOP));
    let token = placed(placement.await.unwrap()).token;
    let tasks: Vec<_> = (0..30)
        .map(|index| {
            let store = Arc::clone(&replicas[index % replicas.len()]);
            let token = token.clone();
            tokio::spawn(async move { store.cancel_by_customer(&token, 5).await.unwrap() })
        })
        .collect();
    let mut cancelled = 0;
    for task in tasks {
        match task.await.unwrap() {
            Cancellation::Cancelled(_) => cancelled += 1,
            Cancellation::AlreadyCancelled(order) => assert_eq!(order.version, 2),
            other => panic!("{other:?}"),
        }
    }
    assert_eq!(cancelled, 1);
    assert_eq!(count(data.path(), "SELECT count(*) FROM events"), 2);
}
