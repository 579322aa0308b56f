//! The conformance suite of registries: each case runs over every implementation. The clock is a parameter, and no test sleeps.

mod admin_state;
mod changes;
mod equivalence;
mod leases;

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use process::clock::ManualClock;
use registry::{
    Lease, MemoryRegistry, NewRegistration, Registry, RegistryError, Role, SqliteRegistry,
};

pub const LEASE_MS: i64 = 3_000;
pub const START_MS: i64 = 1_700_000_000_000;

/// One registry, opened by two processes.
pub struct World {
    pub one: Arc<dyn Registry>,
    pub other: Arc<dyn Registry>,
    pub clock: Arc<ManualClock>,
    folder: Option<tempfile::TempDir>,
}

pub const LEASE: Duration = Duration::from_millis(LEASE_MS as u64);

fn open(folder: &Path, clock: Arc<ManualClock>) -> SqliteRegistry {
    SqliteRegistry::open(&folder.join("registry.db"), LEASE, clock).unwrap()
}

impl World {
    pub fn memory() -> Self {
        let clock = ManualClock::at(START_MS);
        let registry = Arc::new(MemoryRegistry::new(LEASE, clock.clone()).unwrap());
        Self {
            one: registry.clone(),
            other: registry,
            clock,
            folder: None,
        }
    }

    pub fn sqlite() -> Self {
        let clock = ManualClock::at(START_MS);
        let folder = tempfile::tempdir().unwrap();
        let open = || Arc::new(open(folder.path(), clock.clone()));
        Self {
            one: open(),
            other: open(),
            clock,
            folder: Some(folder),
        }
    }

    /// The same registry, opened by a process whose clock is ahead; `None` if the registry is not in a file.
    pub fn ahead_by(&self, ms: i64) -> Option<Arc<dyn Registry>> {
        let folder = self.folder.as_ref()?;
        let clock = ManualClock::at(START_MS + ms);
        Some(Arc::new(open(folder.path(), clock)))
    }

    pub async fn register(&self, id: &str) -> Lease {
        self.one.register(replica(id)).await.unwrap()
    }

    /// Ids of the live registrations, read by the other process.
    pub async fn live_ids(&self) -> Vec<String> {
        let snapshot = self.other.snapshot().await.unwrap();
        snapshot
            .into_iter()
            .map(|registration| registration.id)
            .collect()
    }
}

pub fn replica(id: &str) -> NewRegistration {
    NewRegistration {
        id: id.to_owned(),
        role: Role::Replica,
        address: "127.0.0.1:40123".to_owned(),
        public_url: None,
        version: "0.1.0".to_owned(),
        started_at_ms: START_MS - 5,
        process_id: 4711,
    }
}

pub fn server(id: &str) -> NewRegistration {
    NewRegistration {
        role: Role::Server,
        public_url: Some(format!("https://{id}.shop.test")),
        ..replica(id)
    }
}

pub fn is_lost<T>(result: &Result<T, RegistryError>) -> bool {
    matches!(result, Err(RegistryError::LeaseLost { .. }))
}

pub fn is_taken<T>(result: &Result<T, RegistryError>) -> bool {
    matches!(result, Err(RegistryError::LeaseTaken { .. }))
}

/// Defines a test per named case and registry.
macro_rules! test_all_registries {
    ($($case:ident),+ $(,)?) => {
        mod memory {
            $(#[tokio::test] async fn $case() { super::$case($crate::World::memory()).await; })+
        }
        mod sqlite {
            $(#[tokio::test] async fn $case() { super::$case($crate::World::sqlite()).await; })+
        }
    };
}
pub(crate) use test_all_registries;
