//! Placing, reading and cancelling orders.

use model::OrderState;
use model::basket::{ObstacleCode, QuoteChangeKind};
use model::order::{Order, PlaceOrder};
use model::restaurant::Fulfilment;
use rusqlite::Connection;

use super::*;
use crate::domain::inventory::Inventory;

fn sample_order() -> PlaceOrder {
    samples::order_request(&samples::shop(SHOP))
}

fn to_json(order: &PlaceOrder) -> Vec<u8> {
    serde_json::to_vec(order).unwrap()
}

fn with_a_sold_out_dish() -> domain::Restaurant {
    let sample = include_str!("../../../tests/samples/shop.toml");
    let changed = sample.replace("price = \"11.50\"", "price = \"11.50\"\navailable = false");
    menus::parse(SHOP, &changed).unwrap()
}

fn with_a_higher_price() -> domain::Restaurant {
    let sample = include_str!("../../../tests/samples/shop.toml");
    let changed = sample.replace("price = \"11.50\"", "price = \"12.00\"");
    menus::parse(SHOP, &changed).unwrap()
}

#[tokio::test]
async fn an_order_is_placed_and_read_back() {
    let shared = SharedStore::new();
    let replica = shared.replica();
    let answer = replica.place(KEY, to_json(&sample_order())).await;
    let order: Order = answer.read(201);
    assert_eq!((order.number, order.state), (1, OrderState::Placed));
    let address = format!("{}/{}", api::ORDERS, order.token);
    assert_eq!(answer.header("location"), address);
    assert_eq!(answer.header("cache-control"), "no-store");
    assert_eq!(answer.header(api::IDEMPOTENCY_REPLAYED), "");

    let read = replica.get(&address).await;
    assert_eq!(read.header("cache-control"), "no-store");
    assert_eq!(read.read::<Order>(200), order);
    let by_key = replica.get(&format!("{}/{KEY}", api::ORDERS_BY_KEY)).await;
    assert_eq!(by_key.read::<Order>(200), order);
}

