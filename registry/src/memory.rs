//! A registry in the memory of one process: for tests, and for a front-end server and a replica that share a process.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use async_trait::async_trait;
use model::status::AdminState;
use process::clock::SharedClock;
use tokio::sync::watch;
use uuid::Uuid;

use crate::change_watcher::{ChangeWatcher, Fingerprint};
use crate::{Lease, NewRegistration, Registration, Registry, RegistryError, Role, to_ms};

/// A [`Registry`] over a hash map.
pub struct MemoryRegistry {
    table: Arc<Mutex<Table>>,
    lease_ms: i64,
    clock: SharedClock,
    watcher: ChangeWatcher,
}

#[derive(Default)]
struct Table {
    last_position: i64,
    held: HashMap<(Role, String), HeldLease>,
    /// Kept when the leases end.
    admin_states: HashMap<(Role, String), AdminState>,
}

struct HeldLease {
    token: String,
    registration: Registration,
}

impl MemoryRegistry {
    /// Creates an empty registry.
    ///
    /// # Errors
    /// [`RegistryError::Unavailable`] if the system cannot start the thread that watches the leases.
    pub fn new(lease: Duration, clock: SharedClock) -> Result<Self, RegistryError> {
        let table = Arc::new(Mutex::new(Table::default()));
        let mut last = Fingerprint::default();
        let watched_table = Arc::clone(&table);
        let watcher_clock = Arc::clone(&clock);
        let watcher = ChangeWatcher::start(move || {
            let table = lock(&watched_table);
            let registrations = table.held.values().map(|held| &held.registration);
            let now = Fingerprint::of(registrations, watcher_clock.now_ms());
            std::mem::replace(&mut last, now) != last
        })
        .map_err(|error| {
            RegistryError::Unavailable(format!("cannot start the thread that watches it: {error}"))
        })?;
        Ok(Self {
            table,
            lease_ms: to_ms(lease),
            clock,
            watcher,
        })
    }
}

fn lock(table: &Mutex<Table>) -> MutexGuard<'_, Table> {
    // No method leaves the table partly changed, so the table stays usable after a panic.
    table.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Table {
    /// The registrations whose expiry satisfies `expires`, by position.
    fn by_position(&self, expires: impl Fn(i64) -> bool) -> Vec<Registration> {
        let mut found: Vec<_> = self
            .held
            .values()
            .map(|held| held.registration.clone())
            .filter(|registration| expires(registration.expires_at_ms))
            .collect();
        found.sort_unstable_by_key(|registration| registration.position);
        found
    }

    /// The entry of `lease`, if it still holds its id.
    fn holder(&mut self, lease: &Lease, now_ms: i64) -> Result<&mut HeldLease, RegistryError> {
        let id = lease.id.clone();
        match self.held.get_mut(&(lease.role, lease.id.clone())) {
            Some(held) if held.registration.expires_at_ms <= now_ms => {
                Err(RegistryError::LeaseLost { id })
            }
            Some(held) if held.token != lease.token => Err(RegistryError::LeaseTaken { id }),
            Some(held) => Ok(held),
            None => Err(RegistryError::LeaseLost { id }),
        }
    }
}

#[async_trait]
impl Registry for MemoryRegistry {
    async fn register(&self, new: NewRegistration) -> Result<Lease, RegistryError> {
        let now_ms = self.clock.now_ms();
        let lease = Lease {
            id: new.id.clone(),
            role: new.role,
            token: Uuid::new_v4().to_string(),
        };
        let key = (new.role, new.id.clone());
        {
            let mut table = lock(&self.table);
            table.last_position += 1;
            let registration = Registration {
                id: new.id,
                role: new.role,
                address: new.address,
                public_url: new.public_url,
                version: new.version,
                started_at_ms: new.started_at_ms,
                process_id: new.process_id,
                position: table.last_position,
                registered_at_ms: now_ms,
                expires_at_ms: now_ms.saturating_add(self.lease_ms),
                admin_state: table.admin_states.get(&key).copied().unwrap_or_default(),
            };
            let token = lease.token.clone();
            table.held.insert(
                key,
                HeldLease {
                    token,
                    registration,
                },
            );
        }
        self.watcher.notify();
        Ok(lease)
    }

    async fn heartbeat(&self, lease: &Lease) -> Result<AdminState, RegistryError> {
        let now_ms = self.clock.now_ms();
        let mut table = lock(&self.table);
        let registration = &mut table.holder(lease, now_ms)?.registration;
        registration.expires_at_ms = now_ms.saturating_add(self.lease_ms);
        Ok(registration.admin_state)
    }

    async fn deregister(&self, lease: &Lease) -> Result<(), RegistryError> {
        let key = (lease.role, lease.id.clone());
        let ended = {
            let mut table = lock(&self.table);
            let is_holder = table
                .held
                .get(&key)
                .is_some_and(|held| held.token == lease.token);
            is_holder && table.held.remove(&key).is_some()
        };
        if ended {
            self.watcher.notify();
        }
        Ok(())
    }

    async fn set_admin_state(
        &self,
        id: &str,
        admin_state: AdminState,
    ) -> Result<Registration, RegistryError> {
        let now_ms = self.clock.now_ms();
        let key = (Role::Replica, id.to_owned());
        let registration = {
            let mut table = lock(&self.table);
            let held = table
                .held
                .get_mut(&key)
                .filter(|held| held.registration.expires_at_ms > now_ms)
                .ok_or_else(|| RegistryError::NotRegistered { id: id.to_owned() })?;
            held.registration.admin_state = admin_state;
            let registration = held.registration.clone();
            table.admin_states.insert(key, admin_state);
            registration
        };
        self.watcher.notify();
        Ok(registration)
    }

    async fn snapshot(&self) -> Result<Vec<Registration>, RegistryError> {
        let now_ms = self.clock.now_ms();
        Ok(lock(&self.table).by_position(|expires_at_ms| expires_at_ms > now_ms))
    }

    async fn recently_expired(&self, within: Duration) -> Result<Vec<Registration>, RegistryError> {
        let now_ms = self.clock.now_ms();
        let since_ms = now_ms.saturating_sub(to_ms(within));
        let recent = since_ms + 1..=now_ms;
        Ok(lock(&self.table).by_position(|expires_at_ms| recent.contains(&expires_at_ms)))
    }

    fn changes(&self) -> watch::Receiver<u64> {
        self.watcher.changes()
    }
}
