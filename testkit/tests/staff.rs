//! The life of orders on a cluster of real processes, through the front-end server, while primaries are killed.

use std::time::Duration;

use model::OrderState;
use model::order::{Order, PaymentState};
use reqwest::StatusCode;
use serde_json::json;
use testkit::customer_client::{PlaceResult, new_idempotency_key};
use testkit::staff_client::SessionKind;
use testkit::{Cluster, Options, wait};

#[tokio::test(flavor = "multi_thread")]
async fn an_order_is_accepted_cooked_and_delivered_while_primaries_are_killed() {
    let mut cluster = Cluster::start(Options::default()).await.unwrap();
    let customer = cluster.customer_client();
    let order_request = customer.prepare_order().await.unwrap();
    let restaurant = &order_request.basket.restaurant;
    let tablet = cluster
        .staff_client(restaurant, SessionKind::Cookie)
        .await
        .unwrap();
    let program = cluster
        .staff_client(restaurant, SessionKind::Bearer)
        .await
        .unwrap();
    let PlaceResult::Order(order) = customer
        .place(&new_idempotency_key(), &order_request)
        .await
        .unwrap()
    else {
        panic!("the order was refused");
    };
    let open = tablet.orders().await.unwrap().orders;
    assert_eq!(open.len(), 1);
    assert_eq!(open[0].order, *order);

    let transitions = [
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
    for (index, (transition, body, state)) in transitions.iter().enumerate() {
        let key = new_idempotency_key();
        let before = cluster.status().await.unwrap().traffic.repeated;
        // Two of the five transitions are in flight at a primary that is killed before it responds: stopped, it receives them.
        let dying = (index % 2 == 0 && index < 4).then_some(cluster.primary().await.unwrap());
        if let Some(primary) = dying {
            cluster.hang(primary).unwrap();
        }
        let sent = tokio::spawn({
            let (staff, key, token) = (tablet.clone(), key.clone(), order.token.clone());
            let (transition, body) = (*transition, body.clone());
            async move {
                staff
                    .request_transition(&key, &token, transition, &body)
                    .await
            }
        });
        if let Some(primary) = dying {
            cluster.wait_in_flight(primary, before).await.unwrap();
            cluster.kill(primary).await.unwrap();
        }
        let (status, first) = sent.await.unwrap().unwrap();
        assert_eq!(status, StatusCode::OK, "{transition}: {first}");
        let moved: Order = serde_json::from_str(&first).unwrap();
        assert_eq!(moved.state, *state);
        // Sessions and keys are valid at every replica; a key belongs to the restaurant, not to a session.
        let again = program
            .request_transition(&key, &order.token, transition, body)
            .await
            .unwrap();
        assert_eq!(again, (status, first), "{transition}");
    }

    let address = format!("/api/v1/orders/{}", order.token);
    let read = customer.get(&address).await.unwrap().text().await.unwrap();
    let read: Order = serde_json::from_str(&read).unwrap();
    assert_eq!((read.state, read.version), (OrderState::Completed, 6));
    assert_eq!(read.payment, PaymentState::Captured);
    let states: Vec<OrderState> = read.history.iter().map(|change| change.state).collect();
    let expected = transitions.iter().map(|(_, _, state)| *state);
    assert!(states[1..].iter().copied().eq(expected), "{states:?}");
    assert!(program.orders().await.unwrap().orders.is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn orders_that_are_not_accepted_expire_once_although_their_replica_was_killed() {
    let options = Options {
        replicas: 2,
        settings: vec![("TIFFIN_ACCEPT_WITHIN_MS", "1000".to_owned())],
        ..Options::default()
    };
    let mut cluster = Cluster::start(options).await.unwrap();
    let customer = cluster.customer_client();
    let order_request = customer.prepare_order().await.unwrap();
    let mut keys = Vec::new();
    for _ in 0..5 {
        let key = new_idempotency_key();
        let placed = customer.place(&key, &order_request).await.unwrap();
        assert!(matches!(placed, PlaceResult::Order(_)), "{placed:?}");
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
