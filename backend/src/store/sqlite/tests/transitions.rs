//! Transitions by staff: once for each key, and only from the version that the staff saw.

use std::sync::Arc;

use bytes::Bytes;
use model::machine::Actor;
use model::order::PaymentState;
use model::staff::RejectionReason;

use super::*;
use crate::domain::transition::{Action, CustomerMessage, PromisedMinutes, Transition};
use crate::store::{StaffOutcome, StaffTransition};

fn request(key: &str, token: &str, version: u32, action: Action) -> StaffTransition {
    StaffTransition {
        key: key.to_owned(),
        fingerprint: body(&format!("{token} {version} {action:?}")),
        restaurant: SHOP.to_owned(),
        account: 7,
        token: token.to_owned(),
        version,
        transition: Transition {
            actor: Actor::Staff,
            action,
        },
        at_ms: 1_000,
    }
}

fn accept() -> Action {
    Action::Accept(Some(PromisedMinutes::parse(30).unwrap()))
}

fn read(body: &Bytes) -> Order {
    serde_json::from_slice(body).unwrap()
}

async fn one_order(store: &SqliteStore) -> String {
    let placement = store.place_order(KEY, body("a"), new_order(SHOP)).await;
    placed(placement.unwrap()).token
}

#[tokio::test]
async fn every_transition_is_in_the_log_with_actor_time_and_payload() {
    let data = tempfile::tempdir().unwrap();
    let store = SqliteStore::open(data.path()).unwrap();
    let token = one_order(&store).await;
    let steps = [
        accept(),
        Action::Prepare,
        Action::MakeReady,
        Action::SendOut,
        Action::Complete,
    ];
    for (version, action) in (1..).zip(steps) {
        let key = format!("step-{version}");
        let outcome = store.transition_by_staff(request(&key, &token, version, action));
        let StaffOutcome::Done(answer) = outcome.await.unwrap() else {
            panic!("transition {version} was not applied");
        };
        let order = read(&answer);
        assert_eq!(order.version, version + 1);
        assert_eq!(
            store.order_by_token(&token).await.unwrap().as_ref(),
            Some(&order)
        );
    }
    let order = store.order_by_token(&token).await.unwrap().unwrap();
    assert_eq!(order.state, OrderState::Completed);
    assert_eq!(order.history.len(), 6);
    assert_eq!(order.payment, PaymentState::Captured);
    let captured =
        "SELECT count(*) FROM payments WHERE method = 'on_delivery' AND from_state = 'unpaid'
                AND to_state = 'captured' AND amount_pence = 2650 + 149";
    assert_eq!(count(data.path(), captured), 1);
    let unchanged_column = "SELECT count(*) FROM orders WHERE payment = 'unpaid'";
    assert_eq!(
        count(data.path(), unchanged_column),
        1,
        "the column that the previous version reads is unchanged"
    );
    assert_eq!(order.expected.unwrap().start_ms, 1_000 + 30 * 60_000);
    let logged = "SELECT count(*) FROM events WHERE sequence = 2 AND actor = 'staff' AND from_state = 'placed'
                AND to_state = 'accepted' AND at_ms = 1000 AND payload ->> 'minutes' = 30 AND payload ->> 'account' = 7";
    assert_eq!(count(data.path(), logged), 1);
}

#[tokio::test]
async fn a_repeat_gets_the_saved_response_and_the_key_serves_no_other_request() {
    let data = tempfile::tempdir().unwrap();
    let store = SqliteStore::open(data.path()).unwrap();
    let token = one_order(&store).await;
    let accepting = request("one", &token, 1, accept());
    let StaffOutcome::Done(first) = store.transition_by_staff(accepting.clone()).await.unwrap()
    else {
        panic!("not accepted");
    };
    let preparing = request("two", &token, 2, Action::Prepare);
    store.transition_by_staff(preparing).await.unwrap();

    let again = store.transition_by_staff(accepting).await.unwrap();
    assert_eq!(again, StaffOutcome::Replayed(first));
    let other = request("one", &token, 3, Action::MakeReady);
    assert_eq!(
        store.transition_by_staff(other).await.unwrap(),
        StaffOutcome::KeyReused
    );
    let mut elsewhere = request("one", &token, 3, Action::MakeReady);
    elsewhere.restaurant = "another-shop".to_owned();
    assert_eq!(
        store.transition_by_staff(elsewhere).await.unwrap(),
        StaffOutcome::NotFound,
        "keys and orders are scoped to their restaurant"
    );
    assert_eq!(count(data.path(), "SELECT count(*) FROM events"), 3);
}

