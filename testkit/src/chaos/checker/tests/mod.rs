//! A history without faults has no violation; each planted fault is found and named.

mod event_stream_violations;
mod inventory_violations;
mod order_violations;
mod reference;
mod reference_staff;
mod transition_violations;

use proptest::prelude::*;
use reference::ReferenceSystem;

use super::{Completion, check};

const KEYS: usize = 8;

/// An operation of the reference system; the number selects one of the keys.
#[derive(Clone, Debug)]
enum Action {
    Place(usize),
    PlaceWithLostResponse(usize),
    PlaceRefused(usize),
    Find(usize),
    Read(usize),
    Cancel(usize),
    Accept(usize),
    Subscribe(usize),
    StaffMove(usize, u32),
    RepeatTransition(usize, u32),
}

fn actions() -> impl Strategy<Value = Vec<Action>> {
    let action = (0..10, 0..KEYS, 1..6_u32).prop_map(|(action, key, version)| match action {
        0 => Action::Place(key),
        1 => Action::PlaceWithLostResponse(key),
        2 => Action::PlaceRefused(key),
        3 => Action::Find(key),
        4 => Action::Read(key),
        5 => Action::Cancel(key),
        6 => Action::Accept(key),
        7 => Action::Subscribe(key),
        8 => Action::StaffMove(key, version),
        _ => Action::RepeatTransition(key, version),
    });
    proptest::collection::vec(action, 0..60)
}

fn run(actions: &[Action]) -> ReferenceSystem {
    let mut system = ReferenceSystem::with_inventory(2 * KEYS as u32, KEYS as u32);
    for action in actions {
        match *action {
            Action::Place(key) => system.place(key),
            Action::PlaceWithLostResponse(key) => system.place_with_lost_response(key),
            Action::PlaceRefused(key) => system.place_refused(key),
            Action::Find(key) => system.find(key),
            Action::Read(key) => system.read(key),
            Action::Cancel(key) => system.cancel(key),
            Action::Accept(key) => system.accept(key),
            Action::Subscribe(key) => system.subscribe(key),
            Action::StaffMove(key, version) => system.move_along(key, version),
            Action::RepeatTransition(key, version) => system.repeat_transition(key, version),
        }
    }
    system.end_subscriptions();
    system
}

proptest! {
    #[test]
    fn a_faultless_history_has_no_violation(actions in actions()) {
        let system = run(&actions);
        let result = check(&system.records, &system.store);
        prop_assert_eq!(result.violations, []);
    }

    #[test]
    fn an_order_that_vanishes_is_found_in_any_history(actions in actions(), which in any::<prop::sample::Index>()) {
        let mut system = run(&actions);
        system.place(0);
        let index = which.index(system.store.orders.len());
        let removed = system.store.orders.remove(index);
        system.store.placements.retain(|placement| placement.order_id != removed.id);
        let acknowledged = system.is_acknowledged(&removed.notes);
        let violations = check(&system.records, &system.store).violations;
        let missing = violations.iter().any(|violation| violation.name() == "acknowledged order missing");
        prop_assert_eq!(missing, acknowledged);
    }
}

#[test]
fn every_key_completes_as_ok_fail_or_info() {
    let mut system = ReferenceSystem::default();
    system.place(0);
    system.place_with_lost_response(1);
    system.place_refused(2);
    system.place_with_lost_response(3);
    system.find(3);
    system.find(4);
    let completions = check(&system.records, &system.store).completions;
    assert_eq!(completions[&Completion::Ok], 2);
    assert_eq!(completions[&Completion::Fail], 2);
    assert_eq!(completions[&Completion::Info], 1);
}
