//! Builds a front-end server from its settings, and runs it until a graceful shutdown.

use std::io::ErrorKind;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use anyhow::{Context, anyhow};
use http::HeaderValue;
use process::clock::{SharedClock, SystemClock};
use process::listening;
use process::lock_watchdog::LockWatchdog;
use process::secret::SigningKey;
use registry::{LeaseTiming, Membership, NewRegistration, Registry, Role, SqliteRegistry};
use tokio::net::TcpListener;
use tokio::runtime::Handle;
use tokio::sync::mpsc;
use tokio::task::JoinSet;
use tokio_util::sync::CancellationToken;

use crate::assets::Assets;
use crate::drill::{DrillContext, Drills};
use crate::events::{EventHub, follow_log};
use crate::fleet_history::FleetHistory;
use crate::gateway::{Fleet, Gateway};
use crate::http::listener::{self, ClientLimits};
use crate::http::workers::Workers;
use crate::routes::Routes;
use crate::server_directory::{OwnServer, ServerDirectory};
use crate::settings::ServerSettings;
use crate::status::operator::Operator;
use crate::status::{LiveStatus, Panel, follow, password};

/// Time for requests in flight after the shutdown began. Longer than the default request timeout, so that their clients get a
/// response; shorter than a supervisor waits before it kills the process.
const SHUTDOWN_TIMEOUT: Duration = Duration::from_secs(12);
/// File descriptors left free for connections to replicas, the registry, the assets and the logs.
const RESERVED_DESCRIPTORS: usize = 600;

pub struct Application {
    id: String,
    address: SocketAddr,
    generated_password: Option<String>,
    listener: TcpListener,
    limits: ClientLimits,
    routes: Arc<Routes>,
    workers: Arc<Workers>,
    fleet: Arc<Fleet>,
    panel: Arc<Panel>,
    hub: Arc<EventHub>,
    servers: Arc<ServerDirectory>,
    membership: Membership,
    registry_lock: RegistryLock,
    stop: CancellationToken,
}

/// Guards the registry's lock: ends stopped processes that hold it.
struct RegistryLock {
    /// Ids of the processes that were ended.
    ended_processes: mpsc::UnboundedReceiver<u32>,
    _lock_watchdog: LockWatchdog,
}

impl Application {
    /// Binds the port and registers. Connections wait until [`Application::run`] serves them.
    ///
    /// # Errors
    /// If the port is in use, the system gives no threads, or a file in the data folder can be neither read nor written. The error says
    /// what to do.
    pub async fn build(settings: ServerSettings) -> anyhow::Result<Self> {
        let clock: SharedClock = Arc::new(SystemClock {
            offset_ms: settings.common.clock_offset_ms,
        });
        let data = settings.common.data.clone();
        std::fs::create_dir_all(&data)
            .with_context(|| format!("cannot make the data folder {}", data.display()))?;
        let listener = bind(settings.listen)?;
        let lease = Duration::from_millis(settings.lease_ms);
        let file = data.join("registry.db");
        let (sender, ended_processes) = mpsc::unbounded_channel();
        // Before the registry is opened, since a stopped process that holds the lock would block that too.
        let lock_watchdog = LockWatchdog::start(std::slice::from_ref(&file), move |process_id| {
            // Fails during a shutdown, when the receiver is gone.
            let _ = sender.send(process_id);
        })
        .context("the system gives no threads")?;
        let registry: Arc<dyn Registry> = Arc::new(
            SqliteRegistry::open(&file, lease, Arc::clone(&clock))
                .with_context(|| format!("cannot open the registry in {}", data.display()))?,
        );
        let registry_lock = RegistryLock {
            ended_processes,
            _lock_watchdog: lock_watchdog,
        };
        Self::assemble(settings, listener, registry, registry_lock, clock).await
    }

    async fn assemble(
        settings: ServerSettings,
        listener: TcpListener,
        registry: Arc<dyn Registry>,
        registry_lock: RegistryLock,
        clock: SharedClock,
    ) -> anyhow::Result<Self> {
        let address = listener.local_addr()?;
        let id = match settings.id.clone() {
            Some(id) => id,
            None => random_id()?,
        };
        let data: PathBuf = settings.common.data.clone();
        let key = SigningKey::load(settings.common.signing_key.as_deref(), &data)?;
        let setting = settings.operator_password.clone();
        let password =
            tokio::task::spawn_blocking(move || password::load(setting.as_deref(), &data))
                .await??;
        let operator = Operator::new(&key, &password, Arc::clone(&clock));

        let timing = LeaseTiming::new(Duration::from_millis(settings.lease_ms));
        let history = Arc::new(FleetHistory::new(Arc::clone(&clock)));
        let snapshots = registry::follow(Arc::clone(&registry), Arc::clone(&clock), timing).await;
        let credential = HeaderValue::from_str(&key.replica_credential())?;
        let config = settings.gateway_config(credential);
        let servers = Arc::new(ServerDirectory::new(
            OwnServer {
                id: id.clone(),
                listens_at: address,
                public_url: settings.public_url.clone(),
            },
            settings.shared_url.clone(),
            snapshots.clone(),
        ));
        let fleet = Fleet::new(
            snapshots,
            config.clone(),
            Arc::clone(&clock),
            Arc::clone(&history),
        );
        fleet.add_replicas_without_lease(&*registry).await;
        let gateway = Arc::new(Gateway::new(Arc::clone(&fleet), config));
        let stop = CancellationToken::new();
        let drills = Drills::new(
            DrillContext {
                clock: Arc::clone(&clock),
                fleet: Arc::clone(&fleet),
                gateway: Arc::clone(&gateway),
                history: Arc::clone(&history),
                registry: Arc::clone(&registry),
            },
            stop.clone(),
        );
        let panel = Arc::new(Panel {
            server_id: id.clone(),
            servers: Arc::clone(&servers),
            clock: Arc::clone(&clock),
            fleet: Arc::clone(&fleet),
            gateway: Arc::clone(&gateway),
            history,
            operator,
            registry: Arc::clone(&registry),
            stop: stop.clone(),
            live: LiveStatus::default(),
            drills,
        });
        let hub = Arc::new(EventHub::new(Arc::clone(&gateway), stop.clone()));
        let routes = Routes::new(
            gateway,
            Arc::clone(&panel),
            Arc::clone(&hub),
            Assets::new(&settings.assets, Arc::clone(&servers)),
            Arc::clone(&servers),
        );
        let workers = Arc::new(Workers::start().context("the system gives no threads")?);
        let membership = Membership::start(
            registry,
            NewRegistration {
                id: id.clone(),
                role: Role::Server,
                address: address.to_string(),
                public_url: settings.public_url.as_ref().map(ToString::to_string),
                version: env!("CARGO_PKG_VERSION").to_owned(),
                started_at_ms: clock.now_ms(),
                process_id: std::process::id(),
            },
            timing,
        );
        Ok(Self {
            id,
            address,
            generated_password: password.generated,
            listener,
            limits: ClientLimits {
                max_connections: affordable_connections(usize::try_from(settings.max_connections)?),
                timeout: settings.client_timeout(),
            },
            routes: Arc::new(routes),
            workers,
            fleet,
            panel,
            hub,
            servers,
            membership,
            registry_lock,
            stop,
        })
    }

