//! Orders on a whole Tiffin of real processes, while parts of it die.

use std::collections::HashSet;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::Duration;

use model::order::{Order, PlaceOrder};
use model::problem::Code;
use model::status::AdminState;
use reqwest::StatusCode;
use testkit::customer::{Placed, new_key};
use testkit::providers::Mode;
use testkit::{Cluster, Options, wait};
use tokio::task::JoinSet;

/// Customers who order one after the other until they are told to stop, each request sent exactly once.
struct Crowd {
    stop: Arc<AtomicBool>,
    placed: Arc<AtomicUsize>,
    tasks: JoinSet<anyhow::Result<Vec<(String, Order)>>>,
}

impl Crowd {
    fn start(cluster: &Cluster, order: &PlaceOrder, size: usize) -> Self {
        let stop = Arc::new(AtomicBool::new(false));
        let placed = Arc::new(AtomicUsize::new(0));
        let mut tasks = JoinSet::new();
        for _ in 0..size {
            let (customer, order) = (cluster.customer(), order.clone());
            let (stop, placed) = (Arc::clone(&stop), Arc::clone(&placed));
            tasks.spawn(async move {
                let mut done = Vec::new();
                while !stop.load(Ordering::Relaxed) {
                    let key = new_key();
                    match customer.place(&key, &order).await? {
                        Placed::Order(order) => done.push((key, *order)),
                        Placed::Refused(problem) => anyhow::bail!("refused: {problem:?}"),
                    }
                    placed.fetch_add(1, Ordering::Relaxed);
                }
                Ok(done)
            });
        }
        Self {
            stop,
            placed,
            tasks,
        }
    }

    /// Waits until so many more orders were placed.
    async fn more(&self, wanted: usize) {
        let goal = self.placed.load(Ordering::Relaxed) + wanted;
        wait::until("more orders", Duration::from_secs(30), || async {
            (self.placed.load(Ordering::Relaxed) >= goal).then_some(())
        })
        .await
        .unwrap();
    }

    async fn end(mut self) -> Vec<(String, Order)> {
        self.stop.store(true, Ordering::Relaxed);
        let mut all = Vec::new();
        while let Some(done) = self.tasks.join_next().await {
            all.extend(done.unwrap().unwrap());
        }
        all
    }
}

async fn cluster_of(replicas: u16) -> Cluster {
    let options = Options {
        replicas,
        ..Options::default()
    };
    Cluster::start(options).await.unwrap()
}

/// Every acknowledged order is there once, under its own key, number and token, and no other is there.
async fn assert_each_once(cluster: &Cluster, orders: &[(String, Order)]) {
    let customer = cluster.customer();
    for (key, order) in orders {
        let stored = customer
            .order_by_key(key)
            .await
            .unwrap()
            .expect("an acknowledged order is missing");
        assert_eq!(stored.token, order.token);
    }
    let told: HashSet<(&str, u32)> = orders
        .iter()
        .map(|(_, order)| (order.token.as_str(), order.number))
        .collect();
    assert_eq!(
        told.len(),
        orders.len(),
        "two were told of one and the same order"
    );
    let stored = cluster.stored_orders().unwrap();
    assert_eq!(
        stored.len(),
        orders.len(),
        "an order was made that nobody was told of"
    );
    let numbers: HashSet<u32> = stored.iter().map(|order| order.number).collect();
    assert_eq!(numbers.len(), stored.len(), "a number was given twice");
}

