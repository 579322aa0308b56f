//! Builds a replica from its settings: the only module that knows all parts.

use std::fs;
use std::net::SocketAddr;
use std::sync::Arc;

use anyhow::{Context, anyhow, bail};
use async_trait::async_trait;
use axum::Router;
use model::Postcode;
use model::place::Place;
use model::status::ProviderStatus;
use process::clock::{SharedClock, SystemClock};
use process::lock_watchdog::LockWatchdog;
use process::secret::SigningKey;
use registry::{LeaseTiming, SqliteRegistry};

use crate::api::{self, ApiState, Geocoding, Sessions};
use crate::domain::expiry::Deadlines;
use crate::ended_processes::EndedProcesses;
use crate::geocode::Geocoder;
use crate::maintenance::{LastRuns, OrderMaintenance};
use crate::menus::{self, CatalogueError};
use crate::replica::{Replica, ReplicaConfig, ReplicaHandle};
use crate::settings::BackendSettings;
use crate::store::SqliteStore;

/// A replica that is ready to serve: all files are open and the address is bound.
pub struct Application {
    replica: Replica,
    router: Router,
    maintenance: OrderMaintenance,
    _lock_watchdog: LockWatchdog,
}

impl Application {
    /// Opens everything that the settings name. Blocks on files, which is acceptable only at the start of a process.
    ///
    /// # Errors
    /// If anything is missing, invalid or in use; the error says what to do.
    pub async fn build(settings: BackendSettings) -> anyhow::Result<Self> {
        let data = &settings.common.data;
        fs::create_dir_all(data).with_context(|| {
            let folder = data.display();
            format!("cannot create the data folder {folder}; give another with --data")
        })?;
        let clock: SharedClock = Arc::new(SystemClock {
            offset_ms: settings.common.clock_offset_ms,
        });
        let key = SigningKey::load(settings.common.signing_key.as_deref(), data)?;
        let catalogue = menus::load(&settings.menus).map_err(|error| match error {
            CatalogueError::Invalid(_) => anyhow!("the menus have mistakes:\n{error}"),
            _ => anyhow!("{error} (setting --menus)"),
        })?;
        let registry_file = data.join("registry.db");
        let ended = Arc::new(EndedProcesses::default());
        let recorded = Arc::clone(&ended);
        // Started before the databases are opened, because a stopped process that holds their lock would block that too.
        let lock_watchdog = LockWatchdog::start(
            &[SqliteStore::file(data), registry_file.clone()],
            move |process_id| recorded.record(process_id),
        )
        .context("cannot start the thread that watches locks")?;
        let store = Arc::new(SqliteStore::open(data)?);
        let geocoder = Geocoder::new(settings.geocoding(), store.clone(), clock.clone())?;
        let registry = SqliteRegistry::open(&registry_file, settings.lease(), clock.clone())?;
        let config = ReplicaConfig {
            listen: settings.listen,
            advertise: settings.advertise.clone(),
            id: settings.id.clone(),
            started_at_ms: clock.now_ms(),
            timing: LeaseTiming::new(settings.lease()),
            drain: settings.drain(),
        };
        let replica = Replica::bind(config, Arc::new(registry)).await?;
        let deadlines = Deadlines::new(catalogue.clone(), settings.acceptance_window_ms());
        let maintenance = OrderMaintenance {
            store: store.clone(),
            clock: clock.clone(),
            deadlines: deadlines.clone(),
            retention_ms: settings.retention_ms(),
            last_runs: LastRuns::default(),
            replica: replica.handle(),
        };
        let router = api::build_router(ApiState {
            catalogue,
            drill_kitchen: Arc::new(menus::drill_kitchen()?),
            deadlines,
            geocoder: Arc::new(geocoder),
            store,
            clock,
            replica: replica.handle(),
            ended,
            credential: key.replica_credential().into(),
            sessions: Arc::new(Sessions::new(key)),
        });
        Ok(Self {
            replica,
            router,
            maintenance,
            _lock_watchdog: lock_watchdog,
        })
    }

    #[must_use]
    pub fn address(&self) -> SocketAddr {
        self.replica.address()
    }

    /// Serves until `shutdown` completes and in-flight requests are finished; calls `on_registered` once the replica is registered.
    ///
    /// # Errors
    /// If another process registers under the same id.
    pub async fn run(
        self,
        on_registered: impl FnOnce(&ReplicaHandle, SocketAddr),
        shutdown: impl Future<Output = ()>,
    ) -> anyhow::Result<()> {
        tokio::select! {
            ended = self.replica.run(self.router, on_registered, shutdown) => ended,
            () = self.maintenance.run() => bail!("order maintenance has ended"),
        }
    }
}

#[async_trait]
impl Geocoding for Geocoder {
    async fn locate(&self, postcode: &Postcode) -> Place {
        Self::locate(self, postcode).await
    }

    fn providers(&self) -> Vec<ProviderStatus> {
        Self::providers(self)
    }
}
