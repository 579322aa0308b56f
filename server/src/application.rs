//! Puts a front-end server together from its settings, and runs it to an orderly end.

use std::io::ErrorKind;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use anyhow::{Context, anyhow};
use http::HeaderValue;
use process::clock::{SharedClock, SystemClock};
use process::listening;
use process::secret::{SigningKey, to_hex};
use process::stopped::LockGuard;
use registry::{Membership, NewRegistration, Registry, Rhythm, Role, SqliteRegistry};
use tokio::net::TcpListener;
use tokio::runtime::Handle;
use tokio::sync::mpsc;
use tokio_util::sync::CancellationToken;

use crate::assets::Assets;
use crate::drill::{Drills, Parts};
use crate::events::Events;
use crate::feed::{self, Feed};
use crate::gateway::{Fleet, Gateway};
use crate::listener::{self, ClientLimits};
use crate::routes::Routes;
use crate::servers::{Own, Servers};
use crate::settings::ServerSettings;
use crate::status::{Panel, live, password, session::Operator};
use crate::workers::Workers;

/// How long answers may still take after the process was asked to end. Longer than a request may take.
const FAREWELL: Duration = Duration::from_secs(12);
/// Left free for the replicas' connections, the registry, the assets and the logs.
const OWN_DESCRIPTORS: usize = 600;

pub struct Application {
    id: String,
    address: SocketAddr,
    first_password: Option<String>,
    listener: TcpListener,
    limits: ClientLimits,
    routes: Arc<Routes>,
    workers: Arc<Workers>,
    fleet: Arc<Fleet>,
    panel: Arc<Panel>,
    feed: Arc<Feed>,
    servers: Arc<Servers>,
    membership: Membership,
    guarded: Guarded,
    stop: CancellationToken,
}

/// The registry's lock, and the stopped processes that it was freed from.
struct Guarded {
    ended: mpsc::UnboundedReceiver<u32>,
    _guard: LockGuard,
}

