//! Three stand-ins for replicas and a reverse proxy before them.

use std::collections::{HashMap, HashSet};
use std::net::SocketAddr;
use std::time::Duration;

use anyhow::Context;
use model::status::{AdminState, Health, Status};
use process::secret::SigningKey;
use rustix::process::Signal;
use tempfile::TempDir;
use testkit::child::Child;
use testkit::cluster::ids::{replica_id, replica_number};
use testkit::standin::{EXECUTED_KEYS, GREY_FAILURE};
use testkit::{CustomerClient, wait};
use tokio::sync::Semaphore;

use crate::reverse_proxy::{ReverseProxy, ReverseProxyKind, free_port};

/// How long the stand-ins take for an order.
#[derive(Clone, Copy)]
pub struct ServiceTime {
    pub typical_ms: u64,
    /// Of one order in a hundred.
    pub slow_ms: u64,
    /// Orders that one stand-in executes at once; the others queue.
    pub concurrency: usize,
}

/// A concurrency without a limit.
pub const UNLIMITED: usize = Semaphore::MAX_PERMITS;

const REPLICAS: usize = 3;
const OPERATOR_PASSWORD: &str = "of the bench only";
const SETTLE_TIMEOUT: Duration = Duration::from_secs(10);

pub struct Testbed {
    kind: ReverseProxyKind,
    environment: HashMap<String, String>,
    service_time: ServiceTime,
    ports: Vec<u16>,
    replicas: Vec<Child>,
    proxy: ReverseProxy,
    folder: TempDir,
}

impl Testbed {
    pub async fn start(kind: &ReverseProxyKind, service_time: ServiceTime) -> anyhow::Result<Self> {
        let folder = tempfile::tempdir()?;
        let key = SigningKey::load(None, folder.path())?;
        let environment: HashMap<String, String> = [
            ("TIFFIN_DATA", folder.path().display().to_string()),
            ("TIFFIN_OPERATOR_PASSWORD", OPERATOR_PASSWORD.to_owned()),
            ("TIFFIN_SERVER_ID", "server-1".to_owned()),
        ]
        .map(|(name, value)| (name.to_owned(), value))
        .into();
        let mut ports = Vec::new();
        for _ in 0..REPLICAS {
            ports.push(free_port().await?);
        }
        let addresses: Vec<String> = ports
            .iter()
            .map(|port| format!("127.0.0.1:{port}"))
            .collect();
        let mut replicas = Vec::new();
        for (index, port) in ports.iter().enumerate() {
            replicas.push(start_standin(index, *port, service_time, &environment, &folder).await?);
        }
        let credential = key.replica_credential();
        let proxy = kind
            .start(&addresses, &credential, &environment, folder.path())
            .await?;
        let testbed = Self {
            kind: kind.clone(),
            environment,
            service_time,
            ports,
            replicas,
            proxy,
            folder,
        };
        if kind.is_tiffin() {
            testbed.wait_available().await?;
        }
        Ok(testbed)
    }

    async fn wait_available(&self) -> anyhow::Result<()> {
        wait::until("all replicas to be available", SETTLE_TIMEOUT, || async {
            let status = self.status().await.ok()?;
            let replicas = status.replicas.iter();
            let available = replicas.filter(|replica| replica.health == Health::Available);
            (available.count() == REPLICAS).then_some(())
        })
        .await
    }

    /// Sets the admin state of a replica, signed in as the operator.
    pub async fn set_admin_state(
        &self,
        replica: usize,
        admin_state: AdminState,
    ) -> anyhow::Result<()> {
        let operator = CustomerClient::new(&format!("http://{}", self.address()?));
        operator.sign_in(OPERATOR_PASSWORD).await?;
        operator.set_admin_state(&id(replica)?, admin_state).await
    }

    /// Restarts every replica, each when the one before is available.
    pub async fn rolling_restart(&mut self) -> anyhow::Result<()> {
        for index in 0..REPLICAS {
            self.replicas.remove(index).terminate().await?;
            let replica = self.start_replica(index).await?;
            self.replicas.insert(index, replica);
            self.wait_available().await?;
        }
        Ok(())
    }

