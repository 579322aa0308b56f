//! One history for each violation of orders, reads and responses.

use model::order::OrderState;
use model::problem::Code;
use model::{Pence, Problem};

use super::reference::{ReferenceSystem, json, key};
use crate::chaos::checker::check;
use crate::chaos::fault_kind::FaultKind;
use crate::chaos::history::{Fault, Invocation, KeyClosure, Outcome, Record};

/// Checks the system and returns the names of the violations.
pub fn names_of_violations(system: &ReferenceSystem) -> Vec<&'static str> {
    let mut names: Vec<&str> = check(&system.records, &system.store)
        .violations
        .iter()
        .map(|violation| {
            assert!(!violation.to_string().is_empty());
            violation.name()
        })
        .collect();
    names.dedup();
    names
}

/// Two orders; the second was read and then cancelled.
pub fn two_orders() -> ReferenceSystem {
    let mut system = ReferenceSystem::default();
    system.place(0);
    system.place(1);
    system.place(1);
    system.read(1);
    system.cancel(1);
    system.find(1);
    assert_eq!(names_of_violations(&system), [""; 0]);
    system
}

#[test]
fn an_acknowledged_order_is_not_in_the_store() {
    let mut system = two_orders();
    system.store.orders.pop();
    system.store.placements.pop();
    system.store.events.retain(|event| event.order_id == 1);
    assert_eq!(names_of_violations(&system), ["acknowledged order missing"]);
}

#[test]
fn a_key_has_two_orders_in_the_store() {
    let mut system = two_orders();
    system.place(2);
    // The second order of key 0 has no placement of its own.
    system.store.orders[2].notes = key(0);
    system
        .records
        .retain(|record| !json(record).contains(&key(2)));
    assert_eq!(names_of_violations(&system), ["duplicate order"]);
}

#[test]
fn repeats_are_answered_with_two_orders() {
    let mut system = two_orders();
    let mut other = system.by_key(0).unwrap();
    other.token = "token-9".to_owned();
    system.respond(ReferenceSystem::placement(&key(0)), 201, json(&other));
    assert_eq!(names_of_violations(&system), ["duplicate order"]);
}

#[test]
fn repeats_are_answered_with_other_bytes() {
    let mut system = two_orders();
    let current = system.by_key(1).unwrap();
    system.respond(ReferenceSystem::placement(&key(1)), 201, json(&current));
    assert_eq!(
        names_of_violations(&system),
        ["repeats answered differently"]
    );
}

#[test]
fn an_order_is_denied_after_it_was_acknowledged() {
    let mut system = two_orders();
    system.refuse_with(Invocation::FindByKey { key: key(0) }, Code::NotPlaced);
    assert_eq!(
        names_of_violations(&system),
        ["denied after acknowledgement"]
    );
    let mut system = two_orders();
    let token = "token-1".to_owned();
    system.refuse_with(Invocation::Read { token }, Code::NotFound);
    assert_eq!(
        names_of_violations(&system),
        ["denied after acknowledgement"]
    );
}

#[test]
fn an_order_is_in_the_store_without_its_key() {
    let mut system = ReferenceSystem::default();
    system.place_with_lost_response(0);
    system.store.placements.clear();
    assert_eq!(names_of_violations(&system), ["order without its key"]);
}

#[test]
fn an_order_is_stored_that_no_client_placed() {
    let mut system = two_orders();
    system.place(2);
    system
        .records
        .retain(|record| !json(record).contains(&key(2)));
    assert_eq!(names_of_violations(&system), ["unrequested order"]);
}

#[test]
fn retries_never_succeed() {
    let mut system = two_orders();
    system.refuse_with(ReferenceSystem::placement(&key(2)), Code::Unavailable);
    system.records.push(Record::KeyClosed(KeyClosure {
        client: 1,
        at_us: 1_000,
        key: key(2),
        must_be_placed: true,
    }));
    assert_eq!(names_of_violations(&system), ["retried without success"]);
}

#[test]
fn a_total_is_not_the_agreed_one_or_does_not_add_up() {
    type Wrong = fn(&mut crate::chaos::history::PriceBreakdown);
    let wrongs: [Wrong; 5] = [
        |price| {
            price.delivery_fee_pence = Pence(300);
            price.total_pence = Pence(1_500);
        },
        |price| price.total_pence = Pence(1_351),
        |price| price.goods_pence = Pence(1_199),
        |price| price.lines[0].unit_pence = Pence(599),
        |price| price.vat_pence = Pence(270),
    ];
    for wrong in wrongs {
        let mut system = two_orders();
        wrong(&mut system.store.orders[0].price);
        assert_eq!(names_of_violations(&system), ["wrong total"]);
    }
}

#[test]
fn an_order_makes_an_illegal_transition() {
    let mut system = two_orders();
    system.append_event(1, OrderState::Accepted);
    assert_eq!(names_of_violations(&system), ["illegal transition"]);
    let mut system = two_orders();
    system.append_event(0, OrderState::OutForDelivery);
    assert_eq!(names_of_violations(&system), ["illegal transition"]);
}

#[test]
fn an_order_goes_back_between_two_reads() {
    let mut system = two_orders();
    let mut earlier = system.by_key(1).unwrap();
    earlier.version = 1;
    earlier.state = OrderState::Placed;
    earlier.history.pop();
    let token = earlier.token.clone();
    system.respond(Invocation::Read { token }, 200, json(&earlier));
    assert_eq!(names_of_violations(&system), ["version went back"]);
}

