//! One history for each violation of staff transitions.

use model::Problem;
use model::machine::Actor;
use model::order::{Order, OrderState};
use model::problem::Code;

use super::order_violations::names_of_violations;
use super::reference::{ReferenceSystem, json};
use super::reference_staff::transition_invocation;
use crate::chaos::history::{Invocation, Operation, Outcome, Record};
use crate::chaos::store_snapshot::StoredStaffRequest;

/// One order, accepted and prepared by staff; one transition was overtaken, and one was repeated.
fn prepared_order() -> ReferenceSystem {
    let mut system = ReferenceSystem::default();
    system.place(0);
    system.execute_transition(0, OrderState::Accepted);
    system.execute_transition(0, OrderState::Preparing);
    system.refuse_transition(0, 1);
    system.read(0);
    system.repeat_transition(0, 1);
    assert_eq!(names_of_violations(&system), [""; 0]);
    system
}

/// Returns the order as it was at this version.
fn order_at_version(system: &ReferenceSystem, version: u32) -> Order {
    let mut order = system.by_key(0).unwrap();
    order.version = version;
    order.history.truncate(version as usize);
    order.state = order.history.last().unwrap().state;
    order
}

fn last_body(system: &mut ReferenceSystem) -> &mut String {
    match system.records.last_mut() {
        Some(Record::Operation(Operation {
            outcome: Outcome::Response(response),
            ..
        })) => &mut response.body,
        other => panic!("{other:?}"),
    }
}

#[test]
fn an_acknowledged_transition_is_not_in_the_log() {
    let mut system = prepared_order();
    let before = system.store.clone();
    system.execute_transition(0, OrderState::Ready);
    system.store.orders = before.orders;
    system.store.events = before.events;
    assert_eq!(
        names_of_violations(&system),
        ["acknowledged transition missing"]
    );
}

#[test]
fn an_acknowledged_transition_led_to_another_state() {
    let mut system = prepared_order();
    let read = order_at_version(&system, 3);
    system.execute_transition(0, OrderState::Ready);
    let Some(Record::Operation(operation)) = system.records.last_mut() else {
        panic!("it is an operation");
    };
    let key = "transition-token-1-3";
    operation.invocation = transition_invocation(key, &read, OrderState::Cancelled);
    // The executed transition is then one that no client requested.
    assert_eq!(
        names_of_violations(&system),
        ["acknowledged transition missing", "unrequested transition"]
    );
}

#[test]
fn a_transition_is_stored_without_its_key() {
    let mut system = prepared_order();
    system.store.staff_requests.pop();
    assert_eq!(names_of_violations(&system), ["transition without its key"]);
}

#[test]
fn two_transitions_from_one_version_are_acknowledged() {
    let mut system = prepared_order();
    let now = json(&system.by_key(0).unwrap());
    let invocation = transition_invocation(
        "another-key",
        &order_at_version(&system, 2),
        OrderState::Preparing,
    );
    system.respond(invocation, 200, now.clone());
    system.store.staff_requests.push(StoredStaffRequest {
        key: "another-key".to_owned(),
        response: now,
    });
    assert_eq!(
        names_of_violations(&system),
        ["two transitions from one version"]
    );
}

#[test]
fn a_repeated_transition_is_answered_differently() {
    let mut system = prepared_order();
    last_body(&mut system).push(' ');
    assert_eq!(
        names_of_violations(&system),
        ["repeats of a transition answered differently"]
    );
    let mut system = prepared_order();
    system.store.staff_requests[1].response.push(' ');
    assert_eq!(
        names_of_violations(&system),
        ["repeats of a transition answered differently"]
    );
}

#[test]
fn a_transition_was_executed_and_its_repeat_is_refused() {
    let mut system = prepared_order();
    let mut problem = Problem::new(Code::OrderConflict, "", "");
    problem.order = system.by_key(0).map(Box::new);
    let invocation = transition_invocation(
        "transition-token-1-1",
        &order_at_version(&system, 1),
        OrderState::Accepted,
    );
    system.respond(invocation, 409, json(&problem));
    assert_eq!(
        names_of_violations(&system),
        ["transition refused and executed"]
    );
}

#[test]
fn a_transition_is_refused_without_a_conflict() {
    let mut system = prepared_order();
    system.refuse_transition(0, 3);
    assert_eq!(
        names_of_violations(&system),
        ["transition refused without a conflict"]
    );
}

#[test]
fn a_transition_is_never_answered() {
    let mut system = prepared_order();
    let invocation = transition_invocation(
        "another-key",
        &order_at_version(&system, 3),
        OrderState::Ready,
    );
    system.refuse_with(invocation, Code::Unavailable);
    assert_eq!(
        names_of_violations(&system),
        ["transition retried without a response"]
    );
}

#[test]
fn an_order_moves_without_a_request() {
    let mut system = prepared_order();
    system.append_event(0, OrderState::Ready);
    assert_eq!(names_of_violations(&system), ["unrequested transition"]);
    let mut system = prepared_order();
    system.place(1);
    system.cancel(1);
    system.records.pop();
    // In the log it is a cancellation by the customer.
    system.store.events.last_mut().unwrap().actor = Actor::Customer;
    assert_eq!(names_of_violations(&system), ["unrequested transition"]);
}

#[test]
fn an_order_goes_back_behind_a_transition() {
    let mut system = prepared_order();
    let records = &mut system.records;
    let read = records
        .iter()
        .rposition(|record| json(record).contains("\"read\""));
    records.remove(read.unwrap());
    let earlier = order_at_version(&system, 2);
    let token = earlier.token.clone();
    system.respond(Invocation::Read { token }, 200, json(&earlier));
    assert_eq!(names_of_violations(&system), ["version went back"]);
}

#[test]
fn an_open_order_is_denied() {
    let mut system = prepared_order();
    let invocation = transition_invocation(
        "another-key",
        &order_at_version(&system, 3),
        OrderState::Ready,
    );
    system.refuse_with(invocation, Code::NotFound);
    assert!(names_of_violations(&system).contains(&"denied after acknowledgement"));
}
