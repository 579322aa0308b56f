//! The event log, for front-end servers.

use model::OrderState;
use model::feed::Events;
use model::order::Order;

use super::*;

async fn place(replica: &Replica, key: &str) -> Order {
    let wanted = samples::order_request(&samples::shop(SHOP));
    let body = serde_json::to_vec(&wanted).unwrap();
    replica.place(key, body).await.read(201)
}

fn after(sequence: i64) -> String {
    format!("{}?after={sequence}", api::EVENTS)
}

#[tokio::test]
async fn the_log_is_told_in_order_and_without_gaps_by_any_replica() {
    let shared = Shared::new();
    let replica = shared.replica();
    let one = place(&replica, KEY).await;
    let two = place(&replica, "another-key-of-enough-length").await;
    let cancellation = format!("{}/{}/cancellation", api::ORDERS, one.token);
    replica
        .send(json(&cancellation, ""))
        .await
        .read::<Order>(200);

    let told: Events = shared.replica().get(&after(0)).await.read(200);
    let seen: Vec<_> = told
        .events
        .iter()
        .map(|event| {
            (
                event.sequence,
                event.order.as_str(),
                event.version,
                event.state,
            )
        })
        .collect();
    assert_eq!(
        seen,
        [
            (1, one.token.as_str(), 1, OrderState::Placed),
            (2, two.token.as_str(), 1, OrderState::Placed),
            (3, one.token.as_str(), 2, OrderState::Cancelled),
        ]
    );
    assert_eq!(told.last, 3);
    let rest: Events = replica.get(&after(2)).await.read(200);
    assert_eq!(rest.events, told.events[2..]);
    let end: Events = replica.get(api::EVENTS).await.read(200);
    assert_eq!((end.events.len(), end.last), (0, 3));

    let path = format!("{}/{}/events", api::INTERNAL_ORDERS, one.token);
    let own: Events = replica.get(&path).await.read(200);
    assert_eq!(own.events, [told.events[0].clone(), told.events[2].clone()]);
}

#[tokio::test]
async fn whoever_waits_is_told_when_something_happens_on_another_replica() {
    let shared = Shared::new();
    let (waits, writes) = (shared.replica(), shared.replica());
    let path = after(0);
    let (told, order) = tokio::join!(waits.get(&path), place(&writes, KEY));
    let told: Events = told.read(200);
    assert_eq!(told.events.len(), 1);
    assert_eq!(told.events[0].order, order.token);
}

#[tokio::test]
async fn where_nothing_happens_the_answer_says_where_the_log_ends() {
    let shared = Shared::new();
    let replica = shared.replica();
    place(&replica, KEY).await;
    // As one does whose log was another.
    let told: Events = replica.get(&after(700)).await.read(200);
    assert_eq!((told.events.len(), told.last), (0, 1));
    replica
        .get(&format!("{}?after=x", api::EVENTS))
        .await
        .problem(Code::NotFound);
    let unknown = format!("{}/0a1b/events", api::INTERNAL_ORDERS);
    replica.get(&unknown).await.problem(Code::NotFound);
}
