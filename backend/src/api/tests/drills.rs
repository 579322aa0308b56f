//! Drill orders are placed like all orders, and stay out of kitchens, slots, stock, order numbers and reports.

use model::OrderState;
use model::drill::{self, DrillOrders};
use model::feed::EventLogPage;
use model::order::{Order, PaymentState};
use model::staff::StaffOrders;
use rusqlite::Connection;
use serde_json::json;

use super::staff::{get_signed_in, sign_in, with_accounts};
use super::*;

const RUN: &str = "0a1b2c3d4e5f6071";

async fn place_drill_order(replica: &Replica, number: u32) -> TestResponse {
    let request = build_request(Method::POST, api::DRILL_ORDERS)
        .header(api::IDEMPOTENCY_KEY, drill::key(RUN, number));
    replica.send(request.body(Body::empty()).unwrap()).await
}

async fn stored_numbers(replica: &Replica) -> Vec<u32> {
    let path = format!("{}/{RUN}", api::DRILL_ORDERS);
    let orders: DrillOrders = replica.get(&path).await.read(200);
    orders.numbers
}

async fn place_customer_order(replica: &Replica, key: &str) -> Order {
    let order = samples::order_request(&samples::shop(SHOP));
    let body = serde_json::to_vec(&order).unwrap();
    replica.place(key, body).await.read(201)
}

fn count(shared: &SharedStore, sql: &str) -> i64 {
    let db = Connection::open(shared.file()).unwrap();
    db.query_row(sql, [], |row| row.get(0)).unwrap()
}

#[tokio::test]
async fn a_drill_order_is_placed_once_per_key_with_the_same_response_from_any_replica() {
    let shared = SharedStore::new();
    let (one, other) = (shared.replica(), shared.replica());
    let first = place_drill_order(&one, 1).await;
    let again = place_drill_order(&other, 1).await;
    assert_eq!(again.header(api::IDEMPOTENCY_REPLAYED), "true");
    assert_eq!(first.body, again.body);
    let order: Order = first.read(201);
    place_drill_order(&other, 2).await.read::<Order>(201);

    let key = drill::key(RUN, 1);
    let found: Order = other
        .get(&format!("{}/{key}", api::ORDERS_BY_KEY))
        .await
        .read(200);
    assert_eq!(found, order);
    assert_eq!(stored_numbers(&one).await, [1, 2]);
    let elsewhere = format!("{}/another", api::DRILL_ORDERS);
    let none: DrillOrders = one.get(&elsewhere).await.read(200);
    assert_eq!(none.numbers, [0; 0]);
}

#[tokio::test]
async fn an_order_stored_twice_is_listed_twice() {
    let shared = SharedStore::new();
    let replica = shared.replica();
    place_drill_order(&replica, 7).await.read::<Order>(201);
    place_drill_order(&replica, 8).await.read::<Order>(201);
    let db = Connection::open(shared.file()).unwrap();
    let notes = drill::key(RUN, 7);
    db.execute("UPDATE orders SET notes = ?1 WHERE notes <> ?1", [&notes])
        .unwrap();
    assert_eq!(stored_numbers(&replica).await, [7, 7]);
}

#[tokio::test]
async fn a_drill_order_is_cancelled_as_it_is_placed_with_events_and_without_payment() {
    let shared = SharedStore::new();
    let replica = shared.replica();
    let order: Order = place_drill_order(&replica, 1).await.read(201);
    assert_eq!(order.state, OrderState::Cancelled);
    assert_eq!((order.payment, order.version), (PaymentState::Unpaid, 2));
    let log: EventLogPage = replica
        .get(&format!("{}?after=0", api::EVENTS))
        .await
        .read(200);
    let states: Vec<_> = log
        .events
        .iter()
        .map(|event| (event.sequence, event.state, event.restaurant.as_str()))
        .collect();
    assert_eq!(
        states,
        [
            (1, OrderState::Placed, domain::drill::RESTAURANT),
            (2, OrderState::Cancelled, domain::drill::RESTAURANT),
        ]
    );
    assert_eq!(count(&shared, "SELECT count(*) FROM payments"), 0);
    // No drill order is left to expire.
    let deadlines = Deadlines::new(Catalogue::new([samples::shop(SHOP)]), 1);
    let report = shared
        .store
        .expire_due_orders(NOW_MS + 1_000_000, None, deadlines)
        .await;
    assert_eq!(report.unwrap().expired, 0);
}