    async fn start_replica(&self, index: usize) -> anyhow::Result<Child> {
        start_standin(
            index,
            self.ports[index],
            self.service_time,
            &self.environment,
            &self.folder,
        )
        .await
    }

    pub fn address(&self) -> anyhow::Result<SocketAddr> {
        self.proxy.address()
    }

    /// Returns the address of the first replica itself.
    pub fn direct_address(&self) -> anyhow::Result<SocketAddr> {
        Ok(self.replicas[0].address.parse()?)
    }

    /// Returns the resident memory of the proxy in kilobytes.
    pub fn memory_kb(&self) -> anyhow::Result<u64> {
        self.proxy.memory_kb()
    }

    /// Returns the CPU time that the proxy has used so far.
    pub fn cpu_time(&self) -> anyhow::Result<Duration> {
        self.proxy.cpu_time()
    }

    async fn status(&self) -> anyhow::Result<Status> {
        CustomerClient::new(&format!("http://{}", self.address()?))
            .status()
            .await
    }

    /// Returns the index of the replica that receives the requests.
    pub async fn primary(&self) -> anyhow::Result<usize> {
        if !self.kind.is_tiffin() {
            return Ok(0);
        }
        let primary = self.status().await?.primary.context("no primary")?;
        Ok(usize::from(replica_number(&primary.replica)?) - 1)
    }

    /// Returns how often the primary has changed; only Tiffin reports that.
    pub async fn primary_changes(&self) -> anyhow::Result<Option<usize>> {
        if !self.kind.is_tiffin() {
            return Ok(None);
        }
        let status = self.status().await?;
        let events = status.events.iter();
        let changes = events.filter(|event| event.message.contains("is primary now"));
        Ok(Some(changes.count()))
    }

    pub fn signal(&self, replica: usize, signal: Signal) -> anyhow::Result<()> {
        self.replicas[replica].signal(signal)
    }

    pub fn kill_all(&self) -> anyhow::Result<()> {
        (0..REPLICAS).try_for_each(|replica| self.signal(replica, Signal::KILL))
    }

    pub fn kill_others(&self, left: usize) -> anyhow::Result<()> {
        let mut others = (0..REPLICAS).filter(|replica| *replica != left);
        others.try_for_each(|replica| self.signal(replica, Signal::KILL))
    }

    /// Starts a grey failure: orders get no response while health checks pass.
    pub async fn start_grey_failure(&self, replica: usize) -> anyhow::Result<()> {
        let url = format!("http://{}{GREY_FAILURE}", self.replicas[replica].address);
        reqwest::Client::new().post(url).send().await?;
        Ok(())
    }

    pub async fn restart_all(&mut self) -> anyhow::Result<()> {
        for index in 0..REPLICAS {
            self.replicas[index] = self.start_replica(index).await?;
        }
        Ok(())
    }

    /// Counts the orders that were executed more than once, by all replicas that still run.
    pub async fn duplicates(&self) -> anyhow::Result<usize> {
        let mut keys = Vec::new();
        for replica in &self.replicas {
            let url = format!("http://{}{EXECUTED_KEYS}", replica.address);
            // A killed replica has lost its keys.
            if let Ok(response) = reqwest::get(url).await {
                keys.extend(response.json::<Vec<String>>().await?);
            }
        }
        let unique: HashSet<&String> = keys.iter().collect();
        Ok(keys.len() - unique.len())
    }
}

async fn start_standin(
    index: usize,
    port: u16,
    service_time: ServiceTime,
    environment: &HashMap<String, String>,
    folder: &TempDir,
) -> anyhow::Result<Child> {
    let id = id(index)?;
    let log = folder.path().join(format!("{id}.log"));
    let arguments = [
        id,
        service_time.typical_ms.to_string(),
        service_time.slow_ms.to_string(),
        service_time.concurrency.to_string(),
        port.to_string(),
    ];
    Child::start("standin", &arguments, environment, &log).await
}

/// Returns the id of the replica at an index from 0.
fn id(index: usize) -> anyhow::Result<String> {
    Ok(replica_id(u16::try_from(index + 1)?))
}
