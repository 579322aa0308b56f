//! One history for each violation of event streams.

use model::order::OrderState;
use model::problem::Code;

use super::order_violations::{names_of_violations, two_orders};
use super::reference::{ReferenceSystem, json};
use crate::chaos::history::{Invocation, ReceivedEvent, Record};

/// An order with a subscriber, accepted and prepared.
fn subscribed_order() -> ReferenceSystem {
    let mut system = ReferenceSystem::default();
    system.place(0);
    system.subscribe(0);
    system.append_event(0, OrderState::Accepted);
    system.execute_transition(0, OrderState::Preparing);
    system.end_subscriptions();
    assert_eq!(names_of_violations(&system), [""; 0]);
    system
}

/// Returns the record of the event with this version, and its index.
fn received_event(system: &ReferenceSystem, version: u32) -> (usize, ReceivedEvent) {
    let mut all = system.records.iter().enumerate();
    all.find_map(|(index, record)| match record {
        Record::EventReceived(event) if event.version == version => Some((index, event.clone())),
        _ => None,
    })
    .expect("it was received")
}

#[test]
fn an_event_is_received_twice() {
    for version in [1, 3] {
        let mut system = subscribed_order();
        system.receive(0, version);
        assert_eq!(names_of_violations(&system), ["event repeated"]);
    }
}

#[test]
fn an_event_is_skipped() {
    for version in [1, 2] {
        let mut system = subscribed_order();
        let (index, _) = received_event(&system, version);
        system.records.remove(index);
        assert_eq!(names_of_violations(&system), ["event skipped"]);
    }
}

#[test]
fn events_are_received_out_of_order() {
    let mut system = subscribed_order();
    let (one, _) = received_event(&system, 2);
    let (other, _) = received_event(&system, 3);
    system.records.swap(one, other);
    assert_eq!(names_of_violations(&system), ["event out of order"]);
}

#[test]
fn an_event_is_received_that_the_log_does_not_have() {
    type Wrong = fn(&mut ReceivedEvent);
    let wrongs: [Wrong; 3] = [
        |event| event.sequence += 1,
        |event| event.state = OrderState::Ready,
        |event| event.version += 1,
    ];
    for wrong in wrongs {
        let mut system = subscribed_order();
        let (index, mut event) = received_event(&system, 3);
        wrong(&mut event);
        system.records[index] = Record::EventReceived(event);
        assert!(names_of_violations(&system).contains(&"event not in the log"));
    }
}

#[test]
fn the_last_event_is_never_received() {
    let mut system = subscribed_order();
    let (index, _) = received_event(&system, 3);
    system.records.remove(index);
    assert_eq!(names_of_violations(&system), ["event never received"]);
}

#[test]
fn no_event_is_ever_received() {
    let mut system = subscribed_order();
    system
        .records
        .retain(|record| !matches!(record, Record::EventReceived(_)));
    assert_eq!(names_of_violations(&system), ["event never received"]);
}

#[test]
fn an_acknowledged_order_has_no_event_stream() {
    let mut system = two_orders();
    let invocation = Invocation::Subscribe {
        token: "token-1".to_owned(),
        after: None,
    };
    system.refuse_with(invocation, Code::NotFound);
    assert_eq!(
        names_of_violations(&system),
        ["denied after acknowledgement"]
    );
}

#[test]
fn an_order_goes_back_behind_its_events() {
    let mut system = subscribed_order();
    let mut earlier = system.by_key(0).unwrap();
    earlier.version = 1;
    earlier.state = OrderState::Placed;
    earlier.history.truncate(1);
    let token = earlier.token.clone();
    system.respond(Invocation::Read { token }, 200, json(&earlier));
    assert_eq!(names_of_violations(&system), ["version went back"]);
}