#[tokio::test(flavor = "multi_thread")]
async fn killing_and_switching_off_any_two_fails_no_order_and_doubles_none() {
    let mut cluster = cluster_of(3).await;
    let customer = cluster.customer();
    let order = customer.prepare().await.unwrap();
    let crowd = Crowd::start(&cluster, &order, 8);
    crowd.more(50).await;

    let first = cluster.primary().await.unwrap();
    cluster.kill(first).await.unwrap();
    crowd.more(50).await;
    let second = cluster.primary().await.unwrap();
    assert_ne!(second, first);
    cluster.switch(second, AdminState::Down).await.unwrap();
    crowd.more(50).await;
    let third = cluster.primary().await.unwrap();
    assert!(third != first && third != second);

    cluster.start_replica(first).await.unwrap();
    cluster.switch(second, AdminState::Up).await.unwrap();
    cluster.wait_available(3).await.unwrap();
    cluster.switch(third, AdminState::Down).await.unwrap();
    crowd.more(50).await;
    let fourth = cluster.primary().await.unwrap();
    cluster.kill(fourth).await.unwrap();
    crowd.more(50).await;

    let orders = crowd.end().await;
    assert_each_once(&cluster, &orders).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn draining_and_an_orderly_restart_fail_no_order() {
    let mut cluster = cluster_of(2).await;
    let customer = cluster.customer();
    let order = customer.prepare().await.unwrap();
    let crowd = Crowd::start(&cluster, &order, 4);
    crowd.more(20).await;
    let first = cluster.primary().await.unwrap();
    cluster.switch(first, AdminState::Draining).await.unwrap();
    crowd.more(20).await;
    cluster.switch(first, AdminState::Up).await.unwrap();
    let second = cluster.primary().await.unwrap();
    assert!(
        cluster.terminate(second).await.unwrap(),
        "it did not end well"
    );
    crowd.more(20).await;
    let orders = crowd.end().await;
    assert_each_once(&cluster, &orders).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_hung_primary_is_passed_over() {
    let mut cluster = cluster_of(2).await;
    let customer = cluster.customer();
    let order = customer.prepare().await.unwrap();
    let hung = cluster.primary().await.unwrap();
    cluster.hang(hung).unwrap();
    let placed = customer.place(&new_key(), &order).await.unwrap();
    assert!(matches!(placed, Placed::Order(_)), "{placed:?}");
    // What the hung one still has in hand must not become a second order once it wakes, if the others have let it live.
    if cluster.resume(hung).unwrap() {
        cluster.wait_available(2).await.unwrap();
    }
    assert_eq!(cluster.stored_orders().unwrap().len(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_primary_that_hangs_while_it_writes_fails_no_order() {
    let cluster = cluster_of(2).await;
    let order = cluster.customer().prepare().await.unwrap();
    let crowd = Crowd::start(&cluster, &order, 8);
    crowd.more(50).await;
    // With so many orders on their way it is stopped in the middle of a commit, as good as always, with the store locked.
    cluster.hang(cluster.primary().await.unwrap()).unwrap();
    crowd.more(50).await;
    let orders = crowd.end().await;
    assert_each_once(&cluster, &orders).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn killing_the_primary_while_it_has_the_order_places_it_once() {
    let mut cluster = cluster_of(2).await;
    let order = cluster.customer().prepare().await.unwrap();
    // Stopped, it takes the request in and does not answer: the kill then falls in the middle, every time.
    let primary = cluster.primary().await.unwrap();
    cluster.hang(primary).unwrap();
    let (customer, key) = (cluster.customer(), new_key());
    let placing = tokio::spawn({
        let (key, order) = (key.clone(), order.clone());
        async move { customer.place(&key, &order).await }
    });
    cluster.wait_in_hand(primary, 0).await.unwrap();
    cluster.kill(primary).await.unwrap();
    let Placed::Order(placed) = placing.await.unwrap().unwrap() else {
        panic!("the order was refused")
    };
    assert_each_once(&cluster, &[(key, *placed)]).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn with_no_replica_left_it_says_so_at_once_and_recovers() {
    let mut cluster = cluster_of(1).await;
    let customer = cluster.customer();
    let order = customer.prepare().await.unwrap();
    let key = new_key();
    cluster.kill(1).await.unwrap();
    let Placed::Refused(problem) = customer.place(&key, &order).await.unwrap() else {
        panic!("an order without a replica")
    };
    assert_eq!(problem.code, Code::Unavailable);
    let answer = customer.get("/api/v1/restaurants/any/menu").await.unwrap();
    assert_eq!(answer.status(), StatusCode::SERVICE_UNAVAILABLE);
    assert!(answer.headers().contains_key("retry-after"));

    cluster.start_replica(1).await.unwrap();
    cluster.wait_available(1).await.unwrap();
    assert!(matches!(
        customer.place(&key, &order).await.unwrap(),
        Placed::Order(_)
    ));
    assert_eq!(cluster.stored_orders().unwrap().len(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn one_key_and_one_body_are_one_order_with_one_answer() {
    let mut cluster = cluster_of(2).await;
    let customer = cluster.customer();
    let order = customer.prepare().await.unwrap();

    let key = new_key();
    let mut at_once = JoinSet::new();
    for _ in 0..16 {
        let (customer, key, order) = (cluster.customer(), key.clone(), order.clone());
        at_once.spawn(async move { customer.send(&key, &order).await.unwrap() });
    }
    let answers = at_once.join_all().await;
    assert_eq!(answers[0].0, StatusCode::CREATED, "{}", answers[0].1);
    assert!(
        answers.iter().all(|answer| *answer == answers[0]),
        "answers differ"
    );

    // The same on another replica, which learnt of the order only from the store.
    let first = cluster.primary().await.unwrap();
    cluster.kill(first).await.unwrap();
    assert_eq!(customer.send(&key, &order).await.unwrap(), answers[0]);

    let mut other = order.clone();
    other.notes = "Ring twice".to_owned();
    let (status, body) = customer.send(&key, &other).await.unwrap();
    assert_eq!(status, StatusCode::UNPROCESSABLE_ENTITY, "{body}");
    assert_eq!(cluster.stored_orders().unwrap().len(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn orders_go_on_while_both_providers_are_away() {
    let cluster = cluster_of(1).await;
    for mode in [Mode::Away, Mode::Slow, Mode::Nonsense] {
        cluster.postcodes_io.set(mode);
        cluster.findthatpostcode.set(mode);
        let customer = cluster.customer();
        let order = customer.prepare().await.unwrap();
        let placed = customer.place(&new_key(), &order).await.unwrap();
        assert!(matches!(placed, Placed::Order(_)), "{mode:?}: {placed:?}");
    }
}
