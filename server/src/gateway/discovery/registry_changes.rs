//! Compares two snapshots of the registry: which replicas joined, left, were replaced or were switched.

use model::status::AdminState;
use registry::{Registration, Role};

#[derive(Debug, PartialEq, Eq)]
pub enum RegistryChange<'a> {
    Joined(&'a Registration),
    /// A new process registered under the id.
    Replaced(&'a Registration),
    Left {
        id: &'a str,
    },
    Switched {
        id: &'a str,
        to: AdminState,
    },
}

/// Whether two registrations belong to the same process. A process whose lease ran out may have registered again.
pub fn is_same_process(left: &Registration, right: &Registration) -> bool {
    left.id == right.id
        && left.address == right.address
        && left.process_id == right.process_id
        && left.started_at_ms == right.started_at_ms
}

pub fn replicas_in(registrations: &[Registration]) -> impl Iterator<Item = &Registration> {
    registrations
        .iter()
        .filter(|registration| registration.role == Role::Replica)
}

/// Compares the replicas of the former snapshot with the present snapshot.
pub fn registry_changes_since<'a>(
    known: &'a [Registration],
    snapshot: &'a [Registration],
) -> Vec<RegistryChange<'a>> {
    let mut changes = Vec::new();
    for old in known {
        match replicas_in(snapshot).find(|new| is_same_process(old, new)) {
            None => changes.push(match replicas_in(snapshot).find(|new| new.id == old.id) {
                Some(successor) => RegistryChange::Replaced(successor),
                None => RegistryChange::Left { id: &old.id },
            }),
            Some(new) if new.admin_state != old.admin_state => {
                changes.push(RegistryChange::Switched {
                    id: &new.id,
                    to: new.admin_state,
                });
            }
            Some(_) => {}
        }
    }
    for new in replicas_in(snapshot) {
        if !known.iter().any(|old| old.id == new.id) {
            changes.push(RegistryChange::Joined(new));
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
    fn lists_who_joined_left_and_was_switched() {
        let known = [registration("a", 1), registration("b", 2)];
        let mut switched = registration("b", 2);
        switched.admin_state = AdminState::Down;
        let snapshot = [switched, registration("c", 3)];
        assert_eq!(
            registry_changes_since(&known, &snapshot),
            [
                RegistryChange::Left { id: "a" },
                RegistryChange::Switched {
                    id: "b",
                    to: AdminState::Down
                },
                RegistryChange::Joined(&snapshot[1]),
            ]
        );
    }

    #[test]
    fn a_new_process_under_a_known_id_replaces_it() {
        let known = [registration("a", 1)];
        let mut successor = registration("a", 2);
        successor.process_id = 2;
        let snapshot = [successor];
        assert_eq!(
            registry_changes_since(&known, &snapshot),
            [RegistryChange::Replaced(&snapshot[0])]
        );
    }

    #[test]
    fn a_process_that_registered_again_is_the_same() {
        let known = [registration("a", 1)];
        assert!(registry_changes_since(&known, &[registration("a", 2)]).is_empty());
    }

    #[test]
    fn heartbeats_and_front_end_servers_are_no_change() {
        let known = [registration("a", 1)];
        let mut renewed = registration("a", 1);
        renewed.expires_at_ms = 9_000;
        let mut server = registration("server-1", 2);
        server.role = Role::Server;
        assert!(registry_changes_since(&known, &[renewed, server]).is_empty());
    }
}
