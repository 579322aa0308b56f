//! Purging personal data, wherever the store keeps it.

use model::machine::Actor;

use super::*;
use crate::domain::transition::{Action, PromisedMinutes, Transition};
use crate::samples::NOW_MS;
use crate::store::{StaffOutcome, StaffTransition};

/// All texts in the store that may contain personal data.
fn all_texts(data: &Path) -> String {
    let db = Connection::open(data.join("tiffin.db")).unwrap();
    let mut all = String::new();
    for sql in [
        "SELECT concat_ws(' ', customer_name, customer_phone, delivery_address, notes) FROM orders",
        "SELECT CAST(answer AS TEXT) FROM placements",
        "SELECT CAST(answer AS TEXT) FROM staff_requests",
        "SELECT concat_ws(' ', reason, payload) FROM events",
    ] {
        let mut statement = db.prepare(sql).unwrap();
        let rows = statement.query_map([], |row| row.get::<_, String>(0));
        all.extend(rows.unwrap().map(Result::unwrap));
    }
    all
}

fn acceptance(token: &str) -> StaffTransition {
    StaffTransition {
        key: "transition-1".to_owned(),
        fingerprint: body("accept"),
        restaurant: SHOP.to_owned(),
        account: 7,
        token: token.to_owned(),
        version: 1,
        transition: Transition {
            actor: Actor::Staff,
            action: Action::Accept(Some(PromisedMinutes::parse(30).unwrap())),
        },
        at_ms: NOW_MS + 1_000,
    }
}

#[tokio::test]
async fn personal_data_is_purged_everywhere_and_what_was_sold_stays() {
    let data = tempfile::tempdir().unwrap();
    let store = SqliteStore::open(data.path()).unwrap();
    let placement = store.place_order(KEY, body("a"), new_order(SHOP)).await;
    let before = order_in(&placed(placement.unwrap()));
    let accepted = store.transition_by_staff(acceptance(&before.token)).await;
    assert!(matches!(accepted.unwrap(), StaffOutcome::Done(_)));
    let personal = [
        before.customer_name.clone(),
        before.delivery_address.clone().unwrap(),
        before.notes.clone(),
    ];
    for text in &personal {
        assert!(!text.is_empty() && all_texts(data.path()).contains(text));
    }

    assert_eq!(store.purge_personal_data(NOW_MS).await.unwrap(), 0);
    assert!(all_texts(data.path()).contains(&personal[0]));
    assert_eq!(store.purge_personal_data(NOW_MS + 1).await.unwrap(), 1);
    assert_eq!(store.purge_personal_data(NOW_MS + 1).await.unwrap(), 0);
    let remaining = all_texts(data.path());
    for text in &personal {
        assert!(!remaining.contains(text), "{text} is still in {remaining}");
    }

    let order = store.order_by_token(&before.token).await.unwrap().unwrap();
    assert_eq!(order.customer_name, "");
    assert_eq!(order.delivery_address, None);
    assert_eq!((order.state, order.version), (OrderState::Accepted, 2));
    assert_eq!(order.lines, before.lines);
    assert_eq!(order.total_pence, before.total_pence);
    // Retries still find the order.
    let again = store.place_order(KEY, body("a"), new_order(SHOP)).await;
    let Placement::Replayed(response) = again.unwrap() else {
        panic!("the key of the order is gone");
    };
    let replayed = order_in(&response);
    assert_eq!(
        (replayed.token, replayed.number),
        (before.token.clone(), before.number)
    );
    let again = store.transition_by_staff(acceptance(&before.token)).await;
    let StaffOutcome::Replayed(response) = again.unwrap() else {
        panic!("the key of the transition is gone");
    };
    let replayed: Order = serde_json::from_slice(&response).unwrap();
    assert_eq!(replayed.state, OrderState::Accepted);
}

#[tokio::test]
async fn an_order_for_later_keeps_personal_data_until_its_slot_has_ended() {
    let data = tempfile::tempdir().unwrap();
    let store = SqliteStore::open(data.path()).unwrap();
    let placement = store.place_order(KEY, body("a"), new_order(SHOP)).await;
    placed(placement.unwrap());
    let ends_ms = NOW_MS + 86_400_000;
    tamper(
        data.path(),
        &format!("UPDATE orders SET slot_start_ms = {ends_ms} - 900000, slot_end_ms = {ends_ms}"),
    );
    assert_eq!(store.purge_personal_data(ends_ms).await.unwrap(), 0);
    assert_eq!(store.purge_personal_data(ends_ms + 1).await.unwrap(), 1);
}
