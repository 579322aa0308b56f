//! The command `backend orders`, beside a replica that serves.

use axum::http::StatusCode;
use backend::store::{Fingerprint, Placement, SqliteStore, Store};
use model::OrderState;
use model::order::Order;

use super::installation::{Installation, output_of};
use super::samples;

const SHOP: &str = "the-copper-pan";
const REASON: &str = "The kitchen is flooded. We are sorry.";

async fn place(installation: &Installation) -> String {
    let store = SqliteStore::open(installation.path("").as_ref()).unwrap();
    let fingerprint = Fingerprint::of(b"an order");
    let order = samples::new_order(SHOP);
    let placed = store.place_order("key-of-the-order", fingerprint, order);
    let Placement::Placed(response) = placed.await.unwrap() else {
        panic!("not placed");
    };
    response.token
}

#[tokio::test]
async fn the_operator_cancels_an_order_by_its_number_and_the_customer_sees_the_reason() {
    let installation = Installation::new().await;
    let replica = installation.replica(&[]).await;
    let token = place(&installation).await;
    let cancel = |number: &'static str, succeeds: bool| {
        let arguments = [
            "orders",
            "cancel",
            "--restaurant",
            SHOP,
            "--number",
            number,
            "--reason",
            REASON,
        ];
        let installation = &installation;
        async move { output_of(installation, &arguments, succeeds).await }
    };

    let output = cancel("1", true).await;
    assert!(output.contains("is cancelled"), "{output}");
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
    assert_eq!(last.reason.as_deref(), Some(REASON));

    let output = cancel("1", true).await;
    assert!(output.contains("before"), "{output}");
    let output = cancel("2", false).await;
    assert!(output.contains("has no order 2"), "{output}");
}
