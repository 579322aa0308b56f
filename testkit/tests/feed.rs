//! News of orders on a whole Tiffin of real processes, while parts of it die.

use std::time::Duration;

use model::OrderState;
use model::api;
use model::feed::OrderNews;
use model::order::Order;
use reqwest::StatusCode;
use testkit::customer::{Placed, new_key};
use testkit::events::{Event, Events};
use testkit::{Cluster, Customer, Options};

const PATIENCE: Duration = Duration::from_secs(20);

/// One order's events.
struct Listener(Events);

#[derive(Debug)]
struct Told {
    id: i64,
    news: OrderNews,
}

impl Listener {
    async fn start(customer: &Customer, order: &str, after: Option<i64>) -> Self {
        let answer = customer.listen(order, after).await.unwrap();
        assert_eq!(answer.status(), StatusCode::OK);
        Self(Events::of(answer))
    }

    /// The next event of any kind.
    async fn event(&mut self) -> Event {
        let next = tokio::time::timeout(PATIENCE, self.0.next());
        next.await.unwrap().unwrap().expect("more to come")
    }

    async fn told(&mut self) -> Told {
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
    let placed = listener.told().await;
    assert_eq!(
        (placed.news.version, placed.news.state),
        (1, OrderState::Placed)
    );

    let primary = cluster.primary().await.unwrap();
    cluster.kill(primary).await.unwrap();
    let other = place(&customer).await;
    cancel(&customer, &order).await;
    let cancelled = listener.told().await;
    assert_eq!(
        (cancelled.news.version, cancelled.news.state),
        (2, OrderState::Cancelled)
    );
    assert!(cancelled.id > placed.id);

    // Left and come back to: only what was missed.
    drop(listener);
    let mut again = Listener::start(&customer, &order.token, Some(placed.id)).await;
    assert_eq!(again.told().await.id, cancelled.id);
    let mut nothing_new = Listener::start(&customer, &order.token, Some(cancelled.id)).await;
    assert_eq!(nothing_new.event().await.name, "alive");

    // The order of somebody else had news of its own alone.
    let mut others = Listener::start(&customer, &other.token, None).await;
    assert_eq!(others.told().await.news.version, 1);
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