    #[must_use]
    pub fn id(&self) -> &str {
        &self.id
    }

    #[must_use]
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// The operator's password, if this start generated it. Only its hash is stored.
    #[must_use]
    pub fn generated_password(&self) -> Option<&str> {
        self.generated_password.as_deref()
    }

    /// The runtimes that serve clients.
    #[must_use]
    pub fn runtimes(&self) -> Vec<Handle> {
        self.workers.runtimes()
    }

    /// Serves until `shutdown` completes, then finishes the requests in flight.
    ///
    /// # Errors
    /// If a task of the server panicked.
    pub async fn run(self, shutdown: impl Future<Output = ()>) -> anyhow::Result<()> {
        let mut background = JoinSet::new();
        background.spawn(Arc::clone(&self.panel.gateway).run());
        background.spawn(report_ended_processes(
            self.registry_lock,
            self.fleet,
            self.id,
        ));
        background.spawn(follow_log(self.hub));
        background.spawn(self.servers.follow());
        background.spawn(follow::publish_changes(Arc::clone(&self.panel)));
        let serving = tokio::spawn(listener::serve(
            self.listener,
            self.routes,
            self.limits,
            self.stop.clone(),
            Arc::clone(&self.workers),
        ));
        shutdown.await;
        // Deregisters first, so that pages and other servers stop using this one.
        self.membership.leave().await;
        self.stop.cancel();
        serving.await?;
        let all = async { tokio::join!(self.workers.finished(), self.panel.drills.finished()) };
        if tokio::time::timeout(SHUTDOWN_TIMEOUT, all).await.is_err() {
            tracing::warn!("the server ends although some requests are not finished");
        }
        background.abort_all();
        Ok(())
    }
}

async fn report_ended_processes(mut lock: RegistryLock, fleet: Arc<Fleet>, server_id: String) {
    while let Some(process_id) = lock.ended_processes.recv().await {
        fleet.report_ended_process(process_id, &server_id);
    }
}

fn bind(address: SocketAddr) -> anyhow::Result<TcpListener> {
    listening::listen(address).map_err(|error| {
        let port = address.port();
        match error.kind() {
            ErrorKind::AddrInUse => anyhow!(
                "port {port} is in use; end the other process, or choose another with --listen {}:{}",
                address.ip(),
                port.wrapping_add(1)
            ),
            ErrorKind::PermissionDenied => anyhow!(
                "port {port} is not allowed for this user; choose one above 1023 with --listen {}:8080",
                address.ip()
            ),
            ErrorKind::AddrNotAvailable => anyhow!(
                "this machine has no address {}; use --listen 0.0.0.0:{port} for all that it has",
                address.ip()
            ),
            _ => anyhow!(error).context(format!("cannot listen at {address}")),
        }
    })
}

fn random_id() -> anyhow::Result<String> {
    let mut random = [0; 3];
    getrandom::fill(&mut random).context("the system gives no random bytes")?;
    Ok(format!("server-{}", hex::encode(random)))
}

/// Limits the number of connections to what the system's limit on file descriptors allows, after raising that as far as possible.
fn affordable_connections(wanted: usize) -> usize {
    use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};
    let limit = getrlimit(Resource::Nofile);
    let raised = Rlimit {
        current: limit.maximum,
        maximum: limit.maximum,
    };
    let descriptors = match setrlimit(Resource::Nofile, raised) {
        Ok(()) => limit.maximum,
        Err(_) => limit.current,
    };
    let Some(descriptors) = descriptors.and_then(|number| usize::try_from(number).ok()) else {
        return wanted;
    };
    let affordable = descriptors
        .saturating_sub(RESERVED_DESCRIPTORS)
        .max(descriptors / 4)
        .max(1);
    if affordable < wanted {
        tracing::warn!(
            descriptors,
            "the limit on open files allows {affordable} connections at once; raise it (ulimit -n) for more"
        );
    }
    affordable.min(wanted)
}
