//! Orders on a cluster of real processes, while replicas are killed, hung and switched off.

use std::collections::HashSet;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::Duration;

use model::order::{Order, PlaceOrder};
use model::problem::Code;
use model::status::AdminState;
use reqwest::StatusCode;
use testkit::customer_client::{PlaceResult, new_idempotency_key};
use testkit::providers::ProviderMode;
use testkit::{Cluster, Options, wait};
use tokio::task::JoinSet;

/// Closed-loop customers that place orders until they are stopped, without retries.
struct Workload {
    stop: Arc<AtomicBool>,
    placed: Arc<AtomicUsize>,
    tasks: JoinSet<anyhow::Result<Vec<(String, Order)>>>,
}

impl Workload {
    fn start(cluster: &Cluster, order: &PlaceOrder, customers: usize) -> Self {
        let stop = Arc::new(AtomicBool::new(false));
        let placed = Arc::new(AtomicUsize::new(0));
        let mut tasks = JoinSet::new();
        for _ in 0..customers {
            let (customer, order) = (cluster.customer_client(), order.clone());
            let (stop, placed) = (Arc::clone(&stop), Arc::clone(&placed));
            tasks.spawn(async move {
                let mut orders = Vec::new();
                while !stop.load(Ordering::Relaxed) {
                    let key = new_idempotency_key();
                    match customer.place(&key, &order).await? {
                        PlaceResult::Order(order) => orders.push((key, *order)),
                        PlaceResult::Problem(problem) => anyhow::bail!("refused: {problem:?}"),
                    }
                    placed.fetch_add(1, Ordering::Relaxed);
                }
                Ok(orders)
            });
        }
        Self {
            stop,
            placed,
            tasks,
        }
    }

    /// Waits until `count` more orders were placed.
    async fn wait_for_orders(&self, count: usize) {
        let goal = self.placed.load(Ordering::Relaxed) + count;
        wait::until("more orders", Duration::from_secs(30), || async {
            (self.placed.load(Ordering::Relaxed) >= goal).then_some(())
        })
        .await
        .unwrap();
    }

    async fn stop(mut self) -> Vec<(String, Order)> {
        self.stop.store(true, Ordering::Relaxed);
        let mut all = Vec::new();
        while let Some(result) = self.tasks.join_next().await {
            all.extend(result.unwrap().unwrap());
        }
        all
    }
}

async fn start_cluster(replicas: u16) -> Cluster {
    Cluster::start(Options::with_replicas(replicas))
        .await
        .unwrap()
}

