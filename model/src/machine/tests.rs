use std::collections::BTreeSet;

use proptest::prelude::*;

use super::*;

/// What people are told: the table of `docs/API.md`, read as it stands there.
const DOCUMENT: &str = include_str!("../../../docs/API.md");

type Move = (&'static str, &'static str, &'static str, &'static str);

fn told() -> BTreeSet<Move> {
    let (_, rest) = DOCUMENT
        .split_once("| from | to | who | only |\n|---|---|---|---|\n")
        .expect("the table of transitions");
    let names = |cell: &'static str| {
        cell.split(',')
            .map(|name| name.trim().trim_matches('`'))
            .filter(|name| !name.is_empty())
    };
    let mut moves = BTreeSet::new();
    for row in rest.lines().take_while(|line| line.starts_with('|')) {
        let cells: Vec<&'static str> = row.trim_matches('|').split('|').collect();
        for (from, to, by) in names(cells[0])
            .flat_map(|from| names(cells[1]).map(move |to| (from, to)))
            .flat_map(|(from, to)| names(cells[2]).map(move |by| (from, to, by)))
        {
            match cells[3].trim() {
                "" => {
                    moves.insert((from, to, by, "delivery"));
                    moves.insert((from, to, by, "collection"));
                }
                only => {
                    moves.insert((from, to, by, only));
                }
            }
        }
    }
    moves
}

fn fulfilments() -> [(Fulfilment, &'static str); 2] {
    [(Delivery, "delivery"), (Collection, "collection")]
}

#[test]
fn every_pair_of_states_is_in_the_table_for_this_actor_or_refused() {
    let told = told();
    let mut allowed = 0;
    for from in OrderState::ALL {
        for to in OrderState::ALL {
            for by in Actor::ALL {
                for (fulfilment, name) in fulfilments() {
                    let expected = told.contains(&(from.as_str(), to.as_str(), by.as_str(), name));
                    assert_eq!(
                        may(by, from, to, fulfilment),
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
        told.len(),
        "the document names a state that is none"
    );
}

#[test]
fn nothing_follows_the_final_states_and_something_every_other() {
    for from in OrderState::ALL {
        let follows = OrderState::ALL.iter().any(|&to| {
            Actor::ALL
                .iter()
                .any(|&by| may(by, from, to, Delivery) || may(by, from, to, Collection))
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
fn the_customer_cancels_what_the_table_lets_them() {
    for from in OrderState::ALL {
        assert_eq!(
            from.customer_may_cancel(),
            may(Customer, from, Cancelled, Delivery),
            "{from:?}"
        );
    }
}

proptest! {
    /// Whatever is tried, by whomever: an order never goes round in a circle, and never leaves a final state.
    #[test]
    fn a_life_is_a_way_without_return(
        collection in any::<bool>(),
        tries in prop::collection::vec((0_usize..10, 0_usize..4), 0..60),
    ) {
        let fulfilment = if collection { Collection } else { Delivery };
        let mut state = Placed;
        let mut been = vec![state];
        for (to, by) in tries {
            let (to, by) = (OrderState::ALL[to], Actor::ALL[by]);
            if may(by, state, to, fulfilment) {
                prop_assert!(!state.is_final());
                prop_assert!(!been.contains(&to));
                state = to;
                been.push(to);
            }
        }
        prop_assert!(been.len() <= 6);
    }
}
