//! A cluster of real processes on loopback: replicas, front-end servers and provider stand-ins, with a data folder of its own.

pub mod ids;

mod front_end_server;
mod replicas;
mod servers;
mod status;
mod store;

use std::collections::{BTreeMap, HashMap};
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use anyhow::Context;
use jiff::civil;
use tempfile::TempDir;

pub use store::OrderSummary;

use crate::child::{self, Child};
use crate::customer_client::{CustomerClient, new_idempotency_key};
use crate::providers::{ProviderMode, ProviderStandIn};
use crate::proxy_network::ProxyNetwork;
use crate::staff_client::{SessionKind, StaffClient};
use front_end_server::FrontEndServer;

/// Deadline of the waits for a state of the cluster: long enough for a debug build on a busy machine.
const SETTLE_TIMEOUT: Duration = Duration::from_secs(20);
const CLOCK_OFFSET: &str = "TIFFIN_CLOCK_OFFSET_MS";
const OPERATOR_PASSWORD: &str = "a password for tests only";

pub struct Options {
    pub replicas: u16,
    /// Local time in London that the cluster's clocks start at.
    pub now: civil::DateTime,
    pub menus: PathBuf,
    /// The built client.
    pub assets: PathBuf,
    /// The front-end servers' program: a file name in the folder of built binaries, or an absolute path.
    pub server_program: String,
    /// With a seed, every connection goes through a fault proxy, whose faults follow from the seed.
    pub network: Option<u64>,
    /// Further settings of all processes, as environment variables.
    pub settings: Vec<(&'static str, String)>,
}

impl Default for Options {
    /// Three replicas, a Friday evening, the shipped menus, direct connections.
    fn default() -> Self {
        let root = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("..");
        Self {
            replicas: 3,
            now: civil::date(2026, 11, 20).at(18, 30, 0, 0),
            menus: root.join("menus"),
            assets: root.join("dist"),
            server_program: "server".to_owned(),
            network: None,
            settings: Vec::new(),
        }
    }
}

impl Options {
    /// The defaults with this number of replicas.
    #[must_use]
    pub fn with_replicas(replicas: u16) -> Self {
        Self {
            replicas,
            ..Self::default()
        }
    }
}

pub struct Cluster {
    environment: HashMap<String, String>,
    server_program: String,
    replicas: BTreeMap<u16, Child>,
    servers: Vec<FrontEndServer>,
    pub postcodes_io: ProviderStandIn,
    pub findthatpostcode: ProviderStandIn,
    network: Option<ProxyNetwork>,
    clock_offset_ms: i64,
    /// The last field, so that it is dropped last: a folder that processes still write to cannot be removed.
    folder: TempDir,
}

impl Cluster {
    /// Starts all processes and waits until every replica is available to the front-end server.
    ///
    /// # Errors
    /// If a process does not start; the message includes its log.
    pub async fn start(options: Options) -> anyhow::Result<Self> {
        let folder = tempfile::tempdir()?;
        let postcodes_io = ProviderStandIn::postcodes_io().await?;
        let findthatpostcode = ProviderStandIn::findthatpostcode().await?;
        let network = match options.network {
            Some(seed) => Some(ProxyNetwork::start(seed).await?),
            None => None,
        };
        let mut providers = (postcodes_io.address, findthatpostcode.address);
        if let Some(network) = &network {
            network.postcodes_io.set_upstream(providers.0);
            network.findthatpostcode.set_upstream(providers.1);
            providers = (
                network.postcodes_io.address,
                network.findthatpostcode.address,
            );
        }
        let clock_offset_ms = clock_offset_ms(options.now)?;
        let environment: HashMap<String, String> = [
            ("TIFFIN_DATA", folder.path().display().to_string()),
            ("TIFFIN_MENUS", options.menus.display().to_string()),
            ("TIFFIN_ASSETS", options.assets.display().to_string()),
            (CLOCK_OFFSET, clock_offset_ms.to_string()),
            ("TIFFIN_POSTCODES_IO_URL", format!("http://{}", providers.0)),
            (
                "TIFFIN_FINDTHATPOSTCODE_URL",
                format!("http://{}", providers.1),
            ),
            ("TIFFIN_OPERATOR_PASSWORD", OPERATOR_PASSWORD.to_owned()),
        ]
        .into_iter()
        .chain(options.settings)
        .map(|(name, value)| (name.to_owned(), value))
        .collect();
        let server_program = options.server_program;
        let server = FrontEndServer::start(1, &server_program, &environment, folder.path());
        let servers = vec![server.await?];
        let mut cluster = Self {
            environment,
            server_program,
            replicas: BTreeMap::new(),
            servers,
            postcodes_io,
            findthatpostcode,
            network,
            clock_offset_ms,
            folder,
        };
        if let Some(network) = &cluster.network {
            let server = cluster.servers[0].address();
            network.customers.set_upstream(server.parse()?);
        }
        for number in 1..=options.replicas {
            cluster.start_replica(number).await?;
        }
        cluster.wait_available(options.replicas.into()).await?;
        Ok(cluster)
    }

