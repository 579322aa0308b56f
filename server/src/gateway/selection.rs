//! Which replica gets a request: a pure choice from what is known of each.
//!
//! The order of registration decides, so that front-end servers agree without talking to each other; but whoever is primary
//! stays it while available, so that a replica that merely returned does not move everybody again.

use model::status::AdminState;

use super::health::Standing;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Candidate {
    pub admin_state: AdminState,
    pub standing: Standing,
}

/// Whose turn it is to be primary. The present one stays while nothing is decided against it.
pub fn primary(candidates: &[Candidate], present: Option<usize>) -> Option<usize> {
    let up = |index: &usize| candidates[*index].admin_state == AdminState::Up;
    present
        .filter(up)
        .filter(|&index| candidates[index].standing <= Standing::Suspect)
        .or_else(|| order(candidates, present).first().copied())
}

/// Indices of those who may get requests, best first. `candidates` are in the order of registration; `primary` is the index
/// of the present one.
pub fn order(candidates: &[Candidate], primary: Option<usize>) -> Vec<usize> {
    let mut chosen: Vec<usize> = (0..candidates.len())
        .filter(|&index| {
            candidates[index].admin_state == AdminState::Up
                && candidates[index].standing != Standing::Out
        })
        .collect();
    // A stable sort keeps the order of registration among equals.
    chosen.sort_by_key(|&index| (candidates[index].standing, Some(index) != primary));
    chosen
}

#[cfg(test)]
mod tests {
    use super::*;

    const FIRST: Candidate = Candidate {
        admin_state: AdminState::Up,
        standing: Standing::First,
    };
    const OUT: Candidate = Candidate {
        admin_state: AdminState::Up,
        standing: Standing::Out,
    };
    const SUSPECT: Candidate = Candidate {
        admin_state: AdminState::Up,
        standing: Standing::Suspect,
    };
    const LAST_RESORT: Candidate = Candidate {
        admin_state: AdminState::Up,
        standing: Standing::LastResort,
    };

    fn switched(admin_state: AdminState) -> Candidate {
        Candidate {
            admin_state,
            standing: Standing::First,
        }
    }

    #[test]
    fn the_order_of_registration_decides() {
        assert_eq!(order(&[FIRST, FIRST, FIRST], None), [0, 1, 2]);
        assert_eq!(order(&[OUT, FIRST, FIRST], None), [1, 2]);
    }

    #[test]
    fn draining_and_down_get_nothing() {
        let candidates = [
            switched(AdminState::Down),
            switched(AdminState::Draining),
            FIRST,
        ];
        assert_eq!(order(&candidates, Some(0)), [2]);
        assert!(order(&candidates[..2], Some(0)).is_empty());
    }

    #[test]
    fn the_primary_stays_when_an_earlier_one_returns() {
        assert_eq!(order(&[FIRST, FIRST, FIRST], Some(1)), [1, 0, 2]);
    }

    #[test]
    fn a_primary_that_fell_gives_way() {
        assert_eq!(order(&[FIRST, OUT, FIRST], Some(1)), [0, 2]);
        assert_eq!(order(&[FIRST, LAST_RESORT, FIRST], Some(1)), [0, 2, 1]);
    }

    #[test]
    fn a_primary_under_suspicion_stays_primary_while_others_get_the_requests() {
        let candidates = [FIRST, SUSPECT, FIRST];
        assert_eq!(primary(&candidates, Some(1)), Some(1));
        assert_eq!(order(&candidates, Some(1)), [0, 2, 1]);
    }

    #[test]
    fn the_first_in_order_becomes_primary_where_there_is_none_or_it_is_out() {
        assert_eq!(primary(&[SUSPECT, FIRST], None), Some(1));
        assert_eq!(primary(&[FIRST, OUT, FIRST], Some(1)), Some(0));
        assert_eq!(
            primary(&[switched(AdminState::Down), FIRST], Some(0)),
            Some(1)
        );
        assert_eq!(primary(&[OUT], Some(0)), None);
    }

    #[test]
    fn a_last_resort_is_better_than_nobody() {
        assert_eq!(order(&[OUT, LAST_RESORT], None), [1]);
    }
}
