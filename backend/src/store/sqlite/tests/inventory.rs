//! Places and portions are taken with the order and given back with its end.

use bytes::Bytes;

use super::*;
use crate::domain::inventory::{Inventory, Stock};
use crate::domain::{NewOrder, check_order, quote_basket};
use crate::menus;
use crate::samples::{NOW_MS, nearby, order_request};
use crate::store::{SetStock, StaffOutcome};

const NAAN: &str = "garlic-naan";

/// An order of a lamb karahi and so many naans for a shop whose slots hold two orders.
fn small_order(naans: u32) -> NewOrder {
    let sample = include_str!("../../../../tests/samples/shop.toml");
    let text = sample.replace("days_ahead = 1", "days_ahead = 1\norders_per_slot = 2");
    let shop = menus::parse(SHOP, &text).unwrap();
    let plenty = Inventory::default();
    let mut order = order_request(&shop);
    order.basket.lines[1].quantity = naans;
    order.agreed = quote_basket(&shop, &order.basket, Some(&nearby()), &plenty, NOW_MS);
    check_order(&order, &shop, Some(&nearby()), &plenty, NOW_MS).unwrap()
}

async fn count_naans(store: &SqliteStore, key: &str, left: u32) -> StaffOutcome {
    let wish = SetStock {
        key: key.to_owned(),
        fingerprint: body(&left.to_string()),
        restaurant: SHOP.to_owned(),
        dish: NAAN.to_owned(),
        stock: Stock {
            off: false,
            remaining: Some(left),
        },
        response: Bytes::from(format!("{left} left")),
    };
    store.set_stock(wish).await.unwrap()
}

async fn naans_left(store: &SqliteStore) -> Option<u32> {
    store.inventory(SHOP, None).await.unwrap().available(NAAN)
}

async fn place(store: &SqliteStore, key: &str, naans: u32) -> Placement {
    let order = small_order(naans);
    store.place_order(key, body(key), order).await.unwrap()
}

#[tokio::test]
async fn portions_go_with_an_order_and_come_back_when_it_comes_to_nothing() {
    let data = tempfile::tempdir().unwrap();
    let store = SqliteStore::open(data.path()).unwrap();
    assert_eq!(naans_left(&store).await, None);
    count_naans(&store, "one", 5).await;
    let token = placed(place(&store, "a", 3).await).token;
    assert_eq!(naans_left(&store).await, Some(2));
    let Placement::InsufficientInventory(inventory) = place(&store, "b", 3).await else {
        panic!("oversold");
    };
    assert_eq!(inventory.available(NAAN), Some(2));
    assert_eq!(naans_left(&store).await, Some(2));
    assert_eq!(count(data.path(), "SELECT last FROM order_numbers"), 1);

    store.cancel_by_customer(&token, NOW_MS).await.unwrap();
    store.cancel_by_customer(&token, NOW_MS).await.unwrap();
    assert_eq!(naans_left(&store).await, Some(5));
    // The refusal left the key free.
    placed(place(&store, "b", 5).await);
    assert_eq!(naans_left(&store).await, Some(0));
}

#[tokio::test]
async fn a_count_that_is_sent_again_brings_nothing_back() {
    let data = tempfile::tempdir().unwrap();
    let store = SqliteStore::open(data.path()).unwrap();
    let first = count_naans(&store, "one", 5).await;
    assert_eq!(first, StaffOutcome::Done("5 left".into()));
    placed(place(&store, "a", 3).await);
    let again = count_naans(&store, "one", 5).await;
    assert_eq!(again, StaffOutcome::Replayed("5 left".into()));
    assert_eq!(naans_left(&store).await, Some(2));
    assert_eq!(count_naans(&store, "one", 6).await, StaffOutcome::KeyReused);
}

#[tokio::test]
async fn a_place_is_taken_and_given_back() {
    let data = tempfile::tempdir().unwrap();
    let store = SqliteStore::open(data.path()).unwrap();
    let first = placed(place(&store, "a", 1).await);
    placed(place(&store, "b", 1).await);
    assert!(matches!(
        place(&store, "c", 1).await,
        Placement::InsufficientInventory(_)
    ));
    // What was answered stays answered.
    assert!(matches!(
        place(&store, "a", 1).await,
        Placement::Replayed(_)
    ));
    store
        .cancel_by_customer(&first.token, NOW_MS)
        .await
        .unwrap();
    placed(place(&store, "c", 1).await);
    assert_eq!(count(data.path(), "SELECT count(*) FROM orders"), 3);
}

#[tokio::test]
async fn an_order_of_the_version_before_has_its_place_in_the_slot_that_was_chosen() {
    let data = tempfile::tempdir().unwrap();
    let store = SqliteStore::open(data.path()).unwrap();
    placed(place(&store, "a", 1).await);
    tamper(
        data.path(),
        "UPDATE orders SET slot_start_ms = fills_slot_ms, slot_end_ms = fills_slot_ms + 1, fills_slot_ms = NULL",
    );
    let inventory = store.inventory(SHOP, Some(NOW_MS)).await.unwrap();
    assert_eq!(inventory.orders_in_slots.values().collect::<Vec<_>>(), [&1]);
}

#[test]
fn counting_places_is_a_walk_along_their_index() {
    let data = tempfile::tempdir().unwrap();
    let _store = SqliteStore::open(data.path()).unwrap();
    let plan = "EXPLAIN QUERY PLAN
        SELECT COALESCE(fills_slot_ms, slot_start_ms), count(*) FROM orders
        WHERE restaurant = 'a' AND COALESCE(fills_slot_ms, slot_start_ms) >= 0
          AND state NOT IN ('rejected', 'expired', 'cancelled')
        GROUP BY COALESCE(fills_slot_ms, slot_start_ms)";
    let db = Connection::open(data.path().join("tiffin.db")).unwrap();
    let told: String = db.query_row(plan, [], |row| row.get(3)).unwrap();
    assert!(told.contains("places_in_slots"), "{told}");
}
