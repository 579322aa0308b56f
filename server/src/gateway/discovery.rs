//! What changed between two snapshots of the registry, as the gateway cares for it: a pure comparison.

use model::status::AdminState;
use registry::{Registration, Role};

#[derive(Debug, PartialEq, Eq)]
pub enum Change<'a> {
    Joined(&'a Registration),
    /// A new process has taken over the id.
    Replaced(&'a Registration),
    Left {
        id: &'a str,
    },
    Switched {
        id: &'a str,
        to: AdminState,
    },
}

/// Whether two registrations speak of the same process. It may have registered again since, after its lease ran out.
pub fn same(left: &Registration, right: &Registration) -> bool {
    left.id == right.id
        && left.address == right.address
        && left.process_id == right.process_id
        && left.started_at_ms == right.started_at_ms
}

pub fn replicas(snapshot: &[Registration]) -> impl Iterator<Item = &Registration> {
    snapshot
        .iter()
        .filter(|registration| registration.role == Role::Replica)
}

/// `known`: the replicas of the former snapshot.
pub fn changes<'a>(known: &'a [Registration], snapshot: &'a [Registration]) -> Vec<Change<'a>> {
    let mut changes = Vec::new();
    for old in known {
        match replicas(snapshot).find(|new| same(old, new)) {
            None => changes.push(match replicas(snapshot).find(|new| new.id == old.id) {
                Some(successor) => Change::Replaced(successor),
                None => Change::Left { id: &old.id },
            }),
            Some(new) if new.admin_state != old.admin_state => changes.push(Change::Switched {
                id: &new.id,
                to: new.admin_state,
            }),
            Some(_) => {}
        }
    }
    for new in replicas(snapshot) {
        if !known.iter().any(|old| old.id == new.id) {
            changes.push(Change::Joined(new));
        }
    }
    changes
}

#[cfg(test)]
mod tests {
    use super::*;

    fn registration(id: &str, position: i64) -> Registration {
        Registration {
            id: id.to_owned(),
            role: Role::Replica,
            address: "127.0.0.1:1".to_owned(),
            public_url: None,
            version: "1".to_owned(),
            started_at_ms: 0,
            process_id: 1,
            position,
            registered_at_ms: 0,
            expires_at_ms: 0,
            admin_state: AdminState::Up,
        }
    }

    #[test]
    fn tells_who_joined_left_and_was_switched() {
        let known = [registration("a", 1), registration("b", 2)];
        let mut switched = registration("b", 2);
        switched.admin_state = AdminState::Down;
        let snapshot = [switched, registration("c", 3)];
        assert_eq!(
            changes(&known, &snapshot),
            [
                Change::Left { id: "a" },
                Change::Switched {
                    id: "b",
                    to: AdminState::Down
                },
                Change::Joined(&snapshot[1]),
            ]
        );
    }

    #[test]
    fn a_process_that_took_over_an_id_is_another_one() {
        let known = [registration("a", 1)];
        let mut successor = registration("a", 2);
        successor.process_id = 2;
        let snapshot = [successor];
        assert_eq!(changes(&known, &snapshot), [Change::Replaced(&snapshot[0])]);
    }

    #[test]
    fn a_process_that_registered_again_is_the_same() {
        let known = [registration("a", 1)];
        assert!(changes(&known, &[registration("a", 2)]).is_empty());
    }

    #[test]
    fn heartbeats_and_front_end_servers_are_no_change() {
        let known = [registration("a", 1)];
        let mut beaten = registration("a", 1);
        beaten.expires_at_ms = 9_000;
        let mut server = registration("server-1", 2);
        server.role = Role::Server;
        assert!(changes(&known, &[beaten, server]).is_empty());
    }
}
