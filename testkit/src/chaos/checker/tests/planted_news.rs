//! One history for each thing that can be wrong with what listeners are told.

use model::order::OrderState;
use model::problem::Code;

use super::planted::{eventful, found};
use super::world::{World, json};
use crate::chaos::history::{Ask, Heard, Record};

/// An order that was accepted and begun, with somebody listening all the while.
fn listened() -> World {
    let mut world = World::default();
    world.place(0);
    world.listen(0);
    world.move_to(0, OrderState::Accepted);
    world.step(0, OrderState::Preparing);
    world.close();
    assert_eq!(found(&world), [""; 0]);
    world
}

fn of_version(world: &World, version: u32) -> (usize, Heard) {
    let mut all = world.records.iter().enumerate();
    all.find_map(|(index, record)| match record {
        Record::Heard(heard) if heard.version == version => Some((index, heard.clone())),
        _ => None,
    })
    .expect("it was heard")
}

#[test]
fn an_event_is_told_twice() {
    for version in [1, 3] {
        let mut world = listened();
        world.hear(0, version);
        assert_eq!(found(&world), ["news repeated"]);
    }
}

#[test]
fn an_event_is_left_out() {
    for version in [1, 2] {
        let mut world = listened();
        let (index, _) = of_version(&world, version);
        world.records.remove(index);
        assert_eq!(found(&world), ["gap in the news"]);
    }
}

#[test]
fn events_are_told_in_another_order() {
    let mut world = listened();
    let (one, _) = of_version(&world, 2);
    let (other, _) = of_version(&world, 3);
    world.records.swap(one, other);
    assert_eq!(found(&world), ["news out of order"]);
}

#[test]
fn an_event_is_told_that_the_log_does_not_have() {
    type Wrong = fn(&mut Heard);
    let wrongs: [Wrong; 3] = [
        |heard| heard.sequence += 1,
        |heard| heard.state = OrderState::Ready,
        |heard| heard.version += 1,
    ];
    for wrong in wrongs {
        let mut world = listened();
        let (index, mut heard) = of_version(&world, 3);
        wrong(&mut heard);
        world.records[index] = Record::Heard(heard);
        assert!(found(&world).contains(&"news that the log does not have"));
    }
}

#[test]
fn the_last_event_is_never_told() {
    let mut world = listened();
    let (index, _) = of_version(&world, 3);
    world.records.remove(index);
    assert_eq!(found(&world), ["news never told"]);
}

#[test]
fn nothing_is_ever_told() {
    let mut world = listened();
    world
        .records
        .retain(|record| !matches!(record, Record::Heard(_)));
    assert_eq!(found(&world), ["news never told"]);
}

#[test]
fn an_order_that_was_acknowledged_has_no_news() {
    let mut world = eventful();
    let ask = Ask::Listen {
        token: "token-1".to_owned(),
        after: None,
    };
    world.refused(ask, Code::NotFound);
    assert_eq!(found(&world), ["denied after it was acknowledged"]);
}

#[test]
fn an_order_goes_back_behind_its_news() {
    let mut world = listened();
    let mut earlier = world.by_key(0).unwrap();
    earlier.version = 1;
    earlier.state = OrderState::Placed;
    earlier.history.truncate(1);
    let token = earlier.token.clone();
    world.tell(Ask::Read { token }, 200, json(&earlier));
    assert_eq!(found(&world), ["state went back"]);
}
