use model::restaurant::Fulfilment;

use super::*;
use crate::domain::local_time::MINUTE_MS;
use crate::samples::{NOW_MS, new_order};

fn order(state: OrderState) -> Order {
    let mut order = new_order("the-copper-pan").into_order("token".to_owned(), 1);
    order.state = state;
    order
}

fn staff(action: Action) -> Transition {
    Transition {
        actor: Actor::Staff,
        action,
    }
}

#[test]
fn accepting_with_minutes_moves_the_promised_time() {
    let transition = staff(Action::Accept(Some(PromisedMinutes::parse(25).unwrap())));
    let effect = transition
        .effect_on(&order(OrderState::Placed), NOW_MS)
        .unwrap();
    assert_eq!(
        (effect.to, effect.minutes),
        (OrderState::Accepted, Some(25))
    );
    let expected = effect.expected.unwrap();
    assert_eq!(expected.start_ms, NOW_MS + 25 * MINUTE_MS);
    assert_eq!(expected.end_ms, NOW_MS + 40 * MINUTE_MS);
}

#[test]
fn staff_need_minutes_to_accept_unless_the_customer_chose_a_time() {
    let without_minutes = Action::Accept(None);
    let mut placed = order(OrderState::Placed);
    let Err(TransitionError::Invalid(error)) =
        staff(without_minutes.clone()).effect_on(&placed, NOW_MS)
    else {
        panic!("accepted without minutes");
    };
    assert_eq!(error.field, "minutes");
    let system = Transition {
        actor: Actor::System,
        action: without_minutes.clone(),
    };
    assert_eq!(system.effect_on(&placed, NOW_MS).unwrap().expected, None);
    placed.slot = placed.expected;
    assert_eq!(
        staff(without_minutes)
            .effect_on(&placed, NOW_MS)
            .unwrap()
            .expected,
        None
    );
}

#[test]
fn a_transition_outside_the_state_machine_is_a_conflict() {
    for (state, action) in [
        (OrderState::Placed, Action::Prepare),
        (OrderState::Ready, Action::Complete),
        (OrderState::Cancelled, Action::Accept(None)),
        (OrderState::Placed, Action::Expire),
    ] {
        let transition = staff(action);
        assert_eq!(
            transition.effect_on(&order(state), NOW_MS),
            Err(TransitionError::Conflict)
        );
    }
}

#[test]
fn the_reason_of_a_failure_depends_on_the_state_before() {
    let mut ready = order(OrderState::Ready);
    ready.fulfilment = Fulfilment::Collection;
    for (order, reason) in [
        (ready, "no_show"),
        (order(OrderState::OutForDelivery), "undeliverable"),
    ] {
        let effect = staff(Action::Fail).effect_on(&order, NOW_MS).unwrap();
        assert_eq!(effect.reason, Some(reason));
    }
}

#[test]
fn minutes_and_messages_have_bounds() {
    assert!(PromisedMinutes::parse(0).is_err() && PromisedMinutes::parse(241).is_err());
    assert!(PromisedMinutes::parse(1).is_ok() && PromisedMinutes::parse(240).is_ok());
    assert_eq!(
        CustomerMessage::parse("  Out of\n lamb ").unwrap(),
        CustomerMessage("Out of lamb".to_owned())
    );
    for bad in [" \n", "\u{202e}evil", &"x".repeat(201)] {
        assert!(CustomerMessage::parse(bad).is_err(), "{bad}");
    }
}
