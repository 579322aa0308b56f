//! A whole Tiffin on loopback: replicas, a front-end server and stand-ins for the providers, in a folder of its own.

use std::collections::{BTreeMap, HashMap};
use std::path::PathBuf;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use anyhow::Context;
use jiff::civil;
use model::status::{AdminState, Health, Status};
use rusqlite::{Connection, OpenFlags};
use rustix::process::Signal;
use serde::Serialize;
use tempfile::TempDir;

use crate::child::{self, Child};
use crate::providers::Provider;
use crate::staff::As;
use crate::{Customer, Staff, wait};

/// Long enough for a debug build on a busy machine.
const SETTLE: Duration = Duration::from_secs(20);
const OPERATOR_PASSWORD: &str = "a password for tests only";

pub struct Options {
    pub replicas: u16,
    /// Local time in London that the cluster's clocks begin at.
    pub now: civil::DateTime,
    pub menus: PathBuf,
    /// The built client.
    pub assets: PathBuf,
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
            settings: Vec::new(),
        }
    }
}

pub struct Cluster {
    environment: HashMap<String, String>,
    replicas: BTreeMap<u16, Child>,
    server: Child,
    pub postcodes_io: Provider,
    pub findthatpostcode: Provider,
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
        let environment: HashMap<String, String> = [
            ("TIFFIN_DATA", folder.path().display().to_string()),
            ("TIFFIN_MENUS", options.menus.display().to_string()),
            ("TIFFIN_ASSETS", options.assets.display().to_string()),
            (
                "TIFFIN_CLOCK_OFFSET_MS",
                offset_ms(options.now)?.to_string(),
            ),
            (
                "TIFFIN_POSTCODES_IO_URL",
                format!("http://{}", postcodes_io.address),
            ),
            (
                "TIFFIN_FINDTHATPOSTCODE_URL",
                format!("http://{}", findthatpostcode.address),
            ),
            ("TIFFIN_OPERATOR_PASSWORD", OPERATOR_PASSWORD.to_owned()),
        ]
        .into_iter()
        .chain(options.settings)
        .map(|(name, value)| (name.to_owned(), value))
        .collect();
        let server = Child::start(
            "server",
            &["--listen", "127.0.0.1:0", "--id", "server-1"].map(str::to_owned),
            &environment,
            &folder.path().join("server-1.log"),
        )
        .await?;
        let mut cluster = Self {
            environment,
            replicas: BTreeMap::new(),
            server,
            postcodes_io,
            findthatpostcode,
            folder,
        };
        for number in 1..=options.replicas {
            cluster.start_replica(number).await?;
        }
        cluster.wait_available(options.replicas.into()).await?;
        Ok(cluster)
    }

    /// `http://127.0.0.1:PORT` of the front-end server.
    #[must_use]
    pub fn url(&self) -> &str {
        self.server.address.trim_end_matches('/')
    }

    #[must_use]
    pub fn operator_password(&self) -> &str {
        OPERATOR_PASSWORD
    }

    #[must_use]
    pub fn data(&self) -> &std::path::Path {
        self.folder.path()
    }

    /// A customer with a connection of their own.
    #[must_use]
    pub fn customer(&self) -> Customer {
        Customer::new(self.url())
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
        Staff::sign_in(self.url(), restaurant, &name, password.trim(), kept).await
    }

    /// # Errors
    /// If it does not start.
    pub async fn start_replica(&mut self, number: u16) -> anyhow::Result<()> {
        let name = format!("replica-{number}");
        let child = Child::start(
            "backend",
            &["--id".to_owned(), name.clone()],
            &self.environment,
            &self.folder.path().join(format!("{name}.log")),
        )
        .await?;
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

    /// Resident memory of the front-end server in kilobytes.
    ///
    /// # Errors
    /// If it does not run.
    pub fn server_memory_kb(&self) -> anyhow::Result<u64> {
        self.server.memory_kb()
    }

    fn replica(&self, number: u16) -> anyhow::Result<&Child> {
        self.replicas
            .get(&number)
            .with_context(|| format!("replica-{number} does not run"))
    }

    fn take(&mut self, number: u16) -> anyhow::Result<Child> {
        self.replicas
            .remove(&number)
            .with_context(|| format!("replica-{number} does not run"))
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

    /// Lets a stopped one go on; tells whether it still lives, for the others end one that holds the store's lock.
    ///
    /// # Errors
    /// If it was never started, or taken away.
    pub fn resume(&mut self, number: u16) -> anyhow::Result<bool> {
        let child = self
            .replicas
            .get_mut(&number)
            .with_context(|| format!("replica-{number} does not run"))?;
        if child.has_ended()? {
            return Ok(false);
        }
        child.signal(Signal::CONT)?;
        Ok(true)
    }

    /// Every order there is, oldest first, read from the database file itself.
    ///
    /// # Errors
    /// If it cannot be read.
    pub fn stored_orders(&self) -> anyhow::Result<Vec<StoredOrder>> {
        let file = self.folder.path().join("tiffin.db");
        let db = Connection::open_with_flags(&file, OpenFlags::SQLITE_OPEN_READ_ONLY)
            .with_context(|| format!("cannot open {}", file.display()))?;
        db.busy_timeout(SETTLE)?;
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

    /// What the front-end server says of the system.
    ///
    /// # Errors
    /// If it cannot be read.
    pub async fn status(&self) -> anyhow::Result<Status> {
        self.customer().status().await
    }

    /// The number of the replica that requests go to first.
    ///
    /// # Errors
    /// If there is none in time.
    pub async fn primary(&self) -> anyhow::Result<u16> {
        wait::until("a primary", SETTLE, || async {
            let primary = self.status().await.ok()?.primary?;
            primary.replica.strip_prefix("replica-")?.parse().ok()
        })
        .await
    }

    /// Waits until exactly so many replicas are available.
    ///
    /// # Errors
    /// If that does not come true.
    pub async fn wait_available(&self, wanted: usize) -> anyhow::Result<()> {
        wait::until(&format!("{wanted} available replicas"), SETTLE, || async {
            let status = self.status().await.ok()?;
            let available = status
                .replicas
                .iter()
                .filter(|replica| {
                    replica.health == Health::Available && replica.admin_state == AdminState::Up
                })
                .count();
            (available == wanted).then_some(())
        })
        .await
    }

    /// Uses the operator's switch, signed in as the operator.
    ///
    /// # Errors
    /// If the switch does not take.
    pub async fn switch(&self, number: u16, admin_state: AdminState) -> anyhow::Result<()> {
        let operator = self.customer();
        operator.sign_in(OPERATOR_PASSWORD).await?;
        operator
            .switch(&format!("replica-{number}"), admin_state)
            .await
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
