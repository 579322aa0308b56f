//! The operator's command about an order, beside a replica that serves.

use axum::http::StatusCode;
use backend::store::{Fingerprint, Placement, SqliteStore, Store};
use model::OrderState;
use model::order::Order;

use super::installation::{Installation, said};
use super::samples;

const SHOP: &str = "the-copper-pan";
const TOLD: &str = "The kitchen is flooded. We are sorry.";

async fn place(installation: &Installation) -> String {
    let store = SqliteStore::open(installation.path("").as_ref()).unwrap();
    let fingerprint = Fingerprint::of(b"an order");
    let order = samples::new_order(SHOP);
    let placed = store.place_order("key-of-the-order", fingerprint, order);
    let Placement::Placed(answer) = placed.await.unwrap() else {
        panic!("not placed");
    };
    answer.token
}

#[tokio::test]
async fn the_operator_cancels_an_order_by_its_number_and_its_customer_sees_why() {
    let installation = Installation::new().await;
    let replica = installation.replica(&[]).await;
    let token = place(&installation).await;
    let cancel = |number: &'static str, well: bool| {
        let arguments = [
            "orders",
            "cancel",
            "--restaurant",
            SHOP,
            "--number",
            number,
            "--reason",
            TOLD,
        ];
        let installation = &installation;
        async move { said(installation, &arguments, well).await }
    };

    let told = cancel("1", true).await;
    assert!(told.contains("is cancelled"), "{told}");
    let path = format!("{}/{token}", model::api::ORDERS);
    let answer = installation
        .get(&replica.address, &path)
        .send()
        .await
        .unwrap();
    assert_eq!(answer.status(), StatusCode::OK);
    let order: Order = answer.json().await.unwrap();
    assert_eq!((order.state, order.version), (OrderState::Cancelled, 2));
    let last = order.history.last().unwrap();
    assert_eq!(last.reason.as_deref(), Some(TOLD));

    let told = cancel("1", true).await;
    assert!(told.contains("before"), "{told}");
    let told = cancel("2", false).await;
    assert!(told.contains("has no order 2"), "{told}");
}
