use model::restaurant::Fulfilment;

use super::*;
use crate::samples::{NOW_MS, new_order};

fn order(state: OrderState) -> Order {
    let mut order = new_order("the-copper-pan").into_order("token".to_owned(), 1);
    order.state = state;
    order
}

fn staff(action: Action) -> Step {
    Step {
        by: Actor::Staff,
        action,
    }
}

#[test]
fn accepting_with_minutes_moves_the_promise() {
    let step = staff(Action::Accept(Some(Minutes::parse(25).unwrap())));
    let change = step.on(&order(OrderState::Placed), NOW_MS).unwrap();
    assert_eq!(
        (change.to, change.minutes),
        (OrderState::Accepted, Some(25))
    );
    let expected = change.expected.unwrap();
    assert_eq!(expected.start_ms, NOW_MS + 25 * MINUTE_MS);
    assert_eq!(expected.end_ms, NOW_MS + 40 * MINUTE_MS);
}

#[test]
fn an_order_for_a_chosen_time_is_accepted_without_minutes_and_no_other_by_staff() {
    let bare = Action::Accept(None);
    let mut placed = order(OrderState::Placed);
    let Err(NotTaken::Invalid(error)) = staff(bare.clone()).on(&placed, NOW_MS) else {
        panic!("accepted without a time");
    };
    assert_eq!(error.field, "minutes");
    let system = Step {
        by: Actor::System,
        action: bare.clone(),
    };
    assert_eq!(system.on(&placed, NOW_MS).unwrap().expected, None);
    placed.slot = placed.expected;
    assert_eq!(staff(bare).on(&placed, NOW_MS).unwrap().expected, None);
}

#[test]
fn what_the_machine_refuses_is_a_conflict() {
    for (state, action) in [
        (OrderState::Placed, Action::Prepare),
        (OrderState::Ready, Action::Complete),
        (OrderState::Cancelled, Action::Accept(None)),
        (OrderState::Placed, Action::Expire),
    ] {
        let step = staff(action);
        assert_eq!(step.on(&order(state), NOW_MS), Err(NotTaken::Conflict));
    }
}

#[test]
fn a_failure_is_named_by_where_the_food_was() {
    let mut ready = order(OrderState::Ready);
    ready.fulfilment = Fulfilment::Collection;
    for (order, reason) in [
        (ready, "no_show"),
        (order(OrderState::OutForDelivery), "undeliverable"),
    ] {
        let change = staff(Action::Fail).on(&order, NOW_MS).unwrap();
        assert_eq!(change.reason, Some(reason));
    }
}

#[test]
fn minutes_and_words_have_bounds() {
    assert!(Minutes::parse(0).is_err() && Minutes::parse(241).is_err());
    assert!(Minutes::parse(1).is_ok() && Minutes::parse(240).is_ok());
    assert_eq!(
        Words::parse("  Out of\n lamb ").unwrap(),
        Words("Out of lamb".to_owned())
    );
    for bad in [" \n", "\u{202e}evil", &"x".repeat(201)] {
        assert!(Words::parse(bad).is_err(), "{bad}");
    }
}
