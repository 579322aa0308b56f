//! A whole Tiffin on loopback: replicas, a front-end server and stand-ins for the providers, in a folder of its own.

mod servers;
mod status;

use std::collections::{BTreeMap, HashMap};
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use anyhow::Context;
use jiff::civil;
use rusqlite::{Connection, OpenFlags};
use rustix::process::{Pid, Signal};
use serde::Serialize;
use tempfile::TempDir;

use crate::child::{self, Child};
use crate::network::Network;
use crate::providers::Provider;
use crate::staff::As;
use crate::{Customer, Staff};
use servers::FrontEnd;

/// Long enough for a debug build on a busy machine.
const SETTLE: Duration = Duration::from_secs(20);
const CLOCK_OFFSET: &str = "TIFFIN_CLOCK_OFFSET_MS";
const OPERATOR_PASSWORD: &str = "a password for tests only";

pub struct Options {
    pub replicas: u16,
    /// Local time in London that the cluster's clocks begin at.
    pub now: civil::DateTime,
    pub menus: PathBuf,
    /// The built client.
    pub assets: PathBuf,
    /// Every connection goes through a proxy; what those do follows from this seed.
    pub network: Option<u64>,
    /// Further settings of all processes, as environment variables.
    pub settings: Vec<(&'static str, String)>,
}

impl Default for Options {
    /// Three replicas, a Friday evening, the shipped menus.
    fn default() -> Self {
        let root = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("..");
        Self {
            replicas: 3,
            now: civil::date(2026, 11, 20).at(18, 30, 0, 0),
            menus: root.join("menus"),
            assets: root.join("dist"),
            network: None,
            settings: Vec::new(),
        }
    }
}

pub struct Cluster {
    environment: HashMap<String, String>,
    replicas: BTreeMap<u16, Child>,
    servers: Vec<FrontEnd>,
    pub postcodes_io: Provider,
    pub findthatpostcode: Provider,
    network: Option<Network>,
    clock_offset_ms: i64,
    /// Last, because fields go in this order: while processes still write, a folder cannot be removed.
    folder: TempDir,
}

/// An order as it stands in the database, whatever anybody was told.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct StoredOrder {
    pub token: String,
    pub number: u32,
    pub restaurant: String,
    pub fulfilment: String,
    pub slot_start_ms: Option<i64>,
    pub total_pence: i64,
}

