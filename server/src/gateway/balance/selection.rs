//! Ranks the replicas for requests and elects the primary: a pure choice from what is known of each.
//!
//! The order of registration decides, so that front-end servers agree without communicating. The primary stays primary while it is
//! available, so that a replica that merely returns does not move all requests again.

use model::status::AdminState;

use crate::gateway::health::HealthTier;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Candidate {
    pub admin_state: AdminState,
    pub tier: HealthTier,
}

/// Elects the primary, by index. The present one stays primary while it is switched up and at worst suspect.
pub fn elect_primary(candidates: &[Candidate], present: Option<usize>) -> Option<usize> {
    let up = |index: &usize| candidates[*index].admin_state == AdminState::Up;
    present
        .filter(up)
        .filter(|&index| candidates[index].tier <= HealthTier::Suspect)
        .or_else(|| rank(candidates, present).first().copied())
}

/// Ranks the candidates that may get requests, by index, best first. `candidates` are in the order of registration; `primary` is
/// the index of the present primary.
pub fn rank(candidates: &[Candidate], primary: Option<usize>) -> Vec<usize> {
    let mut ranked: Vec<usize> = (0..candidates.len())
        .filter(|&index| {
            candidates[index].admin_state == AdminState::Up
                && candidates[index].tier != HealthTier::Unavailable
        })
        .collect();
    // The stable sort keeps the order of registration among equals.
    ranked.sort_by_key(|&index| (candidates[index].tier, Some(index) != primary));
    ranked
}

#[cfg(test)]
mod tests {
    use super::*;

    const HEALTHY: Candidate = Candidate {
        admin_state: AdminState::Up,
        tier: HealthTier::Healthy,
    };
    const UNAVAILABLE: Candidate = Candidate {
        admin_state: AdminState::Up,
        tier: HealthTier::Unavailable,
    };
    const SUSPECT: Candidate = Candidate {
        admin_state: AdminState::Up,
        tier: HealthTier::Suspect,
    };
    const ON_PROBATION: Candidate = Candidate {
        admin_state: AdminState::Up,
        tier: HealthTier::Probation,
    };

    fn switched(admin_state: AdminState) -> Candidate {
        Candidate {
            admin_state,
            tier: HealthTier::Healthy,
        }
    }

    #[test]
    fn the_order_of_registration_decides() {
        assert_eq!(rank(&[HEALTHY, HEALTHY, HEALTHY], None), [0, 1, 2]);
        assert_eq!(rank(&[UNAVAILABLE, HEALTHY, HEALTHY], None), [1, 2]);
    }

    #[test]
    fn draining_and_down_get_nothing() {
        let candidates = [
            switched(AdminState::Down),
            switched(AdminState::Draining),
            HEALTHY,
        ];
        assert_eq!(rank(&candidates, Some(0)), [2]);
        assert!(rank(&candidates[..2], Some(0)).is_empty());
    }

    #[test]
    fn the_primary_stays_when_an_earlier_one_returns() {
        assert_eq!(rank(&[HEALTHY, HEALTHY, HEALTHY], Some(1)), [1, 0, 2]);
    }

    #[test]
    fn an_unavailable_primary_gives_way() {
        assert_eq!(rank(&[HEALTHY, UNAVAILABLE, HEALTHY], Some(1)), [0, 2]);
        assert_eq!(rank(&[HEALTHY, ON_PROBATION, HEALTHY], Some(1)), [0, 2, 1]);
    }

    #[test]
    fn a_suspect_primary_stays_primary_while_others_get_the_requests() {
        let candidates = [HEALTHY, SUSPECT, HEALTHY];
        assert_eq!(elect_primary(&candidates, Some(1)), Some(1));
        assert_eq!(rank(&candidates, Some(1)), [0, 2, 1]);
    }

    #[test]
    fn the_first_in_order_becomes_primary_where_there_is_none_or_it_is_unavailable() {
        assert_eq!(elect_primary(&[SUSPECT, HEALTHY], None), Some(1));
        assert_eq!(
            elect_primary(&[HEALTHY, UNAVAILABLE, HEALTHY], Some(1)),
            Some(0)
        );
        assert_eq!(
            elect_primary(&[switched(AdminState::Down), HEALTHY], Some(0)),
            Some(1)
        );
        assert_eq!(elect_primary(&[UNAVAILABLE], Some(0)), None);
    }

    #[test]
    fn probation_is_better_than_no_replica() {
        assert_eq!(rank(&[UNAVAILABLE, ON_PROBATION], None), [1]);
    }
}
