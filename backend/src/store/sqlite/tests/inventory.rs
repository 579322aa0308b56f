//! Slots and stock are reserved with an order and released when it is not fulfilled.

use bytes::Bytes;
use rusqlite::named_params;

use super::super::inventory::ORDERS_IN_SLOTS;
use super::*;
use crate::domain::inventory::{Inventory, Stock};
use crate::domain::{NewOrder, check_order, quote_basket};
use crate::menus;
use crate::samples::{NOW_MS, nearby, order_request};
use crate::store::{SetStock, StaffOutcome};

const NAAN: &str = "garlic-naan";

/// An order of lamb karahi and `naans` naans at a shop whose slots hold two orders.
fn small_order(naans: u32) -> NewOrder {
    let sample = include_str!("../../../../tests/samples/shop.toml");
    let text = sample.replace("days_ahead = 1", "days_ahead = 1\norders_per_slot = 2");
    let shop = menus::parse(SHOP, &text).unwrap();
    let no_limits = Inventory::default();
    let mut order = order_request(&shop);
    order.basket.lines[1].quantity = naans;
    order.agreed = quote_basket(&shop, &order.basket, Some(&nearby()), &no_limits, NOW_MS);
    check_order(&order, &shop, Some(&nearby()), &no_limits, NOW_MS).unwrap()
}

async fn set_naans(store: &SqliteStore, key: &str, left: u32) -> StaffOutcome {
    let request = SetStock {
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
    store.set_stock(request).await.unwrap()
}

async fn available_naans(store: &SqliteStore) -> Option<u32> {
    store.inventory(SHOP, None).await.unwrap().available(NAAN)
}

async fn place(store: &SqliteStore, key: &str, naans: u32) -> Placement {
    let order = small_order(naans);
    store.place_order(key, body(key), order).await.unwrap()
}

#[tokio::test]
async fn stock_is_reserved_with_an_order_and_released_when_it_is_cancelled() {
    let data = tempfile::tempdir().unwrap();
    let store = SqliteStore::open(data.path()).unwrap();
    assert_eq!(available_naans(&store).await, None);
    set_naans(&store, "one", 5).await;
    let token = placed(place(&store, "a", 3).await).token;
    assert_eq!(available_naans(&store).await, Some(2));
    let Placement::InsufficientInventory(inventory) = place(&store, "b", 3).await else {
        panic!("oversold");
    };
    assert_eq!(inventory.available(NAAN), Some(2));
    assert_eq!(available_naans(&store).await, Some(2));
    assert_eq!(count(data.path(), "SELECT last FROM order_numbers"), 1);

    store.cancel_by_customer(&token, NOW_MS).await.unwrap();
    store.cancel_by_customer(&token, NOW_MS).await.unwrap();
    assert_eq!(available_naans(&store).await, Some(5));
    // The refusal did not use up the key.
    placed(place(&store, "b", 5).await);
    assert_eq!(available_naans(&store).await, Some(0));
}

#[tokio::test]
async fn setting_the_stock_again_with_the_same_key_does_not_undo_sales() {
    let data = tempfile::tempdir().unwrap();
    let store = SqliteStore::open(data.path()).unwrap();
    let first = set_naans(&store, "one", 5).await;
    assert_eq!(first, StaffOutcome::Done("5 left".into()));
    placed(place(&store, "a", 3).await);
    let again = set_naans(&store, "one", 5).await;
    assert_eq!(again, StaffOutcome::Replayed("5 left".into()));
    assert_eq!(available_naans(&store).await, Some(2));
    assert_eq!(set_naans(&store, "one", 6).await, StaffOutcome::KeyReused);
}

#[tokio::test]
async fn a_slot_is_occupied_and_released() {
    let data = tempfile::tempdir().unwrap();
    let store = SqliteStore::open(data.path()).unwrap();
    let first = placed(place(&store, "a", 1).await);
    placed(place(&store, "b", 1).await);
    assert!(matches!(
        place(&store, "c", 1).await,
        Placement::InsufficientInventory(_)
    ));
    // A key that was used gets its saved response all the same.
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
async fn an_order_of_the_previous_version_occupies_its_chosen_slot() {
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
fn counting_orders_in_slots_uses_the_index() {
    let data = tempfile::tempdir().unwrap();
    let _store = SqliteStore::open(data.path()).unwrap();
    let sql = format!("EXPLAIN QUERY PLAN {}", *ORDERS_IN_SLOTS);
    let db = Connection::open(data.path().join("tiffin.db")).unwrap();
    let values = named_params! { ":restaurant": "a", ":from_ms": 0 };
    let plan: String = db.query_row(&sql, values, |row| row.get(3)).unwrap();
    assert!(plan.contains("places_in_slots"), "{plan}");
}
