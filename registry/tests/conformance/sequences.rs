//! Any sequence of events: the registries answer alike, and nobody holds what another holds.

use std::collections::HashSet;

use model::status::AdminState;
use proptest::prelude::*;
use registry::{Lease, Registration, RegistryError};

use crate::{LEASE_MS, World, replica};

/// What a few processes and an operator do; the numbers pick an id, or one of the leases that were ever given.
#[derive(Clone, Debug)]
enum Event {
    Register(usize),
    Heartbeat(usize),
    Deregister(usize),
    Switch(usize, AdminState),
    Pass(i64),
}

const IDS: [&str; 3] = ["replica-1", "replica-2", "replica-3"];

fn events() -> impl Strategy<Value = Vec<Event>> {
    let state = prop_oneof![
        Just(AdminState::Up),
        Just(AdminState::Draining),
        Just(AdminState::Down),
    ];
    let event = prop_oneof![
        (0..IDS.len()).prop_map(Event::Register),
        (0..8_usize).prop_map(Event::Heartbeat),
        (0..8_usize).prop_map(Event::Deregister),
        (0..IDS.len(), state).prop_map(|(id, state)| Event::Switch(id, state)),
        prop_oneof![
            Just(1),
            Just(LEASE_MS / 2),
            Just(LEASE_MS - 1),
            Just(LEASE_MS)
        ]
        .prop_map(Event::Pass),
    ];
    proptest::collection::vec(event, 1..40)
}

/// What the caller of one event was told, in words that compare.
#[derive(Debug, PartialEq, Eq)]
enum Told {
    Nothing,
    State(AdminState),
    Lost,
    Taken,
    NotRegistered,
}

fn told<T>(answer: Result<T, RegistryError>, of: impl Fn(T) -> Told) -> Told {
    match answer {
        Ok(value) => of(value),
        Err(RegistryError::LeaseLost { .. }) => Told::Lost,
        Err(RegistryError::LeaseTaken { .. }) => Told::Taken,
        Err(RegistryError::NotRegistered { .. }) => Told::NotRegistered,
        Err(error) => panic!("{error}"),
    }
}

/// One registry, with every lease that it ever gave.
struct Lived {
    world: World,
    leases: Vec<Lease>,
}

impl Lived {
    async fn live(&mut self, event: &Event) -> Told {
        let World {
            one, other, clock, ..
        } = &self.world;
        // The two handles take turns, as two processes do.
        let registry = if self.leases.len().is_multiple_of(2) {
            one
        } else {
            other
        };
        match *event {
            Event::Register(id) => {
                let lease = registry.register(replica(IDS[id])).await.unwrap();
                self.leases.push(lease);
                Told::Nothing
            }
            Event::Heartbeat(lease) => match self.leases.get(lease) {
                Some(lease) => told(registry.heartbeat(lease).await, Told::State),
                None => Told::Nothing,
            },
            Event::Deregister(lease) => match self.leases.get(lease) {
                Some(lease) => told(registry.deregister(lease).await, |()| Told::Nothing),
                None => Told::Nothing,
            },
            Event::Switch(id, state) => {
                let answer = registry.set_admin_state(IDS[id], state).await;
                told(answer, |registration| Told::State(registration.admin_state))
            }
            Event::Pass(ms) => {
                clock.advance(ms);
                Told::Nothing
            }
        }
    }

    async fn living(&self) -> Vec<Registration> {
        self.world.other.snapshot().await.unwrap()
    }

    /// Leases that may still be kept.
    async fn held(&self) -> Vec<&Lease> {
        let mut held = Vec::new();
        for lease in &self.leases {
            if self.world.one.heartbeat(lease).await.is_ok() {
                held.push(lease);
            }
        }
        held
    }
}

async fn lived(events: &[Event]) -> Result<(), TestCaseError> {
    let start = |world| Lived {
        world,
        leases: Vec::new(),
    };
    let mut memory = start(World::memory());
    let mut sqlite = start(World::sqlite());
    let mut last_position = 0;
    for event in events {
        prop_assert_eq!(memory.live(event).await, sqlite.live(event).await);
        let living = memory.living().await;
        prop_assert_eq!(&living, &sqlite.living().await);
        let ids: HashSet<&str> = living.iter().map(|one| one.id.as_str()).collect();
        prop_assert_eq!(ids.len(), living.len(), "one id, two registrations");
        prop_assert!(living.is_sorted_by_key(|one| one.position));
        let now_ms = process::clock::Clock::now_ms(&*memory.world.clock);
        prop_assert!(living.iter().all(|one| one.expires_at_ms > now_ms));
        if matches!(event, Event::Register(_)) {
            let position = living.last().map_or(0, |one| one.position);
            prop_assert!(position > last_position, "a position was given twice");
            last_position = position;
        }
    }
    let held = memory.held().await;
    prop_assert_eq!(held.len(), memory.living().await.len());
    prop_assert_eq!(held.len(), sqlite.held().await.len());
    Ok(())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    #[test]
    fn registries_of_every_kind_live_alike(events in events()) {
        let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
        runtime.block_on(lived(&events))?;
    }
}
