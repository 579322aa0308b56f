//! Slot capacity and stock are never oversold, and late customers get a clear answer.

use std::collections::HashSet;

use model::basket::{ObstacleCode, Quote, QuoteChangeKind};
use model::menu::Menu;
use model::order::{Order, PlaceOrder};
use model::restaurant::{Fulfilment, Slots};
use model::staff::{DishStock, StaffDishes};
use serde_json::json;

use super::staff::{get_signed_in, sign_in, with_accounts};
use super::*;
use crate::domain::inventory::Inventory;

/// The sample restaurant with a capacity of ten orders per slot.
fn with_slot_capacity() -> domain::Restaurant {
    let sample = include_str!("../../../tests/samples/shop.toml");
    let text = sample.replace("days_ahead = 1", "days_ahead = 1\norders_per_slot = 10");
    menus::parse(SHOP, &text).unwrap()
}

/// An order for the restaurant's fourth slot.
fn order_for_one_slot(shop: &domain::Restaurant) -> PlaceOrder {
    let plenty = Inventory::default();
    let mut order = samples::order_request(shop);
    let slots = domain::available_slots(shop, Fulfilment::Delivery, &plenty, NOW_MS).slots;
    order.basket.slot_start_ms = Some(slots[3].start_ms);
    let near = samples::nearby();
    order.agreed = domain::quote_basket(shop, &order.basket, Some(&near), &plenty, NOW_MS);
    assert!(order.agreed.orderable());
    order
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_thousand_customers_for_ten_orders_get_ten_orders_and_990_clear_answers() {
    let folder = tempfile::tempdir().unwrap();
    let shop = with_slot_capacity();
    let replicas: Vec<Replica> = (0..3)
        .map(|_| {
            let store = SqliteStore::open(folder.path()).unwrap();
            Replica::on(Arc::new(store), [shop.clone()])
        })
        .collect();
    let order = serde_json::to_vec(&order_for_one_slot(&shop)).unwrap();
    let customers: Vec<_> = (0..1_000)
        .map(|index| {
            let router = replicas[index % 3].router.clone();
            let request = build_request(Method::POST, api::ORDERS)
                .header("content-type", "application/json")
                .header(api::IDEMPOTENCY_KEY, format!("key-of-customer-{index:04}"))
                .body(Body::from(order.clone()))
                .unwrap();
            tokio::spawn(async move {
                let response = router.oneshot(request).await.unwrap();
                let status = response.status();
                let body = body::to_bytes(response.into_body(), usize::MAX);
                (status, body.await.unwrap())
            })
        })
        .collect();
    let (mut numbers, mut refused) = (HashSet::new(), 0);
    for customer in customers {
        let (status, body) = customer.await.unwrap();
        if status == StatusCode::CREATED {
            let order: Order = serde_json::from_slice(&body).unwrap();
            numbers.insert(order.number);
            continue;
        }
        assert_eq!(status, StatusCode::CONFLICT, "{body:?}");
        let problem: Problem = serde_json::from_slice(&body).unwrap();
        assert_eq!(problem.code, Code::QuoteChanged);
        assert_eq!(problem.title, "Others were faster");
        assert_eq!(problem.changes[0].what, QuoteChangeKind::Obstacle);
        assert!(problem.changes[0].message.ends_with("choose another."));
        let quote = problem.quote.unwrap();
        assert_eq!(quote.obstacles[0].code, ObstacleCode::SlotGone);
        refused += 1;
    }
    assert_eq!(numbers, (1..=10).collect());
    assert_eq!(refused, 990);
}

#[tokio::test]
async fn a_full_slot_is_shown_before_ordering() {
    let shared = SharedStore::new();
    let shop = with_slot_capacity();
    let replica = Replica::on(Arc::clone(&shared.store), [shop.clone()]);
    let order = order_for_one_slot(&shop);
    let start_ms = order.basket.slot_start_ms.unwrap();
    let slots = format!("{}/{SHOP}/slots?fulfilment=delivery", api::RESTAURANTS);
    let offered = |slots: &Slots| slots.slots.iter().any(|slot| slot.start_ms == start_ms);
    assert!(offered(&replica.get(&slots).await.read(200)));
    let mut tokens = Vec::new();
    for index in 0..10 {
        let body = serde_json::to_vec(&order).unwrap();
        let placed = replica
            .place(&format!("key-of-customer-{index}"), body)
            .await;
        tokens.push(placed.read::<Order>(201).token);
    }
    assert!(!offered(&replica.get(&slots).await.read(200)));
    let quote: Quote = replica.post(api::QUOTES, &order.basket).await.read(200);
    assert_eq!(quote.obstacles[0].code, ObstacleCode::SlotGone);

    // A cancellation frees the capacity again.
    let cancellation = format!("{}/{}/cancellation", api::ORDERS, tokens[0]);
    replica
        .send(json(&cancellation, ""))
        .await
        .read::<Order>(200);
    assert!(offered(&replica.get(&slots).await.read(200)));
}

#[tokio::test]
async fn staff_set_the_stock_of_a_dish() {
    let (_shared, replica) = with_accounts().await;
    let session = sign_in(&replica, SHOP).await;
    let set = |key: &str, dish: &str, body: serde_json::Value| {
        let request = build_request(Method::PUT, &format!("{}/{dish}", api::STAFF_DISHES))
            .header("authorization", format!("Bearer {session}"))
            .header("content-type", "application/json")
            .header(api::IDEMPOTENCY_KEY, format!("{KEY}-{key}"))
            .body(Body::from(body.to_string()));
        replica.send(request.unwrap())
    };
    let basket = samples::order_request(&samples::shop(SHOP)).basket;
    let obstacles = || async {
        let quote: Quote = replica.post(api::QUOTES, &basket).await.read(200);
        let found = quote.obstacles.into_iter();
        found
            .map(|found| (found.code, found.line))
            .collect::<Vec<_>>()
    };
    let is_available = || async {
        let menu: Menu = replica
            .get(&format!("{}/{SHOP}/menu", api::RESTAURANTS))
            .await
            .read(200);
        let mut dishes = menu
            .categories
            .into_iter()
            .flat_map(|category| category.dishes);
        dishes
            .find(|dish| dish.id == "lamb-karahi")
            .unwrap()
            .available
    };
    assert!(is_available().await);

    let off = set("off", "lamb-karahi", json!({"available": false})).await;
    let stock: DishStock = off.read(200);
    assert_eq!((stock.available, stock.left), (false, None));
    assert_eq!(obstacles().await, [(ObstacleCode::SoldOut, Some(0))]);
    replica.clock.advance(1_000);
    assert!(!is_available().await);

    set("one", "lamb-karahi", json!({"available": true, "left": 1})).await;
    assert_eq!(obstacles().await, [(ObstacleCode::SoldOut, Some(0))]);
    set("two", "lamb-karahi", json!({"available": true, "left": 2})).await;
    assert_eq!(obstacles().await, []);
    replica.clock.advance(1_000);
    assert!(is_available().await);
    let order = serde_json::to_vec(&samples::order_request(&samples::shop(SHOP))).unwrap();
    replica.place(KEY, order.clone()).await.read::<Order>(201);
    let list: StaffDishes = replica
        .send(get_signed_in(api::STAFF_DISHES, &session))
        .await
        .read(200);
    assert_eq!((list.dishes.len(), list.dishes[0].left), (1, Some(0)));
    let late = replica.place("another-key-of-enough-length", order).await;
    let problem = late.problem(Code::QuoteChanged);
    assert!(
        problem.changes[0].message.contains("sold out"),
        "{problem:?}"
    );

    set("nothing", "no-such-dish", json!({"available": true}))
        .await
        .problem(Code::NotFound);
}