#[tokio::test]
async fn an_outdated_version_or_a_forbidden_transition_is_a_conflict_that_changes_nothing() {
    let data = tempfile::tempdir().unwrap();
    let store = SqliteStore::open(data.path()).unwrap();
    let token = one_order(&store).await;
    for refused in [
        request("one", &token, 2, accept()),
        request("two", &token, 1, Action::Complete),
    ] {
        let StaffOutcome::Conflict(order) = store.transition_by_staff(refused).await.unwrap()
        else {
            panic!("no conflict");
        };
        assert_eq!((order.state, order.version), (OrderState::Placed, 1));
    }
    let without_minutes = request("one", &token, 1, Action::Accept(None));
    assert!(matches!(
        store.transition_by_staff(without_minutes).await.unwrap(),
        StaffOutcome::Invalid(_)
    ));
    assert_eq!(
        store
            .transition_by_staff(request("one", "unknown", 1, accept()))
            .await
            .unwrap(),
        StaffOutcome::NotFound
    );
    assert_eq!(count(data.path(), "SELECT count(*) FROM events"), 1);
    // The refused requests did not use up the key.
    let accepted = store
        .transition_by_staff(request("one", &token, 1, accept()))
        .await;
    assert!(matches!(accepted.unwrap(), StaffOutcome::Done(_)));
}

#[tokio::test]
async fn the_customer_sees_the_message_or_else_the_reason() {
    let data = tempfile::tempdir().unwrap();
    let store = SqliteStore::open(data.path()).unwrap();
    for (index, message, shown) in [(1, None, "busy"), (2, Some("Oven broke."), "Oven broke.")] {
        let key = format!("key-{index}");
        let placement = store.place_order(&key, body(&key), new_order(SHOP)).await;
        let token = placed(placement.unwrap()).token;
        let message = message.map(|text| CustomerMessage::parse(text).unwrap());
        let reject = Action::Reject(RejectionReason::Busy, message);
        store
            .transition_by_staff(request(&key, &token, 1, reject))
            .await
            .unwrap();
        let order = store.order_by_token(&token).await.unwrap().unwrap();
        assert_eq!(order.history[1].reason.as_deref(), Some(shown));
    }
    let coded = "SELECT count(*) FROM events WHERE reason = 'busy'";
    assert_eq!(count(data.path(), coded), 2);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn of_concurrent_requests_with_one_version_one_is_applied() {
    let data = tempfile::tempdir().unwrap();
    let replicas: Vec<_> = (0..3)
        .map(|_| Arc::new(SqliteStore::open(data.path()).unwrap()))
        .collect();
    let token = one_order(&replicas[0]).await;
    let tasks: Vec<_> = (0..30)
        .map(|index| {
            let store = Arc::clone(&replicas[index % 3]);
            let action = [
                accept(),
                Action::Reject(RejectionReason::Busy, None),
                Action::Cancel(Some(CustomerMessage::parse("Closed").unwrap())),
            ][index / 3 % 3]
                .clone();
            let request = request(&format!("key-{index}"), &token, 1, action);
            tokio::spawn(async move { store.transition_by_staff(request).await.unwrap() })
        })
        .collect();
    let mut applied = 0;
    for task in tasks {
        match task.await.unwrap() {
            StaffOutcome::Done(_) => applied += 1,
            StaffOutcome::Conflict(order) => assert_eq!(order.version, 2),
            other => panic!("{other:?}"),
        }
    }
    assert_eq!(applied, 1);
    assert_eq!(count(data.path(), "SELECT count(*) FROM events"), 2);
}