impl Cluster {
    /// Starts all of it and waits until every replica is available to the front-end server.
    ///
    /// # Errors
    /// If a part does not start; with its log.
    pub async fn start(options: Options) -> anyhow::Result<Self> {
        let folder = tempfile::tempdir()?;
        let postcodes_io = Provider::postcodes_io().await?;
        let findthatpostcode = Provider::findthatpostcode().await?;
        let network = match options.network {
            Some(seed) => Some(Network::start(seed).await?),
            None => None,
        };
        let mut providers = (postcodes_io.address, findthatpostcode.address);
        if let Some(network) = &network {
            network.postcodes_io.lead_to(providers.0);
            network.findthatpostcode.lead_to(providers.1);
            providers = (
                network.postcodes_io.address,
                network.findthatpostcode.address,
            );
        }
        let clock_offset_ms = offset_ms(options.now)?;
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
        let servers = vec![FrontEnd::start(1, &environment, folder.path()).await?];
        let mut cluster = Self {
            environment,
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
            network.customers.lead_to(server.parse()?);
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

    #[must_use]
    pub fn data(&self) -> &Path {
        self.folder.path()
    }

    /// A customer with a connection of their own, to a front-end server that answers.
    #[must_use]
    pub fn customer(&self) -> Customer {
        Customer::new(self.answering_url())
    }

    /// Staff of a restaurant with a new account, signed in.
    ///
    /// # Errors
    /// If the account cannot be made, or its password is refused.
    pub async fn staff(&self, restaurant: &str, kept: As) -> anyhow::Result<Staff> {
        let name = format!("account-{}", crate::customer::new_key());
        let arguments = ["staff", "add", "--restaurant", restaurant, "--name", &name];
        let printed = child::run("backend", &arguments, &self.environment).await?;
        let (_, password) = printed
            .split_once("password: ")
            .context("the command prints a password")?;
        Staff::sign_in(
            self.answering_url(),
            restaurant,
            &name,
            password.trim(),
            kept,
        )
        .await
    }

    /// # Errors
    /// If it does not start.
    pub async fn start_replica(&mut self, number: u16) -> anyhow::Result<()> {
        self.start_replica_off(number, 0).await
    }

    /// Starts one whose clock is so far ahead of the others'.
    ///
    /// # Errors
    /// If it does not start.
    pub async fn start_replica_off(&mut self, number: u16, ahead_ms: i64) -> anyhow::Result<()> {
        let name = format!("replica-{number}");
        let mut arguments = vec!["--id".to_owned(), name.clone()];
        if let Some(network) = &mut self.network {
            let advertised = network.prepare(number).await?;
            arguments.extend(["--advertise".to_owned(), advertised.to_string()]);
        }
        let mut environment = self.environment.clone();
        environment.insert(
            CLOCK_OFFSET.to_owned(),
            (self.clock_offset_ms + ahead_ms).to_string(),
        );
        let child = Child::start(
            "backend",
            &arguments,
            &environment,
            &self.folder.path().join(format!("{name}.log")),
        )
        .await?;
        if let Some(network) = &self.network {
            network.replica(number)?.lead_to(child.address.parse()?);
        }
        self.replicas.insert(number, child);
        Ok(())
    }

    /// Where a replica serves.
    ///
    /// # Errors
    /// If it does not run.
    pub fn replica_address(&self, number: u16) -> anyhow::Result<&str> {
        Ok(&self.replica(number)?.address)
    }

    /// Resident memory of a replica in kilobytes.
    ///
    /// # Errors
    /// If it does not run.
    pub fn replica_memory_kb(&self, number: u16) -> anyhow::Result<u64> {
        self.replica(number)?.memory_kb()
    }

    fn replica(&self, number: u16) -> anyhow::Result<&Child> {
        self.replicas
            .get(&number)
            .with_context(|| format!("replica-{number} does not run"))
    }

    fn replica_mut(&mut self, number: u16) -> anyhow::Result<&mut Child> {
        self.replicas
            .get_mut(&number)
            .with_context(|| format!("replica-{number} does not run"))
    }

    fn take(&mut self, number: u16) -> anyhow::Result<Child> {
        if let Some(network) = &mut self.network {
            network.remove(number);
        }
        self.replicas
            .remove(&number)
            .with_context(|| format!("replica-{number} does not run"))
    }

    /// The proxies that connections go through.
    ///
    /// # Errors
    /// If the cluster was started without.
    pub fn network(&self) -> anyhow::Result<&Network> {
        self.network.as_ref().context("connections are direct here")
    }

    /// # Errors
    /// If it does not run.
    pub fn replica_pid(&self, number: u16) -> anyhow::Result<Pid> {
        self.replica(number)?.pid()
    }

    /// A file of `/proc` about a replica.
    ///
    /// # Errors
    /// If it does not run.
    pub fn replica_proc(&self, number: u16, file: &str) -> anyhow::Result<String> {
        self.replica(number)?.proc(file)
    }

    /// Whether a replica that nobody ended has ended; one that was killed or terminated is not there at all.
    ///
    /// # Errors
    /// If it was never started, or taken away.
    pub fn has_ended(&mut self, number: u16) -> anyhow::Result<bool> {
        self.replica_mut(number)?.has_ended()
    }

    /// Whether nothing runs there any more; whoever ended it.
    #[must_use]
    pub fn is_dead(&self, number: u16) -> bool {
        self.replica_proc(number, "stat")
            .map_or(true, |stat| stat.contains(") Z "))
    }

    /// Whether it stands still.
    #[must_use]
    pub fn is_stopped(&self, number: u16) -> bool {
        self.replica_proc(number, "stat")
            .is_ok_and(|stat| stat.contains(") T "))
    }

    /// From now on every write of a replica to a file fails, as on a full disk, or none does any more.
    ///
    /// # Errors
    /// If it does not run.
    pub fn deny_disk(&self, number: u16, denied: bool) -> anyhow::Result<()> {
        self.replica(number)?.deny_disk(denied)
    }

    /// `kill -9`.
    ///
    /// # Errors
    /// If it does not run.
    pub async fn kill(&mut self, number: u16) -> anyhow::Result<()> {
        self.take(number)?.kill().await
    }

    /// SIGTERM; tells whether it ended well.
    ///
    /// # Errors
    /// If it does not run.
    pub async fn terminate(&mut self, number: u16) -> anyhow::Result<bool> {
        self.take(number)?.terminate().await
    }

    /// Stops it where it is, as a machine that swaps would.
    ///
    /// # Errors
    /// If it does not run.
    pub fn hang(&self, number: u16) -> anyhow::Result<()> {
        self.replica(number)?.signal(Signal::STOP)
    }

    /// Lets a stopped one go on; tells whether it still lives, for the others end one that holds a lock that they need.
    ///
    /// # Errors
    /// If it was never started, or taken away.
    pub fn resume(&mut self, number: u16) -> anyhow::Result<bool> {
        let child = self.replica_mut(number)?;
        if child.has_ended()? {
            return Ok(false);
        }
        child.signal(Signal::CONT)?;
        Ok(true)
    }

    /// The database file, to be read only.
    ///
    /// # Errors
    /// If it cannot be opened.
    pub fn database(&self) -> anyhow::Result<Connection> {
        let file = self.folder.path().join("tiffin.db");
        let db = Connection::open_with_flags(&file, OpenFlags::SQLITE_OPEN_READ_ONLY)
            .with_context(|| format!("cannot open {}", file.display()))?;
        db.busy_timeout(SETTLE)?;
        Ok(db)
    }

    /// Leaves data, logs and whatever else is there when the cluster ends.
    pub fn keep_folder(&mut self) {
        self.folder.disable_cleanup(true);
    }

    /// Every order there is, oldest first, read from the database file itself.
    ///
    /// # Errors
    /// If it cannot be read.
    pub fn stored_orders(&self) -> anyhow::Result<Vec<StoredOrder>> {
        let db = self.database()?;
        let mut query = db.prepare(
            "SELECT token, number, restaurant, fulfilment, slot_start_ms, total_pence FROM orders ORDER BY id",
        )?;
        let orders = query.query_map([], |row| {
            Ok(StoredOrder {
                token: row.get(0)?,
                number: row.get(1)?,
                restaurant: row.get(2)?,
                fulfilment: row.get(3)?,
                slot_start_ms: row.get(4)?,
                total_pence: row.get(5)?,
            })
        })?;
        Ok(orders.collect::<Result<_, _>>()?)
    }
}

impl Drop for Cluster {
    /// A test that failed tells what the processes had to say.
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

/// How far the clocks must be moved so that it is `now` in London.
fn offset_ms(now: civil::DateTime) -> anyhow::Result<i64> {
    let wanted = now.in_tz("Europe/London")?.timestamp().as_millisecond();
    let real = i64::try_from(SystemTime::now().duration_since(UNIX_EPOCH)?.as_millis())?;
    Ok(wanted - real)
}
