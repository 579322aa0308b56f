//! Staff move an order: once for each key, and only as they have seen it.

use std::sync::Arc;

use bytes::Bytes;
use model::machine::Actor;
use model::order::PaymentState;
use model::staff::RejectionReason;

use super::*;
use crate::domain::transition::{Action, CustomerMessage, PromisedMinutes, Transition};
use crate::store::{StaffOutcome, StaffTransition};

fn wish(key: &str, token: &str, version: u32, action: Action) -> StaffTransition {
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
async fn a_whole_life_is_in_the_log_with_who_when_and_what_else() {
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
        let stepped = store.transition_by_staff(wish(&key, &token, version, action));
        let StaffOutcome::Done(answer) = stepped.await.unwrap() else {
            panic!("step {version} was not taken");
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
    let paid =
        "SELECT count(*) FROM payments WHERE method = 'on_delivery' AND from_state = 'unpaid'
                AND to_state = 'captured' AND amount_pence = 2650 + 149";
    assert_eq!(count(data.path(), paid), 1);
    let as_before = "SELECT count(*) FROM orders WHERE payment = 'unpaid'";
    assert_eq!(
        count(data.path(), as_before),
        1,
        "what the version before can read"
    );
    assert_eq!(order.expected.unwrap().start_ms, 1_000 + 30 * 60_000);
    let told = "SELECT count(*) FROM events WHERE sequence = 2 AND actor = 'staff' AND from_state = 'placed'
                AND to_state = 'accepted' AND at_ms = 1000 AND payload ->> 'minutes' = 30 AND payload ->> 'account' = 7";
    assert_eq!(count(data.path(), told), 1);
}

#[tokio::test]
async fn a_repeat_gets_the_saved_answer_and_the_key_serves_nothing_else() {
    let data = tempfile::tempdir().unwrap();
    let store = SqliteStore::open(data.path()).unwrap();
    let token = one_order(&store).await;
    let accepting = wish("one", &token, 1, accept());
    let StaffOutcome::Done(first) = store.transition_by_staff(accepting.clone()).await.unwrap()
    else {
        panic!("not accepted");
    };
    let preparing = wish("two", &token, 2, Action::Prepare);
    store.transition_by_staff(preparing).await.unwrap();

    let again = store.transition_by_staff(accepting).await.unwrap();
    assert_eq!(again, StaffOutcome::Replayed(first));
    let other = wish("one", &token, 3, Action::MakeReady);
    assert_eq!(
        store.transition_by_staff(other).await.unwrap(),
        StaffOutcome::KeyReused
    );
    let mut elsewhere = wish("one", &token, 3, Action::MakeReady);
    elsewhere.restaurant = "another-shop".to_owned();
    assert_eq!(
        store.transition_by_staff(elsewhere).await.unwrap(),
        StaffOutcome::NotFound,
        "another restaurant's keys are its own, and its orders are not ours"
    );
    assert_eq!(count(data.path(), "SELECT count(*) FROM events"), 3);
}

#[tokio::test]
async fn what_was_not_seen_or_is_not_allowed_is_a_conflict_that_changes_nothing() {
    let data = tempfile::tempdir().unwrap();
    let store = SqliteStore::open(data.path()).unwrap();
    let token = one_order(&store).await;
    for refused in [
        wish("one", &token, 2, accept()),
        wish("two", &token, 1, Action::Complete),
    ] {
        let StaffOutcome::Conflict(order) = store.transition_by_staff(refused).await.unwrap()
        else {
            panic!("no conflict");
        };
        assert_eq!((order.state, order.version), (OrderState::Placed, 1));
    }
    let without = wish("one", &token, 1, Action::Accept(None));
    assert!(matches!(
        store.transition_by_staff(without).await.unwrap(),
        StaffOutcome::Invalid(_)
    ));
    assert_eq!(
        store
            .transition_by_staff(wish("one", "nobody's", 1, accept()))
            .await
            .unwrap(),
        StaffOutcome::NotFound
    );
    assert_eq!(count(data.path(), "SELECT count(*) FROM events"), 1);
    // The key was left free.
    let accepted = store
        .transition_by_staff(wish("one", &token, 1, accept()))
        .await;
    assert!(matches!(accepted.unwrap(), StaffOutcome::Done(_)));
}

#[tokio::test]
async fn a_customer_reads_the_reason() {
    let data = tempfile::tempdir().unwrap();
    let store = SqliteStore::open(data.path()).unwrap();
    for (index, words, shown) in [(1, None, "busy"), (2, Some("Oven broke."), "Oven broke.")] {
        let key = format!("key-{index}");
        let placement = store.place_order(&key, body(&key), new_order(SHOP)).await;
        let token = placed(placement.unwrap()).token;
        let words = words.map(|words| CustomerMessage::parse(words).unwrap());
        let reject = Action::Reject(RejectionReason::Busy, words);
        store
            .transition_by_staff(wish(&key, &token, 1, reject))
            .await
            .unwrap();
        let order = store.order_by_token(&token).await.unwrap().unwrap();
        assert_eq!(order.history[1].reason.as_deref(), Some(shown));
    }
    let coded = "SELECT count(*) FROM events WHERE reason = 'busy'";
    assert_eq!(count(data.path(), coded), 2);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn of_many_who_saw_the_same_order_one_moves_it() {
    let data = tempfile::tempdir().unwrap();
    let replicas: Vec<_> = (0..3)
        .map(|_| Arc::new(SqliteStore::open(data.path()).unwrap()))
        .collect();
    let token = one_order(&replicas[0]).await;
    let moving: Vec<_> = (0..30)
        .map(|index| {
            let store = Arc::clone(&replicas[index % 3]);
            let action = [
                accept(),
                Action::Reject(RejectionReason::Busy, None),
                Action::Cancel(Some(CustomerMessage::parse("Closed").unwrap())),
            ][index / 3 % 3]
                .clone();
            let wish = wish(&format!("key-{index}"), &token, 1, action);
            tokio::spawn(async move { store.transition_by_staff(wish).await.unwrap() })
        })
        .collect();
    let mut moved = 0;
    for task in moving {
        match task.await.unwrap() {
            StaffOutcome::Done(_) => moved += 1,
            StaffOutcome::Conflict(order) => assert_eq!(order.version, 2),
            other => panic!("{other:?}"),
        }
    }
    assert_eq!(moved, 1);
    assert_eq!(count(data.path(), "SELECT count(*) FROM events"), 2);
}
