//! More customers than a slot has capacity, through the front-end server.

use std::fs;
use std::sync::Arc;

use model::problem::Code;
use model::restaurant::Slots;
use testkit::customer_client::{PlaceResult, new_idempotency_key};
use testkit::{Cluster, Options};
use tokio::sync::Semaphore;
use tokio::task::JoinSet;

const CUSTOMERS: usize = 1_000;
const SLOT_CAPACITY: usize = 10;
/// Requests in flight at once: a debug build on two cores must respond to all in time, with other tests beside.
const CONCURRENCY: usize = 100;

#[tokio::test(flavor = "multi_thread")]
async fn a_thousand_customers_get_ten_places_although_the_primary_is_killed() {
    let menus = tempfile::tempdir().unwrap();
    let shop = include_str!("../../backend/tests/samples/shop.toml");
    let ordering = format!("days_ahead = 1\norders_per_slot = {SLOT_CAPACITY}");
    let shop = shop.replace("days_ahead = 1", &ordering);
    fs::write(menus.path().join("the-copper-pan.toml"), shop).unwrap();
    let mut cluster = Cluster::start(Options {
        menus: menus.path().to_owned(),
        ..Options::default()
    })
    .await
    .unwrap();

    let customer = cluster.customer_client();
    let mut order = customer.prepare_order().await.unwrap();
    let path = "/api/v1/restaurants/the-copper-pan/slots?fulfilment=delivery";
    let slots = customer.get(path).await.unwrap().text().await.unwrap();
    let slots: Slots = serde_json::from_str(&slots).unwrap();
    order.basket.slot_start_ms = Some(slots.slots[5].start_ms);
    order.agreed = customer.quote(&order.basket).await.unwrap();
    assert!(order.agreed.orderable());

    let permits = Arc::new(Semaphore::new(CONCURRENCY));
    let mut customers = JoinSet::new();
    for _ in 0..CUSTOMERS {
        let (customer, order, permits) = (customer.clone(), order.clone(), Arc::clone(&permits));
        customers.spawn(async move {
            let _permit = permits.acquire().await.unwrap();
            customer
                .place(&new_idempotency_key(), &order)
                .await
                .unwrap()
        });
    }
    let (mut placed, mut refused) = (0, 0);
    while let Some(outcome) = customers.join_next().await {
        match outcome.unwrap() {
            PlaceResult::Order(_) => placed += 1,
            PlaceResult::Problem(problem) => {
                assert_eq!(problem.code, Code::QuoteChanged, "{problem:?}");
                assert!(problem.changes[0].message.ends_with("choose another."));
                refused += 1;
            }
        }
        if placed + refused == CUSTOMERS / 4 {
            cluster
                .kill(cluster.primary().await.unwrap())
                .await
                .unwrap();
        }
    }
    assert_eq!(
        (placed, refused),
        (SLOT_CAPACITY, CUSTOMERS - SLOT_CAPACITY)
    );
    assert_eq!(cluster.stored_orders().unwrap().len(), SLOT_CAPACITY);
}
