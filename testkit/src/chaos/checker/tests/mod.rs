//! Histories without a fault have no finding; each planted fault has its own.

mod planted;
mod planted_news;
mod planted_steps;
mod planted_supply;
mod tablets;
mod world;

use proptest::prelude::*;
use world::World;

use super::{End, check};

const KEYS: usize = 8;

/// What customers do, in any order; the number picks one of the keys.
#[derive(Clone, Debug)]
enum Step {
    Place(usize),
    Lose(usize),
    Refuse(usize),
    Find(usize),
    Read(usize),
    Cancel(usize),
    Accept(usize),
    Listen(usize),
    Move(usize, u32),
    Again(usize, u32),
}

fn steps() -> impl Strategy<Value = Vec<Step>> {
    let step = (0..10, 0..KEYS, 1..6_u32).prop_map(|(what, key, version)| match what {
        0 => Step::Place(key),
        1 => Step::Lose(key),
        2 => Step::Refuse(key),
        3 => Step::Find(key),
        4 => Step::Read(key),
        5 => Step::Cancel(key),
        6 => Step::Accept(key),
        7 => Step::Listen(key),
        8 => Step::Move(key, version),
        _ => Step::Again(key, version),
    });
    proptest::collection::vec(step, 0..60)
}

fn lived(steps: &[Step]) -> World {
    let mut world = World::supplied(2 * KEYS as u32, KEYS as u32);
    for step in steps {
        match *step {
            Step::Place(key) => world.place(key),
            Step::Lose(key) => world.lose(key),
            Step::Refuse(key) => world.refuse(key),
            Step::Find(key) => world.find(key),
            Step::Read(key) => world.read(key),
            Step::Cancel(key) => world.cancel(key),
            Step::Accept(key) => world.accept(key),
            Step::Listen(key) => world.listen(key),
            Step::Move(key, version) => world.move_along(key, version),
            Step::Again(key, version) => world.repeat_step(key, version),
        }
    }
    world.close();
    world
}

proptest! {
    #[test]
    fn a_faultless_history_has_no_finding(steps in steps()) {
        let world = lived(&steps);
        let verdict = check(&world.records, &world.stored);
        prop_assert_eq!(verdict.findings, []);
    }

    #[test]
    fn an_order_that_vanishes_is_found_in_any_history(steps in steps(), which in any::<prop::sample::Index>()) {
        let mut world = lived(&steps);
        world.place(0);
        let index = which.index(world.stored.orders.len());
        let gone = world.stored.orders.remove(index);
        world.stored.placements.retain(|placement| placement.order_id != gone.id);
        let acknowledged = world.acknowledged(&gone.notes);
        let findings = check(&world.records, &world.stored).findings;
        let missing = findings.iter().any(|finding| finding.name() == "acknowledged and missing");
        prop_assert_eq!(missing, acknowledged);
    }
}

#[test]
fn every_key_ends_as_done_failed_or_unknown() {
    let mut world = World::default();
    world.place(0);
    world.lose(1);
    world.refuse(2);
    world.lose(3);
    world.find(3);
    world.find(4);
    let ends = check(&world.records, &world.stored).ends;
    assert_eq!(ends[&End::Done], 2);
    assert_eq!(ends[&End::Failed], 2);
    assert_eq!(ends[&End::Unknown], 1);
}