impl Application {
    /// Binds, so that connections wait from here on, and registers. Nothing is served before [`Application::run`].
    ///
    /// # Errors
    /// If the port is taken, the system gives no threads, or a file in the data folder can be neither read nor made; says what to do about it.
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
        let (tell_ended, ended) = mpsc::unbounded_channel();
        // Before it is opened, which a process that stands still could hold up as well.
        let guard = LockGuard::start(std::slice::from_ref(&file), move |process_id| {
            // Nobody listens any more at the end.
            let _ = tell_ended.send(process_id);
        })
        .context("the system gives no threads")?;
        let registry: Arc<dyn Registry> = Arc::new(
            SqliteRegistry::open(&file, lease, Arc::clone(&clock))
                .with_context(|| format!("cannot open the registry in {}", data.display()))?,
        );
        let guarded = Guarded {
            ended,
            _guard: guard,
        };
        Self::assemble(settings, listener, registry, guarded, clock).await
    }

    async fn assemble(
        settings: ServerSettings,
        listener: TcpListener,
        registry: Arc<dyn Registry>,
        guarded: Guarded,
        clock: SharedClock,
    ) -> anyhow::Result<Self> {
        let address = listener.local_addr()?;
        let id = match settings.id.clone() {
            Some(id) => id,
            None => made_up_id()?,
        };
        let data: PathBuf = settings.common.data.clone();
        let key = SigningKey::load(settings.common.signing_key.as_deref(), &data)?;
        let given_password = settings.operator_password.clone();
        let loaded =
            tokio::task::spawn_blocking(move || password::load(given_password.as_deref(), &data))
                .await??;
        let operator = Operator::new(&key, &loaded, Arc::clone(&clock));

        let rhythm = Rhythm::of(Duration::from_millis(settings.lease_ms));
        let events = Arc::new(Events::new(Arc::clone(&clock)));
        let snapshots = registry::follow(Arc::clone(&registry), Arc::clone(&clock), rhythm).await;
        let credential = HeaderValue::from_str(&key.replica_credential())?;
        let config = settings.gateway_config(credential);
        let servers = Arc::new(Servers::new(
            Own {
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
            Arc::clone(&events),
        );
        fleet.add_replicas_without_lease(&*registry).await;
        let gateway = Arc::new(Gateway::new(Arc::clone(&fleet), config));
        let stop = CancellationToken::new();
        let drills = Drills::new(
            Parts {
                clock: Arc::clone(&clock),
                fleet: Arc::clone(&fleet),
                gateway: Arc::clone(&gateway),
                events: Arc::clone(&events),
                registry: Arc::clone(&registry),
            },
            stop.clone(),
        );
        let panel = Arc::new(Panel {
            server: id.clone(),
            servers: Arc::clone(&servers),
            clock: Arc::clone(&clock),
            fleet: Arc::clone(&fleet),
            gateway: Arc::clone(&gateway),
            events,
            operator,
            registry: Arc::clone(&registry),
            stop: stop.clone(),
            live: live::Live::default(),
            drills,
        });
        let feed = Arc::new(Feed::new(Arc::clone(&gateway), stop.clone()));
        let routes = Routes::new(
            gateway,
            Arc::clone(&panel),
            Arc::clone(&feed),
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
            rhythm,
        );
        Ok(Self {
            id,
            address,
            first_password: loaded.made,
            listener,
            limits: ClientLimits {
                max_connections: affordable(usize::try_from(settings.max_connections)?),
                patience: settings.client_timeout(),
            },
            routes: Arc::new(routes),
            workers,
            fleet,
            panel,
            feed,
            servers,
            membership,
            guarded,
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

    /// The operator's password, if this start made it. It is kept nowhere.
    #[must_use]
    pub fn first_password(&self) -> Option<&str> {
        self.first_password.as_deref()
    }

    /// Those that clients are served on.
    #[must_use]
    pub fn runtimes(&self) -> Vec<Handle> {
        self.workers.runtimes()
    }

    /// Serves until `end` completes, then finishes what is under way.
    ///
    /// # Errors
    /// If a task of the server panicked.
    pub async fn run(self, end: impl Future<Output = ()>) -> anyhow::Result<()> {
        let following = tokio::spawn(Arc::clone(&self.panel.gateway).run());
        let telling = tokio::spawn(tell_ended(self.guarded, self.fleet, self.id));
        let listening = tokio::spawn(feed::follow(self.feed));
        let remembering = tokio::spawn(self.servers.follow());
        let rendering = tokio::spawn(live::render(Arc::clone(&self.panel)));
        let serving = tokio::spawn(listener::serve(
            self.listener,
            self.routes,
            self.limits,
            self.stop.clone(),
            Arc::clone(&self.workers),
        ));
        end.await;
        // Off the list first, so that the panel and other servers do not count on this one any more.
        self.membership.leave().await;
        self.stop.cancel();
        serving.await?;
        let all = async { tokio::join!(self.workers.finished(), self.panel.drills.ended()) };
        if tokio::time::timeout(FAREWELL, all).await.is_err() {
            tracing::warn!("some requests took too long to be finished");
        }
        following.abort();
        telling.abort();
        listening.abort();
        remembering.abort();
        rendering.abort();
        Ok(())
    }
}

async fn tell_ended(mut guarded: Guarded, fleet: Arc<Fleet>, id: String) {
    while let Some(process_id) = guarded.ended.recv().await {
        fleet.report_ended_process(process_id, &id);
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

fn made_up_id() -> anyhow::Result<String> {
    let mut random = [0; 3];
    getrandom::fill(&mut random).context("the system gives no random bytes")?;
    Ok(format!("server-{}", to_hex(&random)))
}

/// As many connections as wanted and as the system's limit on file descriptors (raised as far as it goes) affords.
fn affordable(wanted: usize) -> usize {
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
    let room = descriptors
        .saturating_sub(OWN_DESCRIPTORS)
        .max(descriptors / 4)
        .max(1);
    if room < wanted {
        tracing::warn!(
            descriptors,
            "the limit on open files allows {room} connections at once; raise it (ulimit -n) for more"
        );
    }
    room.min(wanted)
}
