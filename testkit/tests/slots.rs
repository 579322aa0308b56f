//! More customers than a slot has places, through the front-end server.

use std::fs;
use std::sync::Arc;

use model::problem::Code;
use model::restaurant::Slots;
use testkit::customer::{Placed, new_key};
use testkit::{Cluster, Options};
use tokio::sync::Semaphore;
use tokio::task::JoinSet;

const CUSTOMERS: usize = 1_000;
const PLACES: usize = 10;
/// On their way at once: a machine with two cores has to answer them all in time, with a debug build and other tests beside.
const AT_ONCE: usize = 100;

#[tokio::test(flavor = "multi_thread")]
async fn a_thousand_customers_and_ten_places_make_ten_orders_even_though_the_primary_dies() {
    let menus = tempfile::tempdir().unwrap();
    let shop = include_str!("../../backend/tests/samples/shop.toml");
    let places = format!("days_ahead = 1\norders_per_slot = {PLACES}");
    let shop = shop.replace("days_ahead = 1", &places);
    fs::write(menus.path().join("the-copper-pan.toml"), shop).unwrap();
    let mut cluster = Cluster::start(Options {
        menus: menus.path().to_owned(),
        ..Options::default()
    })
    .await
    .unwrap();

    let customer = cluster.customer();
    let mut order = customer.prepare().await.unwrap();
    let path = "/api/v1/restaurants/the-copper-pan/slots?fulfilment=delivery";
    let slots = customer.get(path).await.unwrap().text().await.unwrap();
    let slots: Slots = serde_json::from_str(&slots).unwrap();
    order.basket.slot_start_ms = Some(slots.slots[5].start_ms);
    order.agreed = customer.quote(&order.basket).await.unwrap();
    assert!(order.agreed.orderable());

    let room = Arc::new(Semaphore::new(AT_ONCE));
    let mut customers = JoinSet::new();
    for _ in 0..CUSTOMERS {
        let (customer, order, room) = (customer.clone(), order.clone(), Arc::clone(&room));
        customers.spawn(async move {
            let _place = room.acquire().await.unwrap();
            customer.place(&new_key(), &order).await.unwrap()
        });
    }
    let (mut placed, mut told) = (0, 0);
    while let Some(outcome) = customers.join_next().await {
        match outcome.unwrap() {
            Placed::Order(_) => placed += 1,
            Placed::Refused(problem) => {
                assert_eq!(problem.code, Code::QuoteChanged, "{problem:?}");
                assert!(problem.changes[0].message.ends_with("choose another."));
                told += 1;
            }
        }
        if placed + told == CUSTOMERS / 4 {
            cluster
                .kill(cluster.primary().await.unwrap())
                .await
                .unwrap();
        }
    }
    assert_eq!((placed, told), (PLACES, CUSTOMERS - PLACES));
    assert_eq!(cluster.stored_orders().unwrap().len(), PLACES);
}