    #[must_use]
    pub fn operator_password(&self) -> &str {
        OPERATOR_PASSWORD
    }

    /// Returns the folder of databases, keys and logs.
    #[must_use]
    pub fn data_folder(&self) -> &Path {
        self.folder.path()
    }

    /// Leaves the data folder in place when the cluster ends.
    pub fn keep_folder(&mut self) {
        self.folder.disable_cleanup(true);
    }

    /// Returns the fault proxies.
    ///
    /// # Errors
    /// If the cluster was started without.
    pub fn network(&self) -> anyhow::Result<&ProxyNetwork> {
        self.network
            .as_ref()
            .context("this cluster has direct connections")
    }

    /// Sets the mode of both providers.
    pub fn set_provider_mode(&self, mode: ProviderMode) {
        self.postcodes_io.set_mode(mode);
        self.findthatpostcode.set_mode(mode);
    }

    /// Returns a client with connections of its own to a front-end server that responds.
    #[must_use]
    pub fn customer_client(&self) -> CustomerClient {
        CustomerClient::new(self.responding_url())
    }

    /// Creates a staff account of a restaurant and signs in to it.
    ///
    /// # Errors
    /// If the account cannot be created, or its password is refused.
    pub async fn staff_client(
        &self,
        restaurant: &str,
        session: SessionKind,
    ) -> anyhow::Result<StaffClient> {
        let name = format!("account-{}", new_idempotency_key());
        let arguments = ["staff", "add", "--restaurant", restaurant, "--name", &name];
        let output = child::run("backend", &arguments, &self.environment).await?;
        let (_, password) = output
            .split_once("password: ")
            .context("`backend staff add` printed no password")?;
        StaffClient::sign_in(
            self.responding_url(),
            restaurant,
            &name,
            password.trim(),
            session,
        )
        .await
    }
}

impl Drop for Cluster {
    /// Prints the logs of the processes where a test has failed.
    fn drop(&mut self) {
        if !std::thread::panicking() {
            return;
        }
        let Ok(files) = std::fs::read_dir(self.folder.path()) else {
            return;
        };
        for file in files.flatten().map(|entry| entry.path()) {
            if file.extension().is_some_and(|extension| extension == "log") {
                let log = std::fs::read_to_string(&file).unwrap_or_default();
                eprintln!("── {}\n{log}", file.display());
            }
        }
    }
}

/// Returns the offset that moves the system clock to the local time `now` in London.
fn clock_offset_ms(now: civil::DateTime) -> anyhow::Result<i64> {
    let start_ms = now.in_tz("Europe/London")?.timestamp().as_millisecond();
    let system_ms = i64::try_from(SystemTime::now().duration_since(UNIX_EPOCH)?.as_millis())?;
    Ok(start_ms - system_ms)
}
