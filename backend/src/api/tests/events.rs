//! The internal endpoints of the event log.

use model::OrderState;
use model::feed::EventLogPage;
use model::order::Order;

use super::*;

async fn place(replica: &Replica, key: &str) -> Order {
    let order = samples::order_request(&samples::shop(SHOP));
    let body = serde_json::to_vec(&order).unwrap();
    replica.place(key, body).await.read(201)
}

fn after(sequence: i64) -> String {
    format!("{}?after={sequence}", api::EVENTS)
}

#[tokio::test]
async fn any_replica_serves_the_log_in_order_and_without_gaps() {
    let shared = SharedStore::new();
    let replica = shared.replica();
    let one = place(&replica, KEY).await;
    let two = place(&replica, "another-key-of-enough-length").await;
    let cancellation = format!("{}/{}/cancellation", api::ORDERS, one.token);
    replica
        .send(json(&cancellation, ""))
        .await
        .read::<Order>(200);

    let log: EventLogPage = shared.replica().get(&after(0)).await.read(200);
    let events: Vec<_> = log
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
        events,
        [
            (1, one.token.as_str(), 1, OrderState::Placed),
            (2, two.token.as_str(), 1, OrderState::Placed),
            (3, one.token.as_str(), 2, OrderState::Cancelled),
        ]
    );
    assert_eq!(log.last, 3);
    let rest: EventLogPage = replica.get(&after(2)).await.read(200);
    assert_eq!(rest.events, log.events[2..]);
    let end: EventLogPage = replica.get(api::EVENTS).await.read(200);
    assert_eq!((end.events.len(), end.last), (0, 3));

    let path = format!("{}/{}/events", api::INTERNAL_ORDERS, one.token);
    let own: EventLogPage = replica.get(&path).await.read(200);
    assert_eq!(own.events, [log.events[0].clone(), log.events[2].clone()]);
}

#[tokio::test]
async fn a_poll_returns_when_another_replica_writes_an_event() {
    let shared = SharedStore::new();
    let (reader, writer) = (shared.replica(), shared.replica());
    let path = after(0);
    let (log, order) = tokio::join!(reader.get(&path), place(&writer, KEY));
    let log: EventLogPage = log.read(200);
    assert_eq!(log.events.len(), 1);
    assert_eq!(log.events[0].order, order.token);
}

#[tokio::test]
async fn a_poll_without_events_returns_the_end_of_the_log() {
    let shared = SharedStore::new();
    let replica = shared.replica();
    place(&replica, KEY).await;
    // A cursor of another log.
    let log: EventLogPage = replica.get(&after(700)).await.read(200);
    assert_eq!((log.events.len(), log.last), (0, 1));
    replica
        .get(&format!("{}?after=x", api::EVENTS))
        .await
        .problem(Code::NotFound);
    let unknown = format!("{}/0a1b/events", api::INTERNAL_ORDERS);
    replica.get(&unknown).await.problem(Code::NotFound);
}
