//! For any sequence of operations, all registries return the same results, and no two processes hold the same id.

use std::collections::HashSet;

use model::status::AdminState;
use proptest::prelude::*;
use registry::{Lease, Registration, RegistryError};

use crate::{LEASE_MS, World, replica};

/// An operation of a process or the operator. The numbers select an id, or one of the leases issued so far.
#[derive(Clone, Debug)]
enum Operation {
    Register(usize),
    Heartbeat(usize),
    Deregister(usize),
    SetAdminState(usize, AdminState),
    AdvanceClock(i64),
}

const IDS: [&str; 3] = ["replica-1", "replica-2", "replica-3"];

fn operations() -> impl Strategy<Value = Vec<Operation>> {
    let state = prop_oneof![
        Just(AdminState::Up),
        Just(AdminState::Draining),
        Just(AdminState::Down),
    ];
    let operation = prop_oneof![
        (0..IDS.len()).prop_map(Operation::Register),
        (0..8_usize).prop_map(Operation::Heartbeat),
        (0..8_usize).prop_map(Operation::Deregister),
        (0..IDS.len(), state).prop_map(|(id, state)| Operation::SetAdminState(id, state)),
        prop_oneof![
            Just(1),
            Just(LEASE_MS / 2),
            Just(LEASE_MS - 1),
            Just(LEASE_MS)
        ]
        .prop_map(Operation::AdvanceClock),
    ];
    proptest::collection::vec(operation, 1..40)
}

/// The comparable part of an operation's result.
#[derive(Debug, PartialEq, Eq)]
enum Outcome {
    Nothing,
    State(AdminState),
    Lost,
    Taken,
    NotRegistered,
}

fn outcome<T>(result: Result<T, RegistryError>, on_success: impl Fn(T) -> Outcome) -> Outcome {
    match result {
        Ok(value) => on_success(value),
        Err(RegistryError::LeaseLost { .. }) => Outcome::Lost,
        Err(RegistryError::LeaseTaken { .. }) => Outcome::Taken,
        Err(RegistryError::NotRegistered { .. }) => Outcome::NotRegistered,
        Err(error) => panic!("{error}"),
    }
}

/// One registry, with every lease that it has issued.
struct Run {
    world: World,
    leases: Vec<Lease>,
}

impl Run {
    async fn apply(&mut self, operation: &Operation) -> Outcome {
        let World {
            one, other, clock, ..
        } = &self.world;
        // The two processes take turns.
        let registry = if self.leases.len().is_multiple_of(2) {
            one
        } else {
            other
        };
        match *operation {
            Operation::Register(id) => {
                let lease = registry.register(replica(IDS[id])).await.unwrap();
                self.leases.push(lease);
                Outcome::Nothing
            }
            Operation::Heartbeat(lease) => match self.leases.get(lease) {
                Some(lease) => outcome(registry.heartbeat(lease).await, Outcome::State),
                None => Outcome::Nothing,
            },
            Operation::Deregister(lease) => match self.leases.get(lease) {
                Some(lease) => outcome(registry.deregister(lease).await, |()| Outcome::Nothing),
                None => Outcome::Nothing,
            },
            Operation::SetAdminState(id, state) => {
                let result = registry.set_admin_state(IDS[id], state).await;
                outcome(result, |registration| {
                    Outcome::State(registration.admin_state)
                })
            }
            Operation::AdvanceClock(ms) => {
                clock.advance(ms);
                Outcome::Nothing
            }
        }
    }

    async fn snapshot(&self) -> Vec<Registration> {
        self.world.other.snapshot().await.unwrap()
    }

    /// Leases that can still be extended.
    async fn held_leases(&self) -> Vec<&Lease> {
        let mut held = Vec::new();
        for lease in &self.leases {
            if self.world.one.heartbeat(lease).await.is_ok() {
                held.push(lease);
            }
        }
        held
    }
}

async fn run(operations: &[Operation]) -> Result<(), TestCaseError> {
    let start = |world| Run {
        world,
        leases: Vec::new(),
    };
    let mut memory = start(World::memory());
    let mut sqlite = start(World::sqlite());
    let mut last_position = 0;
    for operation in operations {
        prop_assert_eq!(memory.apply(operation).await, sqlite.apply(operation).await);
        let live = memory.snapshot().await;
        prop_assert_eq!(&live, &sqlite.snapshot().await);
        let ids: HashSet<&str> = live
            .iter()
            .map(|registration| registration.id.as_str())
            .collect();
        prop_assert_eq!(ids.len(), live.len(), "two registrations hold one id");
        prop_assert!(live.is_sorted_by_key(|registration| registration.position));
        let now_ms = process::clock::Clock::now_ms(&*memory.world.clock);
        prop_assert!(
            live.iter()
                .all(|registration| registration.expires_at_ms > now_ms)
        );
        if matches!(operation, Operation::Register(_)) {
            let position = live.last().map_or(0, |registration| registration.position);
            prop_assert!(position > last_position, "a position was reused");
            last_position = position;
        }
    }
    let held = memory.held_leases().await;
    prop_assert_eq!(held.len(), memory.snapshot().await.len());
    prop_assert_eq!(held.len(), sqlite.held_leases().await.len());
    Ok(())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    #[test]
    fn all_registries_return_the_same_results(operations in operations()) {
        let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
        runtime.block_on(run(&operations))?;
    }
}
