//! One history for each fault that there can be.

use model::order::OrderState;
use model::problem::Code;
use model::{Pence, Problem};

use super::world::{World, json, key};
use crate::chaos::checker::check;
use crate::chaos::history::{Ask, Ended, Fault, Outcome, Record};
use crate::chaos::plan::Kind;

pub fn found(world: &World) -> Vec<&'static str> {
    let mut names: Vec<&str> = check(&world.records, &world.stored)
        .findings
        .iter()
        .map(|finding| {
            assert!(!finding.to_string().is_empty());
            finding.name()
        })
        .collect();
    names.dedup();
    names
}

/// Two orders; the second was cancelled after it had been read.
pub fn eventful() -> World {
    let mut world = World::default();
    world.place(0);
    world.place(1);
    world.place(1);
    world.read(1);
    world.cancel(1);
    world.find(1);
    assert_eq!(found(&world), [""; 0]);
    world
}

#[test]
fn an_acknowledged_order_is_not_in_the_store() {
    let mut world = eventful();
    world.stored.orders.pop();
    world.stored.placements.pop();
    world.stored.events.retain(|event| event.order_id == 1);
    assert_eq!(found(&world), ["acknowledged and missing"]);
}

#[test]
fn a_key_has_two_orders_in_the_store() {
    let mut world = eventful();
    world.place(2);
    // Its row of the key went to the first one.
    world.stored.orders[2].notes = key(0);
    world
        .records
        .retain(|record| !json(record).contains(&key(2)));
    assert_eq!(found(&world), ["made twice"]);
}

#[test]
fn repeats_are_told_of_two_orders() {
    let mut world = eventful();
    let mut other = world.by_key(0).unwrap();
    other.token = "token-9".to_owned();
    world.tell(World::placing(&key(0)), 201, json(&other));
    assert_eq!(found(&world), ["made twice"]);
}

#[test]
fn repeats_are_answered_with_other_bytes() {
    let mut world = eventful();
    let now = world.by_key(1).unwrap();
    world.tell(World::placing(&key(1)), 201, json(&now));
    assert_eq!(found(&world), ["answers differ between repeats"]);
}

#[test]
fn an_order_is_denied_after_it_was_acknowledged() {
    let mut world = eventful();
    world.refused(Ask::FindByKey { key: key(0) }, Code::NotPlaced);
    assert_eq!(found(&world), ["denied after it was acknowledged"]);
    let mut world = eventful();
    let token = "token-1".to_owned();
    world.refused(Ask::Read { token }, Code::NotFound);
    assert_eq!(found(&world), ["denied after it was acknowledged"]);
}

#[test]
fn an_order_is_in_the_store_without_its_key() {
    let mut world = World::default();
    world.lose(0);
    world.stored.placements.clear();
    assert_eq!(found(&world), ["stored without its key"]);
}

#[test]
fn an_order_is_there_that_nobody_sent() {
    let mut world = eventful();
    world.place(2);
    world
        .records
        .retain(|record| !json(record).contains(&key(2)));
    assert_eq!(found(&world), ["made without being asked for"]);
}

#[test]
fn who_repeats_is_never_done() {
    let mut world = eventful();
    world.refused(World::placing(&key(2)), Code::Unavailable);
    world.records.push(Record::Ended(Ended {
        client: 1,
        at_us: 1_000,
        key: key(2),
        must_be_done: true,
    }));
    assert_eq!(found(&world), ["repeated and never done"]);
}

#[test]
fn a_total_is_not_the_agreed_one_or_does_not_add_up() {
    type Wrong = fn(&mut crate::chaos::history::Deal);
    let wrongs: [Wrong; 5] = [
        |deal| {
            deal.delivery_fee_pence = Pence(300);
            deal.total_pence = Pence(1_500);
        },
        |deal| deal.total_pence = Pence(1_351),
        |deal| deal.goods_pence = Pence(1_199),
        |deal| deal.lines[0].unit_pence = Pence(599),
        |deal| deal.vat_pence = Pence(270),
    ];
    for wrong in wrongs {
        let mut world = eventful();
        wrong(&mut world.stored.orders[0].deal);
        assert_eq!(found(&world), ["wrong total"]);
    }
}

#[test]
fn an_order_makes_a_step_that_is_none() {
    let mut world = eventful();
    world.move_to(1, OrderState::Accepted);
    assert_eq!(found(&world), ["illegal transition"]);
    let mut world = eventful();
    world.move_to(0, OrderState::OutForDelivery);
    assert_eq!(found(&world), ["illegal transition"]);
}

