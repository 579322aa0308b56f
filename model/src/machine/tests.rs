//! The state machine agrees with the table in `docs/API.md`.

use std::collections::BTreeSet;

use proptest::prelude::*;

use super::*;

/// The documentation whose table of transitions is compared.
const DOCUMENT: &str = include_str!("../../../docs/API.md");

type Transition = (&'static str, &'static str, &'static str, &'static str);

fn documented_transitions() -> BTreeSet<Transition> {
    let (_, rest) = DOCUMENT
        .split_once("| from | to | who | only |\n|---|---|---|---|\n")
        .expect("the table of transitions");
    let names = |cell: &'static str| {
        cell.split(',')
            .map(|name| name.trim().trim_matches('`'))
            .filter(|name| !name.is_empty())
    };
    let mut transitions = BTreeSet::new();
    for row in rest.lines().take_while(|line| line.starts_with('|')) {
        let cells: Vec<&'static str> = row.trim_matches('|').split('|').collect();
        for (from, to, by) in names(cells[0])
            .flat_map(|from| names(cells[1]).map(move |to| (from, to)))
            .flat_map(|(from, to)| names(cells[2]).map(move |by| (from, to, by)))
        {
            match cells[3].trim() {
                "" => {
                    transitions.insert((from, to, by, "delivery"));
                    transitions.insert((from, to, by, "collection"));
                }
                only => {
                    transitions.insert((from, to, by, only));
                }
            }
        }
    }
    transitions
}

fn fulfilments() -> [(Fulfilment, &'static str); 2] {
    [(Delivery, "delivery"), (Collection, "collection")]
}

#[test]
fn the_machine_allows_exactly_the_documented_transitions() {
    let documented = documented_transitions();
    let mut allowed = 0;
    for from in OrderState::ALL {
        for to in OrderState::ALL {
            for by in Actor::ALL {
                for (fulfilment, name) in fulfilments() {
                    let expected =
                        documented.contains(&(from.as_str(), to.as_str(), by.as_str(), name));
                    assert_eq!(
                        allows(by, from, to, fulfilment),
                        expected,
                        "{by:?} moves a {name} order from {from:?} to {to:?}"
                    );
                    allowed += usize::from(expected);
                }
            }
        }
    }
    assert_eq!(
        allowed,
        documented.len(),
        "the documentation names a state that does not exist"
    );
}

#[test]
fn exactly_the_final_states_have_no_transitions() {
    for from in OrderState::ALL {
        let follows = OrderState::ALL.iter().any(|&to| {
            Actor::ALL
                .iter()
                .any(|&by| allows(by, from, to, Delivery) || allows(by, from, to, Collection))
        });
        assert_eq!(from.is_final(), !follows, "{from:?}");
        assert_eq!(from.is_open(), follows, "{from:?}");
    }
}

#[test]
fn the_lists_of_final_states_agree() {
    for state in OrderState::ALL {
        let is_unfulfilled = OrderState::UNFULFILLED.contains(&state);
        assert_eq!(
            is_unfulfilled,
            state.is_final() && state != Completed,
            "{state:?}"
        );
        let is_released = OrderState::RELEASED.contains(&state);
        assert_eq!(is_released, is_unfulfilled && state != Failed, "{state:?}");
    }
}

#[test]
fn customer_may_cancel_agrees_with_the_table() {
    for from in OrderState::ALL {
        assert_eq!(
            from.customer_may_cancel(),
            allows(Customer, from, Cancelled, Delivery),
            "{from:?}"
        );
    }
}

proptest! {
    /// For any attempted transitions, an order never returns to an earlier state, and never leaves a final state.
    #[test]
    fn no_state_is_entered_twice(
        collection in any::<bool>(),
        attempts in prop::collection::vec((0_usize..10, 0_usize..4), 0..60),
    ) {
        let fulfilment = if collection { Collection } else { Delivery };
        let mut state = Placed;
        let mut visited = vec![state];
        for (to, by) in attempts {
            let (to, by) = (OrderState::ALL[to], Actor::ALL[by]);
            if allows(by, state, to, fulfilment) {
                prop_assert!(!state.is_final());
                prop_assert!(!visited.contains(&to));
                state = to;
                visited.push(to);
            }
        }
        prop_assert!(visited.len() <= 6);
    }
}
