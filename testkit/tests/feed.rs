//! Event streams on a cluster of real processes, while replicas are killed.

use std::time::Duration;

use model::OrderState;
use model::api;
use model::feed::{KitchenUpdate, OrderUpdate};
use model::order::Order;
use reqwest::{Response, StatusCode};
use serde::de::DeserializeOwned;
use testkit::customer_client::{PlaceResult, new_idempotency_key};
use testkit::sse::{EventStream, SseEvent};
use testkit::staff_client::SessionKind;
use testkit::{Cluster, CustomerClient, Options};

const EVENT_TIMEOUT: Duration = Duration::from_secs(20);

/// Subscriber of the events of an order or a restaurant.
struct Subscriber(EventStream);

#[derive(Debug)]
struct Received<N = OrderUpdate> {
    id: i64,
    update: N,
}

impl Subscriber {
    async fn subscribe(customer: &CustomerClient, order: &str, after: Option<i64>) -> Self {
        Self::new(customer.subscribe(order, after).await.unwrap())
    }

    fn new(response: Response) -> Self {
        assert_eq!(response.status(), StatusCode::OK);
        Self(EventStream::new(response))
    }

    /// The next event of any kind.
    async fn next_event(&mut self) -> SseEvent {
        let next = tokio::time::timeout(EVENT_TIMEOUT, self.0.next());
        next.await.unwrap().unwrap().expect("the stream goes on")
    }

    async fn next_order_event<N: DeserializeOwned>(&mut self) -> Received<N> {
        loop {
            let event = self.next_event().await;
            if event.name == "order" {
                return Received {
                    id: event.id.parse().unwrap(),
                    update: serde_json::from_str(&event.data).unwrap(),
                };
            }
            assert_eq!(event.name, "alive");
            assert!(
                !event.data.is_empty(),
                "browsers ignore events without data"
            );
        }
    }
}

async fn place(customer: &CustomerClient) -> Order {
    let order = customer.prepare_order().await.unwrap();
    match customer
        .place(&new_idempotency_key(), &order)
        .await
        .unwrap()
    {
        PlaceResult::Order(order) => *order,
        PlaceResult::Problem(problem) => panic!("refused: {problem:?}"),
    }
}

async fn cancel(customer: &CustomerClient, order: &Order) {
    let path = format!("{}/{}/cancellation", api::ORDERS, order.token);
    assert_eq!(customer.post(&path).await.unwrap().status(), StatusCode::OK);
}

#[tokio::test(flavor = "multi_thread")]
async fn events_arrive_once_and_resume_although_the_primary_is_killed() {
    let mut cluster = Cluster::start(Options::default()).await.unwrap();
    let customer = cluster.customer_client();
    let order = place(&customer).await;
    let mut subscriber = Subscriber::subscribe(&customer, &order.token, None).await;
    let placed: Received = subscriber.next_order_event().await;
    assert_eq!(
        (placed.update.version, placed.update.state),
        (1, OrderState::Placed)
    );

    let primary = cluster.primary().await.unwrap();
    cluster.kill(primary).await.unwrap();
    let other = place(&customer).await;
    cancel(&customer, &order).await;
    let cancelled: Received = subscriber.next_order_event().await;
    assert_eq!(
        (cancelled.update.version, cancelled.update.state),
        (2, OrderState::Cancelled)
    );
    assert!(cancelled.id > placed.id);

    // A resumed stream has only the missed events.
    drop(subscriber);
    let mut again = Subscriber::subscribe(&customer, &order.token, Some(placed.id)).await;
    assert_eq!(
        again.next_order_event::<OrderUpdate>().await.id,
        cancelled.id
    );
    let mut nothing_new = Subscriber::subscribe(&customer, &order.token, Some(cancelled.id)).await;
    assert_eq!(nothing_new.next_event().await.name, "alive");

    // Another order has only its own events.
    let mut other_subscriber = Subscriber::subscribe(&customer, &other.token, None).await;
    assert_eq!(
        other_subscriber
            .next_order_event::<OrderUpdate>()
            .await
            .update
            .version,
        1
    );
    assert_eq!(other_subscriber.next_event().await.name, "alive");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_unknown_order_has_no_event_stream() {
    let cluster = Cluster::start(Options::default()).await.unwrap();
    let customer = cluster.customer_client();
    for order in ["00000000000000000000000000000000", "..%2Fhealth", "x y"] {
        let response = customer.subscribe(order, None).await.unwrap();
        assert_eq!(response.status(), StatusCode::NOT_FOUND, "{order}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_kitchen_receives_each_event_once_although_the_primary_is_killed() {
    let mut cluster = Cluster::start(Options::default()).await.unwrap();
    let customer = cluster.customer_client();
    let before = place(&customer).await;
    let restaurant = &before.restaurant.slug;
    for session in [SessionKind::Cookie, SessionKind::Bearer] {
        let tablet = cluster.staff_client(restaurant, session).await.unwrap();
        let mut subscriber = Subscriber::new(tablet.subscribe(None).await.unwrap());
        let first = subscriber.next_event().await;
        assert_eq!(first.name, "alive");
        let from: i64 = first.id.parse().unwrap();

        let one = place(&customer).await;
        let primary = cluster.primary().await.unwrap();
        cluster.kill(primary).await.unwrap();
        let two = place(&customer).await;
        cancel(&customer, &one).await;
        let expected = [
            (one.token.clone(), 1, OrderState::Placed),
            (two.token, 1, OrderState::Placed),
            (one.token, 2, OrderState::Cancelled),
        ];
        let mut again = Subscriber::new(tablet.subscribe(Some(from)).await.unwrap());
        assert_eq!(again.next_event().await.id, from.to_string());
        for expected in expected {
            let received: Received<KitchenUpdate> = subscriber.next_order_event().await;
            let update = received.update;
            assert_eq!((update.order, update.version, update.state), expected);
            assert_eq!(
                again.next_order_event::<KitchenUpdate>().await.id,
                received.id
            );
        }
        assert_eq!(again.next_event().await.name, "alive");
        cluster.start_replica(primary).await.unwrap();
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_kitchen_receives_no_events_of_other_restaurants_and_visitors_receive_none() {
    let cluster = Cluster::start(Options::default()).await.unwrap();
    let customer = cluster.customer_client();
    let restaurant = customer.prepare_order().await.unwrap().basket.restaurant;
    let restaurants = customer.search("DH1 3LE").await.unwrap().restaurants;
    let other = &restaurants
        .iter()
        .map(|card| &card.restaurant.slug)
        .find(|slug| **slug != restaurant)
        .unwrap();
    let tablet = cluster
        .staff_client(other, SessionKind::Cookie)
        .await
        .unwrap();
    let mut subscriber = Subscriber::new(tablet.subscribe(Some(0)).await.unwrap());
    assert_eq!(subscriber.next_event().await.name, "alive");
    place(&customer).await;
    let next = subscriber.next_event().await;
    assert_eq!((next.name.as_str(), next.id.as_str()), ("alive", ""));

    let visitor = customer.get(api::STAFF_EVENTS).await.unwrap();
    assert_eq!(visitor.status(), StatusCode::UNAUTHORIZED);
}