#[tokio::test]
async fn a_repeated_request_gets_the_same_bytes_from_any_replica_even_after_changes() {
    let shared = SharedStore::new();
    let first = shared.replica().place(KEY, to_json(&sample_order())).await;
    assert_eq!(first.status, StatusCode::CREATED);

    let dearer = Replica::on(Arc::clone(&shared.store), [with_a_higher_price()]);
    let sold_out = Replica::on(Arc::clone(&shared.store), [with_a_sold_out_dish()]);
    let gone = Replica::on(Arc::clone(&shared.store), []);
    let pretty = serde_json::to_vec_pretty(&sample_order()).unwrap();
    let mut later = sample_order();
    later.agreed.expected = None;
    for (replica, body) in [
        (shared.replica(), to_json(&sample_order())),
        (dearer, pretty),
        (sold_out, to_json(&later)),
        (gone, to_json(&sample_order())),
    ] {
        let quoted = format!("\"{KEY}\"");
        for key in [KEY, &quoted] {
            let again = replica.place(key, body.clone()).await;
            assert_eq!(again.status, StatusCode::CREATED, "{again:?}");
            assert_eq!(again.body, first.body);
            assert_eq!(again.header("location"), first.header("location"));
            assert_eq!(again.header(api::IDEMPOTENCY_REPLAYED), "true");
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_double_tap_makes_one_order() {
    let shared = SharedStore::new();
    let replicas = [shared.replica(), shared.replica(), shared.replica()];
    let sends = (0..30).map(|index| {
        let router = replicas[index % replicas.len()].router.clone();
        tokio::spawn(async move {
            let request = build_request(Method::POST, api::ORDERS)
                .header("content-type", "application/json")
                .header(api::IDEMPOTENCY_KEY, KEY)
                .body(Body::from(to_json(&sample_order())))
                .unwrap();
            let response = router.oneshot(request).await.unwrap();
            let replayed = response.headers().contains_key(api::IDEMPOTENCY_REPLAYED);
            let body = body::to_bytes(response.into_body(), usize::MAX);
            (replayed, body.await.unwrap())
        })
    });
    let sends: Vec<_> = sends.collect();
    let mut answers = Vec::new();
    for send in sends {
        answers.push(send.await.unwrap());
    }
    assert_eq!(answers.iter().filter(|(replayed, _)| !replayed).count(), 1);
    assert!(answers.windows(2).all(|pair| pair[0].1 == pair[1].1));
}

#[tokio::test]
async fn a_key_cannot_be_used_for_another_order() {
    let shared = SharedStore::new();
    let replica = shared.replica();
    let first: Order = replica.place(KEY, to_json(&sample_order())).await.read(201);
    let mut other = sample_order();
    other.notes = "Ring thrice".to_owned();
    replica
        .place(KEY, to_json(&other))
        .await
        .problem(Code::IdempotencyKeyReused);
    let by_key = replica.get(&format!("{}/{KEY}", api::ORDERS_BY_KEY)).await;
    assert_eq!(by_key.read::<Order>(200), first);
}

#[tokio::test]
async fn an_order_needs_a_key() {
    let shared = SharedStore::new();
    let replica = shared.replica();
    let without = json(api::ORDERS, to_json(&sample_order()));
    replica
        .send(without)
        .await
        .problem(Code::IdempotencyKeyRequired);
    for key in ["", "short", "with spaces in the middle", &"x".repeat(65)] {
        let answer = replica.place(key, to_json(&sample_order())).await;
        answer.problem(Code::IdempotencyKeyRequired);
    }
    let two = build_request(Method::POST, api::ORDERS)
        .header("content-type", "application/json")
        .header(api::IDEMPOTENCY_KEY, KEY)
        .header(api::IDEMPOTENCY_KEY, "5f0c3a52-8f0e-4d5c-9a53-ffffffffffff")
        .body(Body::from(to_json(&sample_order())))
        .unwrap();
    replica
        .send(two)
        .await
        .problem(Code::IdempotencyKeyRequired);
}

#[tokio::test]
async fn invalid_input_is_named_by_field() {
    let shared = SharedStore::new();
    let replica = shared.replica();
    let mut order = sample_order();
    order.customer.name = " ".to_owned();
    order.customer.phone = "12".to_owned();
    order.customer.address = String::new();
    order.notes = "n".repeat(501);
    let problem = replica
        .place(KEY, to_json(&order))
        .await
        .problem(Code::Invalid);
    let fields: Vec<_> = problem.errors.iter().map(|error| &*error.field).collect();
    assert_eq!(
        fields,
        [
            "customer.name",
            "customer.phone",
            "customer.address",
            "notes"
        ]
    );

    let mut order = sample_order();
    order.basket.postcode = Some("DHI 3EL".to_owned());
    let problem = replica
        .place(KEY, to_json(&order))
        .await
        .problem(Code::PostcodeInvalid);
    assert_eq!(problem.errors[0].field, "basket.postcode");
    assert_eq!(problem.suggestion.as_deref(), Some("DH1 3EL"));
}

#[tokio::test]
async fn an_order_with_obstacles_is_rejected_and_leaves_the_key_unused() {
    let shared = SharedStore::new();
    let replica = Replica::on(Arc::clone(&shared.store), [with_a_sold_out_dish()]);
    let problem = replica
        .place(KEY, to_json(&sample_order()))
        .await
        .problem(Code::NotOrderable);
    let quote = problem.quote.unwrap();
    assert_eq!(quote.obstacles[0].code, ObstacleCode::SoldOut);
    let by_key = replica.get(&format!("{}/{KEY}", api::ORDERS_BY_KEY)).await;
    by_key.problem(Code::NotPlaced);
    let placed = shared.replica().place(KEY, to_json(&sample_order())).await;
    assert_eq!(placed.status, StatusCode::CREATED);
}

#[tokio::test]
async fn a_changed_price_is_returned_and_agreeing_to_it_places_the_order() {
    let shared = SharedStore::new();
    let replica = Replica::on(Arc::clone(&shared.store), [with_a_higher_price()]);
    let mut order = sample_order();
    let problem = replica
        .place(KEY, to_json(&order))
        .await
        .problem(Code::QuoteChanged);
    let whats: Vec<_> = problem.changes.iter().map(|change| change.what).collect();
    assert!(whats.contains(&QuoteChangeKind::Line) && whats.contains(&QuoteChangeKind::Total));
    order.agreed = *problem.quote.unwrap();
    let placed: Order = replica.place(KEY, to_json(&order)).await.read(201);
    assert_eq!(placed.goods_pence.0, 2 * 1200 + 350);
}

#[tokio::test]
async fn a_total_from_the_client_is_never_charged() {
    let shared = SharedStore::new();
    let replica = shared.replica();
    let mut order = sample_order();
    order.agreed.total_pence.0 = 1;
    let problem = replica
        .place(KEY, to_json(&order))
        .await
        .problem(Code::QuoteChanged);
    assert_eq!(problem.quote.unwrap().total_pence.0, 2650 + 149);
}

#[tokio::test]
async fn collection_needs_neither_postcode_nor_address() {
    let shared = SharedStore::new();
    let replica = shared.replica();
    let shop = samples::shop(SHOP);
    let mut order = sample_order();
    order.basket.fulfilment = Fulfilment::Collection;
    order.basket.postcode = None;
    order.customer.address = String::new();
    order.agreed = domain::quote_basket(&shop, &order.basket, None, &Inventory::default(), NOW_MS);
    let placed: Order = replica.place(KEY, to_json(&order)).await.read(201);
    assert_eq!(placed.delivery_address, None);
    assert_eq!(placed.total_pence, placed.goods_pence);
}

#[tokio::test]
async fn unknown_orders_are_not_found() {
    let shared = SharedStore::new();
    let replica = shared.replica();
    let token = "0".repeat(32);
    let answer = replica.get(&format!("{}/{token}", api::ORDERS)).await;
    answer.problem(Code::NotFound);
    for key in [KEY, "short"] {
        let answer = replica.get(&format!("{}/{key}", api::ORDERS_BY_KEY)).await;
        answer.problem(Code::NotPlaced);
    }
    let cancellation = format!("{}/{token}/cancellation", api::ORDERS);
    let answer = replica.send(json(&cancellation, "")).await;
    answer.problem(Code::NotFound);
}

#[tokio::test]
async fn the_customer_can_cancel_until_the_restaurant_accepts() {
    let shared = SharedStore::new();
    let replica = shared.replica();
    let order: Order = replica.place(KEY, to_json(&sample_order())).await.read(201);
    let cancellation = format!("{}/{}/cancellation", api::ORDERS, order.token);
    replica.clock.advance(60_000);
    let request = build_request(Method::POST, &cancellation).body(Body::empty());
    let cancelled: Order = replica.send(request.unwrap()).await.read(200);
    assert_eq!(cancelled.state, OrderState::Cancelled);
    assert_eq!(cancelled.history[1].at_ms, NOW_MS + 60_000);
    let again: Order = replica.send(json(&cancellation, "")).await.read(200);
    assert_eq!(again, cancelled);

    let key = "another-key-of-enough-length";
    let order: Order = replica.place(key, to_json(&sample_order())).await.read(201);
    Connection::open(shared.file())
        .unwrap()
        .execute("UPDATE orders SET state = 'accepted' WHERE number = 2", [])
        .unwrap();
    let cancellation = format!("{}/{}/cancellation", api::ORDERS, order.token);
    let answer = replica.send(json(&cancellation, "")).await;
    let problem = answer.problem(Code::OrderConflict);
    assert_eq!(problem.order.unwrap().state, OrderState::Accepted);
}
