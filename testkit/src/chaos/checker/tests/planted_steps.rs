//! One history for each thing that can be wrong with the steps of staff.

use model::Problem;
use model::machine::Actor;
use model::order::{Order, OrderState};
use model::problem::Code;

use super::planted::found;
use super::tablets::stepping;
use super::world::{World, json};
use crate::chaos::history::{Ask, Exchange, Outcome, Record};
use crate::chaos::stored::StoredStep;

/// One order, accepted and begun by staff; a tablet was late, and a step was repeated when it was old.
fn cooked() -> World {
    let mut world = World::default();
    world.place(0);
    world.step(0, OrderState::Accepted);
    world.step(0, OrderState::Preparing);
    world.overtaken(0, 1);
    world.read(0);
    world.repeat_step(0, 1);
    assert_eq!(found(&world), [""; 0]);
    world
}

/// The order as it was at this version.
fn seen(world: &World, version: u32) -> Order {
    let mut order = world.by_key(0).unwrap();
    order.version = version;
    order.history.truncate(version as usize);
    order.state = order.history.last().unwrap().state;
    order
}

fn last_answer(world: &mut World) -> &mut String {
    match world.records.last_mut() {
        Some(Record::Exchange(Exchange {
            outcome: Outcome::Answered(answer),
            ..
        })) => &mut answer.body,
        other => panic!("{other:?}"),
    }
}

#[test]
fn an_acknowledged_step_is_not_in_the_log() {
    let mut world = cooked();
    let before = world.stored.clone();
    world.step(0, OrderState::Ready);
    world.stored.orders = before.orders;
    world.stored.events = before.events;
    assert_eq!(found(&world), ["acknowledged step is missing"]);
}

#[test]
fn an_acknowledged_step_led_elsewhere() {
    let mut world = cooked();
    let wanted = seen(&world, 3);
    world.step(0, OrderState::Ready);
    let Some(Record::Exchange(exchange)) = world.records.last_mut() else {
        panic!("it was told");
    };
    let key = "step-token-1-3";
    exchange.ask = stepping(key, &wanted, OrderState::Cancelled);
    // What happened is also what nobody wanted.
    assert_eq!(
        found(&world),
        ["acknowledged step is missing", "step that nobody wanted"]
    );
}

#[test]
fn a_step_is_kept_without_its_key() {
    let mut world = cooked();
    world.stored.steps.pop();
    assert_eq!(found(&world), ["step without its key"]);
}

#[test]
fn two_tablets_are_both_told_that_they_decided() {
    let mut world = cooked();
    let now = json(&world.by_key(0).unwrap());
    let ask = stepping("another-key", &seen(&world, 2), OrderState::Preparing);
    world.tell(ask, 200, now.clone());
    world.stored.steps.push(StoredStep {
        key: "another-key".to_owned(),
        answer: now,
    });
    assert_eq!(found(&world), ["two steps from one version"]);
}

#[test]
fn a_step_that_is_repeated_is_answered_otherwise() {
    let mut world = cooked();
    last_answer(&mut world).push(' ');
    assert_eq!(found(&world), ["answers differ between repeats of a step"]);
    let mut world = cooked();
    world.stored.steps[1].answer.push(' ');
    assert_eq!(found(&world), ["answers differ between repeats of a step"]);
}

#[test]
fn a_step_was_taken_and_its_repeat_is_refused() {
    let mut world = cooked();
    let mut problem = Problem::new(Code::OrderConflict, "", "");
    problem.order = world.by_key(0).map(Box::new);
    let ask = stepping("step-token-1-1", &seen(&world, 1), OrderState::Accepted);
    world.tell(ask, 409, json(&problem));
    assert_eq!(found(&world), ["step was refused and taken"]);
}

#[test]
fn a_step_is_refused_although_nobody_moved_the_order() {
    let mut world = cooked();
    world.overtaken(0, 3);
    assert_eq!(found(&world), ["step was refused for nothing"]);
}

#[test]
fn a_step_is_never_answered() {
    let mut world = cooked();
    let ask = stepping("another-key", &seen(&world, 3), OrderState::Ready);
    world.refused(ask, Code::Unavailable);
    assert_eq!(found(&world), ["step was repeated and never answered"]);
}

#[test]
fn an_order_moves_and_nobody_wanted_it() {
    let mut world = cooked();
    world.move_to(0, OrderState::Ready);
    assert_eq!(found(&world), ["step that nobody wanted"]);
    let mut world = cooked();
    world.place(1);
    world.cancel(1);
    world.records.pop();
    // The customer alone cancels without words; in the log it is theirs.
    world.stored.events.last_mut().unwrap().actor = Actor::Customer;
    assert_eq!(found(&world), ["step that nobody wanted"]);
}

#[test]
fn an_order_goes_back_behind_a_step() {
    let mut world = cooked();
    let records = &mut world.records;
    let read = records
        .iter()
        .rposition(|record| json(record).contains("\"read\""));
    records.remove(read.unwrap());
    let earlier = seen(&world, 2);
    let token = earlier.token.clone();
    world.tell(Ask::Read { token }, 200, json(&earlier));
    assert_eq!(found(&world), ["state went back"]);
}

#[test]
fn an_order_on_the_board_is_denied() {
    let mut world = cooked();
    let ask = stepping("another-key", &seen(&world, 3), OrderState::Ready);
    world.refused(ask, Code::NotFound);
    assert!(found(&world).contains(&"denied after it was acknowledged"));
}