/// Asserts that every acknowledged order is stored once, with its own key, number and token, and that no other order is stored.
async fn assert_each_once(cluster: &Cluster, orders: &[(String, Order)]) {
    let customer = cluster.customer_client();
    for (key, order) in orders {
        let stored = customer
            .order_by_key(key)
            .await
            .unwrap()
            .expect("an acknowledged order is missing");
        assert_eq!(stored.token, order.token);
    }
    let acknowledged: HashSet<(&str, u32)> = orders
        .iter()
        .map(|(_, order)| (order.token.as_str(), order.number))
        .collect();
    assert_eq!(
        acknowledged.len(),
        orders.len(),
        "two keys were acknowledged with the same order"
    );
    let stored = cluster.stored_orders().unwrap();
    assert_eq!(
        stored.len(),
        orders.len(),
        "an order was stored that was not acknowledged"
    );
    let numbers: HashSet<u32> = stored.iter().map(|order| order.number).collect();
    assert_eq!(
        numbers.len(),
        stored.len(),
        "an order number was used twice"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn killing_and_switching_off_any_two_fails_and_duplicates_no_order() {
    let mut cluster = start_cluster(3).await;
    let customer = cluster.customer_client();
    let order = customer.prepare_order().await.unwrap();
    let workload = Workload::start(&cluster, &order, 8);
    workload.wait_for_orders(50).await;

    let first = cluster.primary().await.unwrap();
    cluster.kill(first).await.unwrap();
    workload.wait_for_orders(50).await;
    let second = cluster.primary().await.unwrap();
    assert_ne!(second, first);
    cluster
        .set_admin_state(second, AdminState::Down)
        .await
        .unwrap();
    workload.wait_for_orders(50).await;
    let third = cluster.primary().await.unwrap();
    assert!(third != first && third != second);

    cluster.start_replica(first).await.unwrap();
    cluster
        .set_admin_state(second, AdminState::Up)
        .await
        .unwrap();
    cluster.wait_available(3).await.unwrap();
    cluster
        .set_admin_state(third, AdminState::Down)
        .await
        .unwrap();
    workload.wait_for_orders(50).await;
    let fourth = cluster.primary().await.unwrap();
    cluster.kill(fourth).await.unwrap();
    workload.wait_for_orders(50).await;

    let orders = workload.stop().await;
    assert_each_once(&cluster, &orders).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn draining_and_an_orderly_restart_fail_no_order() {
    let mut cluster = start_cluster(2).await;
    let customer = cluster.customer_client();
    let order = customer.prepare_order().await.unwrap();
    let workload = Workload::start(&cluster, &order, 4);
    workload.wait_for_orders(20).await;
    let first = cluster.primary().await.unwrap();
    cluster
        .set_admin_state(first, AdminState::Draining)
        .await
        .unwrap();
    workload.wait_for_orders(20).await;
    cluster
        .set_admin_state(first, AdminState::Up)
        .await
        .unwrap();
    let second = cluster.primary().await.unwrap();
    assert!(
        cluster.terminate(second).await.unwrap(),
        "the replica exited with an error"
    );
    workload.wait_for_orders(20).await;
    let orders = workload.stop().await;
    assert_each_once(&cluster, &orders).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_order_is_placed_although_the_primary_hangs() {
    let mut cluster = start_cluster(2).await;
    let customer = cluster.customer_client();
    let order = customer.prepare_order().await.unwrap();
    let hung = cluster.primary().await.unwrap();
    cluster.hang(hung).unwrap();
    let placed = customer
        .place(&new_idempotency_key(), &order)
        .await
        .unwrap();
    assert!(matches!(placed, PlaceResult::Order(_)), "{placed:?}");
    // The request in flight at the hung replica must not become a second order when it resumes. Other processes may have ended it.
    if cluster.resume(hung).unwrap() {
        cluster.wait_available(2).await.unwrap();
    }
    assert_eq!(cluster.stored_orders().unwrap().len(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_primary_that_hangs_while_it_writes_fails_no_order() {
    let cluster = start_cluster(2).await;
    let order = cluster.customer_client().prepare_order().await.unwrap();
    let workload = Workload::start(&cluster, &order, 8);
    workload.wait_for_orders(50).await;
    // Under this load the primary is nearly always stopped in the middle of a commit, with the store locked.
    cluster.hang(cluster.primary().await.unwrap()).unwrap();
    workload.wait_for_orders(50).await;
    let orders = workload.stop().await;
    assert_each_once(&cluster, &orders).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn killing_the_primary_with_the_order_in_flight_places_it_once() {
    let mut cluster = start_cluster(2).await;
    let order = cluster.customer_client().prepare_order().await.unwrap();
    // A stopped replica receives the request and does not respond, so that the kill always falls in the middle of it.
    let primary = cluster.primary().await.unwrap();
    cluster.hang(primary).unwrap();
    let (customer, key) = (cluster.customer_client(), new_idempotency_key());
    let placing = tokio::spawn({
        let (key, order) = (key.clone(), order.clone());
        async move { customer.place(&key, &order).await }
    });
    cluster.wait_in_flight(primary, 0).await.unwrap();
    cluster.kill(primary).await.unwrap();
    let PlaceResult::Order(placed) = placing.await.unwrap().unwrap() else {
        panic!("the order was refused")
    };
    assert_each_once(&cluster, &[(key, *placed)]).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn without_replicas_requests_are_refused_at_once_until_one_is_back() {
    let mut cluster = start_cluster(1).await;
    let customer = cluster.customer_client();
    let order = customer.prepare_order().await.unwrap();
    let key = new_idempotency_key();
    cluster.kill(1).await.unwrap();
    let PlaceResult::Problem(problem) = customer.place(&key, &order).await.unwrap() else {
        panic!("an order without a replica")
    };
    assert_eq!(problem.code, Code::Unavailable);
    let response = customer.get("/api/v1/restaurants/any/menu").await.unwrap();
    assert_eq!(response.status(), StatusCode::SERVICE_UNAVAILABLE);
    assert!(response.headers().contains_key("retry-after"));

    cluster.start_replica(1).await.unwrap();
    cluster.wait_available(1).await.unwrap();
    assert!(matches!(
        customer.place(&key, &order).await.unwrap(),
        PlaceResult::Order(_)
    ));
    assert_eq!(cluster.stored_orders().unwrap().len(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn one_key_and_one_body_are_one_order_with_one_response() {
    let mut cluster = start_cluster(2).await;
    let customer = cluster.customer_client();
    let order = customer.prepare_order().await.unwrap();

    let key = new_idempotency_key();
    let mut simultaneous = JoinSet::new();
    for _ in 0..16 {
        let (customer, key, order) = (cluster.customer_client(), key.clone(), order.clone());
        simultaneous.spawn(async move { customer.send_order(&key, &order).await.unwrap() });
    }
    let responses = simultaneous.join_all().await;
    assert_eq!(responses[0].0, StatusCode::CREATED, "{}", responses[0].1);
    assert!(
        responses.iter().all(|response| *response == responses[0]),
        "responses differ"
    );

    // Another replica, which knows the order only from the store, gives the same response.
    let first = cluster.primary().await.unwrap();
    cluster.kill(first).await.unwrap();
    assert_eq!(
        customer.send_order(&key, &order).await.unwrap(),
        responses[0]
    );

    let mut other = order.clone();
    other.notes = "Ring twice".to_owned();
    let (status, body) = customer.send_order(&key, &other).await.unwrap();
    assert_eq!(status, StatusCode::UNPROCESSABLE_ENTITY, "{body}");
    assert_eq!(cluster.stored_orders().unwrap().len(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn orders_are_placed_while_both_providers_fail() {
    let cluster = start_cluster(1).await;
    for mode in [
        ProviderMode::Unavailable,
        ProviderMode::Slow,
        ProviderMode::Malformed,
    ] {
        cluster.set_provider_mode(mode);
        let customer = cluster.customer_client();
        let order = customer.prepare_order().await.unwrap();
        let placed = customer
            .place(&new_idempotency_key(), &order)
            .await
            .unwrap();
        assert!(
            matches!(placed, PlaceResult::Order(_)),
            "{mode:?}: {placed:?}"
        );
    }
}