#[tokio::test]
async fn staff_neither_see_nor_change_drill_orders() {
    let (_shared, replica) = with_accounts().await;
    let session = sign_in(&replica, SHOP).await;
    let order: Order = place_drill_order(&replica, 1).await.read(201);
    let own = place_customer_order(&replica, KEY).await;

    let open: StaffOrders = replica
        .send(get_signed_in(api::STAFF_ORDERS, &session))
        .await
        .read(200);
    let tokens: Vec<&str> = open.orders.iter().map(|open| &*open.order.token).collect();
    assert_eq!(tokens, [own.token.as_str()]);
    let path = format!("{}/{}", api::STAFF_ORDERS, order.token);
    replica
        .send(get_signed_in(&path, &session))
        .await
        .problem(Code::NotFound);
    for step in ["acceptance", "cancellation"] {
        let request = build_request(Method::POST, &format!("{path}/{step}"))
            .header("authorization", format!("Bearer {session}"))
            .header("content-type", "application/json")
            .header(api::IDEMPOTENCY_KEY, format!("{KEY}-{step}"))
            .body(
                json!({"version": 2, "minutes": 5, "words": "w"})
                    .to_string()
                    .into(),
            );
        replica.send(request.unwrap()).await.problem(Code::NotFound);
    }
}

#[tokio::test]
async fn drill_orders_leave_no_gap_in_a_restaurants_numbers() {
    let shared = SharedStore::new();
    let replica = shared.replica();
    let first = place_customer_order(&replica, KEY).await;
    let drilled: Order = place_drill_order(&replica, 1).await.read(201);
    let second = place_customer_order(&replica, "another-key-of-enough-length").await;
    assert_eq!((first.number, second.number), (1, 2));
    assert_eq!(drilled.number, 1);
}

#[tokio::test]
async fn drill_orders_take_no_slot_capacity_and_no_stock() {
    let (shared, replica) = with_accounts().await;
    let session = sign_in(&replica, SHOP).await;
    let dish = format!("{}/garlic-naan", api::STAFF_DISHES);
    let request = build_request(Method::PUT, &dish)
        .header("authorization", format!("Bearer {session}"))
        .header("content-type", "application/json")
        .header(api::IDEMPOTENCY_KEY, KEY)
        .body(json!({"available": true, "left": 5}).to_string().into());
    assert_eq!(replica.send(request.unwrap()).await.status, StatusCode::OK);
    let before = shared.store.inventory(SHOP, Some(NOW_MS)).await.unwrap();
    for number in 1..=5 {
        place_drill_order(&replica, number).await.read::<Order>(201);
    }
    let after = shared.store.inventory(SHOP, Some(NOW_MS)).await.unwrap();
    assert_eq!(before, after);
    assert_eq!(count(&shared, "SELECT count(*) FROM portions"), 0);
}

#[tokio::test]
async fn the_view_for_reports_excludes_drill_orders() {
    let shared = SharedStore::new();
    let replica = shared.replica();
    place_drill_order(&replica, 1).await.read::<Order>(201);
    let own = place_customer_order(&replica, KEY).await;
    assert_eq!(count(&shared, "SELECT count(*) FROM orders"), 2);
    assert_eq!(count(&shared, "SELECT sum(drill) FROM orders"), 1);
    let view = "SELECT count(*) FROM customer_orders";
    assert_eq!(count(&shared, view), 1);
    let same = format!("{view} WHERE token = '{}'", own.token);
    assert_eq!(count(&shared, &same), 1);
}

#[tokio::test]
async fn callers_without_the_credential_can_neither_place_drill_orders_nor_inject_faults() {
    let shared = SharedStore::new();
    let replica = shared.replica();
    for (method, path) in [
        (Method::POST, api::DRILL_ORDERS.to_owned()),
        (Method::GET, format!("{}/{RUN}", api::DRILL_ORDERS)),
        (Method::POST, api::FAULTS.to_owned()),
    ] {
        let request = Request::builder()
            .method(method)
            .uri(path)
            .header("content-type", "application/json")
            .header(api::IDEMPOTENCY_KEY, drill::key(RUN, 1))
            .body(Body::from(r#"{"fault": "kill"}"#));
        replica
            .send(request.unwrap())
            .await
            .problem(Code::Forbidden);
    }
    // A customer cannot order from the restaurant of drills.
    let mut order = samples::order_request(&samples::shop(SHOP));
    domain::drill::RESTAURANT.clone_into(&mut order.basket.restaurant);
    let body = serde_json::to_vec(&order).unwrap();
    replica.place(KEY, body).await.problem(Code::NotFound);
    assert_eq!(stored_numbers(&replica).await, [0; 0]);
}