#[test]
fn an_order_goes_back_between_two_looks() {
    let mut world = eventful();
    let mut earlier = world.by_key(1).unwrap();
    earlier.version = 1;
    earlier.state = OrderState::Placed;
    earlier.history.pop();
    let token = earlier.token.clone();
    world.tell(Ask::Read { token }, 200, json(&earlier));
    assert_eq!(found(&world), ["state went back"]);
}

#[test]
fn somebody_is_told_of_a_state_that_the_log_does_not_have() {
    let mut world = eventful();
    let before = world.stored.clone();
    world.cancel(0);
    world.stored = before;
    assert_eq!(found(&world), ["told history is not the log's"]);
}

#[test]
fn row_and_log_say_different_things() {
    let mut world = eventful();
    world.stored.orders[0].state = OrderState::Accepted;
    assert_eq!(found(&world), ["row and log differ"]);
}

#[test]
fn the_log_has_a_gap() {
    let mut world = eventful();
    world.stored.events.last_mut().unwrap().sequence += 1;
    assert_eq!(found(&world), ["gap in the log"]);
}

#[test]
fn a_number_is_given_twice_or_left_out() {
    for number in [1, 3] {
        let mut world = eventful();
        world.stored.orders[1].number = number;
        assert_eq!(found(&world), ["gap in the numbers"]);
    }
}

#[test]
fn a_customer_gets_no_answer() {
    let broken = || Outcome::Broken {
        why: "connection reset".to_owned(),
    };
    for outcome in [Outcome::Overdue, broken()] {
        let mut world = eventful();
        world.exchange(Ask::Quote, outcome);
        assert_eq!(found(&world), ["no answer"]);
    }
    let mut world = eventful();
    world.exchange(Ask::Quote, broken());
    if let Some(Record::Exchange(exchange)) = world.records.last_mut() {
        exchange.bad_line = true;
    }
    world.exchange(World::placing(&key(0)), Outcome::LeftEarly);
    assert_eq!(found(&world), [""; 0]);
}

#[test]
fn who_asks_a_front_end_server_that_stands_still_waits() {
    // How long of fifteen seconds, by which server, and whether that excuses it.
    for (stopped_s, server, excused) in [(4, 1, true), (2, 1, false), (15, 2, false)] {
        let mut world = eventful();
        world.exchange(Ask::Quote, Outcome::Overdue);
        let Some(Record::Exchange(exchange)) = world.records.last_mut() else {
            panic!("it was recorded");
        };
        exchange.ended_us = exchange.sent_us + 15_000_000;
        let began_us = exchange.sent_us;
        let fault = Record::Fault(Fault {
            kind: Kind::HangServer.to_string(),
            target: format!("server-{server}"),
            began_us,
            ended_us: began_us + stopped_s * 1_000_000,
            evidence: None,
        });
        world.records.push(fault);
        assert_eq!(found(&world).is_empty(), excused, "{stopped_s} {server}");
    }
}

#[test]
fn a_front_end_server_that_is_away_answers_nobody_and_excuses_no_other() {
    let killed = Kind::KillServer.to_string();
    // Kind, target, begin and end before and after the request: whether that excuses it.
    for (kind, target, began, ended, excused) in [
        (killed.as_str(), "server-1", -20, 2, true),
        (&killed, "server-1", 2, 20, true),
        (&killed, "server-2", -20, 20, false),
        (&killed, "server-1", -30, -20, false),
        (&killed, "server-1", 20, 30, false),
        ("front-end server hung", "server-1", -20, 20, false),
    ] {
        let mut world = eventful();
        let why = "connection reset".to_owned();
        world.exchange(Ask::Quote, Outcome::Broken { why });
        let Some(Record::Exchange(exchange)) = world.records.last() else {
            panic!("it was recorded");
        };
        let at = |offset: i64| exchange.sent_us.strict_add_signed(offset);
        let fault = Record::Fault(Fault {
            kind: kind.to_owned(),
            target: target.to_owned(),
            began_us: at(began),
            ended_us: at(ended),
            evidence: None,
        });
        world.records.push(fault);
        let expected: &[&str] = if excused { &[] } else { &["no answer"] };
        assert_eq!(found(&world), expected, "{target} {began} {ended}");
    }
}

#[test]
fn a_customer_gets_an_answer_that_is_none() {
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
        let mut world = eventful();
        world.tell(World::placing(&key(0)), status, body.to_owned());
        assert_eq!(found(&world), ["bad answer"], "{status} {body}");
    }
}

#[test]
fn a_cancellation_is_answered_with_an_order_that_goes_on() {
    let mut world = eventful();
    let order = world.by_key(0).unwrap();
    let token = order.token.clone();
    world.tell(Ask::Cancel { token }, 200, json(&order));
    assert_eq!(found(&world), ["bad answer"]);
}