#[test]
fn a_client_reads_a_state_that_the_log_does_not_have() {
    let mut system = two_orders();
    let before = system.store.clone();
    system.cancel(0);
    system.store = before;
    assert_eq!(names_of_violations(&system), ["states not in the log"]);
}

#[test]
fn row_and_log_differ() {
    let mut system = two_orders();
    system.store.orders[0].state = OrderState::Accepted;
    assert_eq!(names_of_violations(&system), ["row differs from the log"]);
}

#[test]
fn the_log_has_a_gap() {
    let mut system = two_orders();
    system.store.events.last_mut().unwrap().sequence += 1;
    assert_eq!(names_of_violations(&system), ["gap in the log"]);
}

#[test]
fn an_order_number_is_repeated_or_skipped() {
    for number in [1, 3] {
        let mut system = two_orders();
        system.store.orders[1].number = number;
        assert_eq!(names_of_violations(&system), ["gap in the order numbers"]);
    }
}

#[test]
fn a_customer_gets_no_response() {
    let broken = || Outcome::ConnectionError {
        reason: "connection reset".to_owned(),
    };
    for outcome in [Outcome::TimedOut, broken()] {
        let mut system = two_orders();
        system.record_operation(Invocation::Quote, outcome);
        assert_eq!(names_of_violations(&system), ["no response"]);
    }
    let mut system = two_orders();
    system.record_operation(Invocation::Quote, broken());
    if let Some(Record::Operation(operation)) = system.records.last_mut() {
        operation.faulty_link = true;
    }
    system.record_operation(ReferenceSystem::placement(&key(0)), Outcome::Abandoned);
    assert_eq!(names_of_violations(&system), [""; 0]);
}

#[test]
fn a_timeout_is_excused_while_the_front_end_server_is_hung() {
    // How many of fifteen seconds which server is hung, and whether that excuses the timeout.
    for (hung_s, server, excused) in [(4, 1, true), (2, 1, false), (15, 2, false)] {
        let mut system = two_orders();
        system.record_operation(Invocation::Quote, Outcome::TimedOut);
        let Some(Record::Operation(operation)) = system.records.last_mut() else {
            panic!("it is an operation");
        };
        operation.completed_us = operation.invoked_us + 15_000_000;
        let began_us = operation.invoked_us;
        let fault = Record::Fault(Fault {
            kind: FaultKind::HangServer.to_string(),
            target: format!("server-{server}"),
            began_us,
            ended_us: began_us + hung_s * 1_000_000,
            evidence: None,
        });
        system.records.push(fault);
        assert_eq!(
            names_of_violations(&system).is_empty(),
            excused,
            "{hung_s} {server}"
        );
    }
}

#[test]
fn a_connection_error_is_excused_only_while_that_front_end_server_is_down() {
    let killed = FaultKind::KillServer.to_string();
    // Kind and target of the fault, its begin and end relative to the request, and whether it excuses the error.
    for (kind, target, began, ended, excused) in [
        (killed.as_str(), "server-1", -20, 2, true),
        (&killed, "server-1", 2, 20, true),
        (&killed, "server-2", -20, 20, false),
        (&killed, "server-1", -30, -20, false),
        (&killed, "server-1", 20, 30, false),
        ("front-end server hung", "server-1", -20, 20, false),
    ] {
        let mut system = two_orders();
        let reason = "connection reset".to_owned();
        system.record_operation(Invocation::Quote, Outcome::ConnectionError { reason });
        let Some(Record::Operation(operation)) = system.records.last() else {
            panic!("it is an operation");
        };
        let at = |offset: i64| operation.invoked_us.strict_add_signed(offset);
        let fault = Record::Fault(Fault {
            kind: kind.to_owned(),
            target: target.to_owned(),
            began_us: at(began),
            ended_us: at(ended),
            evidence: None,
        });
        system.records.push(fault);
        let expected: &[&str] = if excused { &[] } else { &["no response"] };
        assert_eq!(
            names_of_violations(&system),
            expected,
            "{target} {began} {ended}"
        );
    }
}

#[test]
fn a_customer_gets_an_undocumented_response() {
    let internal = json(&Problem::new(Code::Internal, "", ""));
    let reused = json(&Problem::new(Code::IdempotencyKeyReused, "", ""));
    let unkeyed = json(&Problem::new(Code::IdempotencyKeyRequired, "", ""));
    for (status, body) in [
        (500, internal.as_str()),
        (422, &reused),
        (503, "<h1>Service Unavailable</h1>"),
        (201, "{}"),
        (503, &internal),
        (400, &unkeyed),
    ] {
        let mut system = two_orders();
        system.respond(ReferenceSystem::placement(&key(0)), status, body.to_owned());
        assert_eq!(
            names_of_violations(&system),
            ["unexpected response"],
            "{status} {body}"
        );
    }
}

#[test]
fn a_cancellation_is_answered_with_an_order_that_is_not_cancelled() {
    let mut system = two_orders();
    let order = system.by_key(0).unwrap();
    let token = order.token.clone();
    system.respond(Invocation::Cancel { token }, 200, json(&order));
    assert_eq!(names_of_violations(&system), ["unexpected response"]);
}
