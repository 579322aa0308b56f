//! A replica put together from its settings: the one place that knows all of its parts.

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
use crate::ended::EndedProcesses;
use crate::geocode::Geocoder;
use crate::menus::{self, CatalogueError};
use crate::replica::{Life, Replica, ReplicaHandle};
use crate::settings::BackendSettings;
use crate::store::SqliteStore;
use crate::tending::{Rounds, Tending};

/// A replica that is ready to serve: everything is open, the address is taken.
pub struct Application {
    replica: Replica,
    router: Router,
    tending: Tending,
    _guard: LockWatchdog,
}

impl Application {
    /// Opens what the settings name. Blocks on files, which is right only at the start of a process.
    ///
    /// # Errors
    /// If anything is missing, wrong or in use; says what to do.
    pub async fn build(settings: BackendSettings) -> anyhow::Result<Self> {
        let data = &settings.common.data;
        fs::create_dir_all(data).with_context(|| {
            let folder = data.display();
            format!("cannot make the data folder {folder}; give another with --data")
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
        let counted = Arc::clone(&ended);
        // Before they are opened, which a process that stands still could hold up as well.
        let guard = LockWatchdog::start(
            &[SqliteStore::file(data), registry_file.clone()],
            move |process_id| counted.add(process_id),
        )
        .context("the system gives no threads")?;
        let store = Arc::new(SqliteStore::open(data)?);
        let geocoder = Geocoder::new(settings.geocoding(), store.clone(), clock.clone())?;
        let registry = SqliteRegistry::open(&registry_file, settings.lease(), clock.clone())?;
        let life = Life {
            listen: settings.listen,
            advertise: settings.advertise.clone(),
            id: settings.id.clone(),
            started_at_ms: clock.now_ms(),
            timing: LeaseTiming::new(settings.lease()),
            drain: settings.drain(),
        };
        let replica = Replica::bind(life, Arc::new(registry)).await?;
        let deadlines = Deadlines::new(catalogue.clone(), settings.accept_within());
        let tending = Tending {
            store: store.clone(),
            clock: clock.clone(),
            deadlines: deadlines.clone(),
            keeps_ms: settings.keep_personal_data(),
            rounds: Rounds::default(),
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
            tending,
            _guard: guard,
        })
    }

    #[must_use]
    pub fn address(&self) -> SocketAddr {
        self.replica.address()
    }

    /// Serves until `shutdown` completes and what was begun is finished; calls `serving` once it is registered.
    ///
    /// # Errors
    /// If another process registers under the same id.
    pub async fn run(
        self,
        serving: impl FnOnce(&ReplicaHandle, SocketAddr),
        shutdown: impl Future<Output = ()>,
    ) -> anyhow::Result<()> {
        tokio::select! {
            ended = self.replica.run(self.router, serving, shutdown) => ended,
            () = self.tending.run() => bail!("nobody looks after waiting orders any more"),
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
