//! News of orders on a whole Tiffin of real processes, while parts of it die.

use std::time::Duration;

use model::OrderState;
use model::api;
use model::feed::{KitchenUpdate, OrderUpdate};
use model::order::Order;
use reqwest::{Response, StatusCode};
use serde::de::DeserializeOwned;
use testkit::customer::{Placed, new_key};
use testkit::events::{Event, Events};
use testkit::staff::As;
use testkit::{Cluster, Customer, Options};

const PATIENCE: Duration = Duration::from_secs(20);

/// An order's events, or a restaurant's.
struct Listener(Events);

#[derive(Debug)]
struct Told<N = OrderUpdate> {
    id: i64,
    news: N,
}

impl Listener {
    async fn start(customer: &Customer, order: &str, after: Option<i64>) -> Self {
        Self::of(customer.listen(order, after).await.unwrap())
    }

    fn of(answer: Response) -> Self {
        assert_eq!(answer.status(), StatusCode::OK);
        Self(Events::of(answer))
    }

    /// The next event of any kind.
    async fn event(&mut self) -> Event {
        let next = tokio::time::timeout(PATIENCE, self.0.next());
        next.await.unwrap().unwrap().expect("more to come")
    }

    async fn told<N: DeserializeOwned>(&mut self) -> Told<N> {
        loop {
            let event = self.event().await;
            if event.name == "order" {
                return Told {
                    id: event.id.parse().unwrap(),
                    news: serde_json::from_str(&event.data).unwrap(),
                };
            }
            assert_eq!(event.name, "alive");
            assert!(
                !event.data.is_empty(),
                "a browser passes over what has no data"
            );
        }
    }
}

async fn place(customer: &Customer) -> Order {
    let order = customer.prepare().await.unwrap();
    match customer.place(&new_key(), &order).await.unwrap() {
        Placed::Order(order) => *order,
        Placed::Refused(problem) => panic!("refused: {problem:?}"),
    }
}

async fn cancel(customer: &Customer, order: &Order) {
    let path = format!("{}/{}/cancellation", api::ORDERS, order.token);
    assert_eq!(customer.post(&path).await.unwrap().status(), StatusCode::OK);
}

#[tokio::test(flavor = "multi_thread")]
async fn news_come_once_each_whatever_dies_and_from_where_they_were_left() {
    let mut cluster = Cluster::start(Options::default()).await.unwrap();
    let customer = cluster.customer();
    let order = place(&customer).await;
    let mut listener = Listener::start(&customer, &order.token, None).await;
    let placed: Told = listener.told().await;
    assert_eq!(
        (placed.news.version, placed.news.state),
        (1, OrderState::Placed)
    );

    let primary = cluster.primary().await.unwrap();
    cluster.kill(primary).await.unwrap();
    let other = place(&customer).await;
    cancel(&customer, &order).await;
    let cancelled: Told = listener.told().await;
    assert_eq!(
        (cancelled.news.version, cancelled.news.state),
        (2, OrderState::Cancelled)
    );
    assert!(cancelled.id > placed.id);

    // Left and come back to: only what was missed.
    drop(listener);
    let mut again = Listener::start(&customer, &order.token, Some(placed.id)).await;
    assert_eq!(again.told::<OrderUpdate>().await.id, cancelled.id);
    let mut nothing_new = Listener::start(&customer, &order.token, Some(cancelled.id)).await;
    assert_eq!(nothing_new.event().await.name, "alive");

    // The order of somebody else had news of its own alone.
    let mut others = Listener::start(&customer, &other.token, None).await;
    assert_eq!(others.told::<OrderUpdate>().await.news.version, 1);
    assert_eq!(others.event().await.name, "alive");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_order_that_is_not_there_has_no_news() {
    let cluster = Cluster::start(Options::default()).await.unwrap();
    let customer = cluster.customer();
    for order in ["00000000000000000000000000000000", "..%2Fhealth", "x y"] {
        let answer = customer.listen(order, None).await.unwrap();
        assert_eq!(answer.status(), StatusCode::NOT_FOUND, "{order}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_kitchen_hears_of_each_of_its_orders_once_whatever_dies() {
    let mut cluster = Cluster::start(Options::default()).await.unwrap();
    let customer = cluster.customer();
    let before = place(&customer).await;
    let restaurant = &before.restaurant.slug;
    for kept in [As::Page, As::Program] {
        let tablet = cluster.staff(restaurant, kept).await.unwrap();
        let mut listener = Listener::of(tablet.listen(None).await.unwrap());
        let first = listener.event().await;
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
        let mut again = Listener::of(tablet.listen(Some(from)).await.unwrap());
        assert_eq!(again.event().await.id, from.to_string());
        for wanted in expected {
            let told: Told<KitchenUpdate> = listener.told().await;
            let news = told.news;
            assert_eq!((news.order, news.version, news.state), wanted);
            assert_eq!(again.told::<KitchenUpdate>().await.id, told.id);
        }
        assert_eq!(again.event().await.name, "alive");
        cluster.start_replica(primary).await.unwrap();
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_kitchen_hears_nothing_of_others_and_strangers_hear_nothing() {
    let cluster = Cluster::start(Options::default()).await.unwrap();
    let customer = cluster.customer();
    let wanted = customer.prepare().await.unwrap().basket.restaurant;
    let others = customer.search("DH1 3LE").await.unwrap().restaurants;
    let other = &others
        .iter()
        .map(|card| &card.restaurant.slug)
        .find(|slug| **slug != wanted)
        .unwrap();
    let tablet = cluster.staff(other, As::Page).await.unwrap();
    let mut listener = Listener::of(tablet.listen(Some(0)).await.unwrap());
    assert_eq!(listener.event().await.name, "alive");
    place(&customer).await;
    let next = listener.event().await;
    assert_eq!((next.name.as_str(), next.id.as_str()), ("alive", ""));

    let stranger = customer.get(api::STAFF_EVENTS).await.unwrap();
    assert_eq!(stranger.status(), StatusCode::UNAUTHORIZED);
}
