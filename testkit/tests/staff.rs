//! The life of orders on a Tiffin of real processes, through the front-end server, while primaries die.

use std::time::Duration;

use model::OrderState;
use model::order::{Order, PaymentState};
use reqwest::StatusCode;
use serde_json::json;
use testkit::customer::{Placed, new_key};
use testkit::staff::As;
use testkit::{Cluster, Options, wait};

#[tokio::test(flavor = "multi_thread")]
async fn an_order_is_accepted_cooked_and_delivered_while_primaries_are_killed() {
    let mut cluster = Cluster::start(Options::default()).await.unwrap();
    let customer = cluster.customer();
    let wanted = customer.prepare().await.unwrap();
    let restaurant = &wanted.basket.restaurant;
    let tablet = cluster.staff(restaurant, As::Page).await.unwrap();
    let program = cluster.staff(restaurant, As::Program).await.unwrap();
    let Placed::Order(order) = customer.place(&new_key(), &wanted).await.unwrap() else {
        panic!("the order was refused");
    };
    let open = tablet.orders().await.unwrap().orders;
    assert_eq!(open.len(), 1);
    assert_eq!(open[0].order, *order);

    let steps = [
        (
            "acceptance",
            json!({"version": 1, "minutes": 35}),
            OrderState::Accepted,
        ),
        ("preparation", json!({"version": 2}), OrderState::Preparing),
        ("readiness", json!({"version": 3}), OrderState::Ready),
        (
            "departure",
            json!({"version": 4}),
            OrderState::OutForDelivery,
        ),
        ("completion", json!({"version": 5}), OrderState::Completed),
    ];
    for (index, (step, body, state)) in steps.iter().enumerate() {
        let key = new_key();
        let before = cluster.status().await.unwrap().traffic.repeated;
        // Two of the five steps are on their way to a primary that dies without an answer: stopped, it takes them in.
        let dying = (index % 2 == 0 && index < 4).then_some(cluster.primary().await.unwrap());
        if let Some(primary) = dying {
            cluster.hang(primary).unwrap();
        }
        let sent = tokio::spawn({
            let (staff, key, token) = (tablet.clone(), key.clone(), order.token.clone());
            let (step, body) = (*step, body.clone());
            async move { staff.step(&key, &token, step, &body).await }
        });
        if let Some(primary) = dying {
            cluster.wait_in_hand(primary, before).await.unwrap();
            cluster.kill(primary).await.unwrap();
        }
        let (status, first) = sent.await.unwrap().unwrap();
        assert_eq!(status, StatusCode::OK, "{step}: {first}");
        let moved: Order = serde_json::from_str(&first).unwrap();
        assert_eq!(moved.state, *state);
        // Sessions and the key outlive the replica that saw them first; the key is the restaurant's.
        let again = program.step(&key, &order.token, step, body).await.unwrap();
        assert_eq!(again, (status, first), "{step}");
    }

    let address = format!("/api/v1/orders/{}", order.token);
    let read = customer.get(&address).await.unwrap().text().await.unwrap();
    let read: Order = serde_json::from_str(&read).unwrap();
    assert_eq!((read.state, read.version), (OrderState::Completed, 6));
    assert_eq!(read.payment, PaymentState::Captured);
    let states: Vec<OrderState> = read.history.iter().map(|change| change.state).collect();
    let told = steps.iter().map(|(_, _, state)| *state);
    assert!(states[1..].iter().copied().eq(told), "{states:?}");
    assert!(program.orders().await.unwrap().orders.is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn orders_that_nobody_accepts_end_once_although_the_replica_that_took_them_is_gone() {
    let options = Options {
        replicas: 2,
        settings: vec![("TIFFIN_ACCEPT_WITHIN_MS", "1000".to_owned())],
        ..Options::default()
    };
    let mut cluster = Cluster::start(options).await.unwrap();
    let customer = cluster.customer();
    let wanted = customer.prepare().await.unwrap();
    let mut keys = Vec::new();
    for _ in 0..5 {
        let key = new_key();
        let placed = customer.place(&key, &wanted).await.unwrap();
        assert!(matches!(placed, Placed::Order(_)), "{placed:?}");
        keys.push(key);
    }
    let primary = cluster.primary().await.unwrap();
    cluster.kill(primary).await.unwrap();
    for key in &keys {
        let ended = wait::until("the end of an order", Duration::from_secs(30), || async {
            let order = customer.order_by_key(key).await.ok()??;
            order.state.is_final().then_some(order)
        });
        let order = ended.await.unwrap();
        assert_eq!((order.state, order.version), (OrderState::Expired, 2));
        assert_eq!(order.history.len(), 2);
        assert!(order.history[1].at_ms >= order.placed_at_ms + 1_000);
    }
}
