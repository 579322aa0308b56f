//! A drill's orders are placed like everybody's, and no kitchen, slot, dish, number or report ever has to do with them.

use model::OrderState;
use model::drill::{self, DrillOrders};
use model::feed::Events;
use model::order::{Order, PaymentState};
use model::staff::StaffOrders;
use rusqlite::Connection;
use serde_json::json;

use super::staff::{asking, signed_in, with_accounts};
use super::*;

const RUN: &str = "0a1b2c3d4e5f6071";

async fn send(replica: &Replica, number: u32) -> Answer {
    let request =
        ask(Method::POST, api::DRILL_ORDERS).header(api::IDEMPOTENCY_KEY, drill::key(RUN, number));
    replica.send(request.body(Body::empty()).unwrap()).await
}

async fn counted(replica: &Replica) -> Vec<u32> {
    let path = format!("{}/{RUN}", api::DRILL_ORDERS);
    let orders: DrillOrders = replica.get(&path).await.read(200);
    orders.numbers
}

async fn order_of_a_customer(replica: &Replica, key: &str) -> Order {
    let wanted = samples::order_request(&samples::shop(SHOP));
    let body = serde_json::to_vec(&wanted).unwrap();
    replica.place(key, body).await.read(201)
}

fn count(shared: &Shared, sql: &str) -> i64 {
    let db = Connection::open(shared.file()).unwrap();
    db.query_row(sql, [], |row| row.get(0)).unwrap()
}

#[tokio::test]
async fn one_is_placed_once_for_its_key_and_answered_the_same_by_any_replica() {
    let shared = Shared::new();
    let (one, other) = (shared.replica(), shared.replica());
    let first = send(&one, 1).await;
    let again = send(&other, 1).await;
    assert_eq!(again.header(api::REPLAYED), "true");
    assert_eq!(first.body, again.body);
    let order: Order = first.read(201);
    send(&other, 2).await.read::<Order>(201);

    let key = drill::key(RUN, 1);
    let found: Order = other
        .get(&format!("{}/{key}", api::ORDERS_BY_KEY))
        .await
        .read(200);
    assert_eq!(found, order);
    assert_eq!(counted(&one).await, [1, 2]);
    let elsewhere = format!("{}/another", api::DRILL_ORDERS);
    let none: DrillOrders = one.get(&elsewhere).await.read(200);
    assert_eq!(none.numbers, [0; 0]);
}

#[tokio::test]
async fn one_that_is_in_the_store_twice_is_counted_twice() {
    let shared = Shared::new();
    let replica = shared.replica();
    send(&replica, 7).await.read::<Order>(201);
    send(&replica, 8).await.read::<Order>(201);
    let db = Connection::open(shared.file()).unwrap();
    let notes = drill::key(RUN, 7);
    db.execute("UPDATE orders SET notes = ?1 WHERE notes <> ?1", [&notes])
        .unwrap();
    assert_eq!(counted(&replica).await, [7, 7]);
}

#[tokio::test]
async fn it_is_over_as_it_is_placed_with_its_lines_in_the_log_and_nothing_to_pay() {
    let shared = Shared::new();
    let replica = shared.replica();
    let order: Order = send(&replica, 1).await.read(201);
    assert_eq!(order.state, OrderState::Cancelled);
    assert_eq!((order.payment, order.version), (PaymentState::Unpaid, 2));
    let log: Events = replica
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
    // Nothing is left to expire, whenever that is looked for.
    let deadlines = Deadlines::new(Catalogue::new([samples::shop(SHOP)]), 1);
    let report = shared
        .store
        .expire_due_orders(NOW_MS + 1_000_000, None, deadlines)
        .await;
    assert_eq!(report.unwrap().expired, 0);
}

#[tokio::test]
async fn no_staff_ever_see_one_or_have_a_say_in_it() {
    let (_shared, replica) = with_accounts().await;
    let session = signed_in(&replica, SHOP).await;
    let order: Order = send(&replica, 1).await.read(201);
    let own = order_of_a_customer(&replica, KEY).await;

    let open: StaffOrders = replica
        .send(asking(api::STAFF_ORDERS, &session))
        .await
        .read(200);
    let tokens: Vec<&str> = open.orders.iter().map(|open| &*open.order.token).collect();
    assert_eq!(tokens, [own.token.as_str()]);
    let path = format!("{}/{}", api::STAFF_ORDERS, order.token);
    replica
        .send(asking(&path, &session))
        .await
        .problem(Code::NotFound);
    for step in ["acceptance", "cancellation"] {
        let request = ask(Method::POST, &format!("{path}/{step}"))
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
async fn restaurants_numbers_have_no_gap_for_it() {
    let shared = Shared::new();
    let replica = shared.replica();
    let first = order_of_a_customer(&replica, KEY).await;
    let drilled: Order = send(&replica, 1).await.read(201);
    let second = order_of_a_customer(&replica, "another-key-of-enough-length").await;
    assert_eq!((first.number, second.number), (1, 2));
    assert_eq!(drilled.number, 1);
}

#[tokio::test]
async fn it_takes_no_place_and_no_portion() {
    let (shared, replica) = with_accounts().await;
    let session = signed_in(&replica, SHOP).await;
    let dish = format!("{}/garlic-naan", api::STAFF_DISHES);
    let request = ask(Method::PUT, &dish)
        .header("authorization", format!("Bearer {session}"))
        .header("content-type", "application/json")
        .header(api::IDEMPOTENCY_KEY, KEY)
        .body(json!({"available": true, "left": 5}).to_string().into());
    assert_eq!(replica.send(request.unwrap()).await.status, StatusCode::OK);
    let before = shared.store.inventory(SHOP, Some(NOW_MS)).await.unwrap();
    for number in 1..=5 {
        send(&replica, number).await.read::<Order>(201);
    }
    let after = shared.store.inventory(SHOP, Some(NOW_MS)).await.unwrap();
    assert_eq!(before, after);
    assert_eq!(count(&shared, "SELECT count(*) FROM portions"), 0);
}

#[tokio::test]
async fn reports_have_one_view_that_knows_of_none() {
    let shared = Shared::new();
    let replica = shared.replica();
    send(&replica, 1).await.read::<Order>(201);
    let own = order_of_a_customer(&replica, KEY).await;
    assert_eq!(count(&shared, "SELECT count(*) FROM orders"), 2);
    assert_eq!(count(&shared, "SELECT sum(drill) FROM orders"), 1);
    let seen = "SELECT count(*) FROM customer_orders";
    assert_eq!(count(&shared, seen), 1);
    let same = format!("{seen} WHERE token = '{}'", own.token);
    assert_eq!(count(&shared, &same), 1);
}

#[tokio::test]
async fn who_is_not_ours_can_neither_place_one_nor_do_harm() {
    let shared = Shared::new();
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
    // A customer's order that claims to be of the drills' restaurant is of none.
    let mut wanted = samples::order_request(&samples::shop(SHOP));
    domain::drill::RESTAURANT.clone_into(&mut wanted.basket.restaurant);
    let body = serde_json::to_vec(&wanted).unwrap();
    replica.place(KEY, body).await.problem(Code::NotFound);
    assert_eq!(counted(&replica).await, [0; 0]);
}
