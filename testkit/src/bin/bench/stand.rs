//! Three stand-ins for replicas, and one of the fronts before them.

use std::collections::{HashMap, HashSet};
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use anyhow::Context;
use bytes::Bytes;
use http_body_util::Full;
use hyper::Request;
use model::api;
use model::status::{AdminState, Health, Status};
use process::secret::SigningKey;
use rustix::process::Signal;
use tempfile::TempDir;
use testkit::child::Child;
use testkit::customer::new_key;
use testkit::load::Source;
use testkit::standin::{GREY, SEEN};
use testkit::{Customer, wait};
use tokio::sync::Semaphore;

use crate::front::{Front, Kind, free_port};

/// How long orders take.
#[derive(Clone, Copy)]
pub struct Takes {
    pub usual_ms: u64,
    /// One in a hundred.
    pub slow_ms: u64,
    /// The others wait in line.
    pub at_once: usize,
}

/// However many orders come.
pub const ALL: usize = Semaphore::MAX_PERMITS;

const REPLICAS: usize = 3;
const OPERATOR_PASSWORD: &str = "of the bench only";
const SETTLE: Duration = Duration::from_secs(10);

pub struct Stand {
    kind: Kind,
    environment: HashMap<String, String>,
    takes: Takes,
    ports: Vec<u16>,
    replicas: Vec<Child>,
    front: Front,
    folder: TempDir,
}

impl Stand {
    pub async fn start(kind: Kind, takes: Takes) -> anyhow::Result<Self> {
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
            replicas.push(replica(index, *port, takes, &environment, &folder).await?);
        }
        let credential = key.replica_credential();
        let front = kind
            .start(&addresses, &credential, &environment, folder.path())
            .await?;
        let stand = Self {
            kind,
            environment,
            takes,
            ports,
            replicas,
            front,
            folder,
        };
        if kind == Kind::Tiffin {
            stand.all_available().await?;
        }
        Ok(stand)
    }

    async fn all_available(&self) -> anyhow::Result<()> {
        wait::until("all replicas", SETTLE, || async {
            let status = self.status().await.ok()?;
            let available = |health| health == Health::Available;
            let ready = status.replicas.iter().filter(|one| available(one.health));
            (ready.count() == REPLICAS).then_some(())
        })
        .await
    }

    /// As the operator does on the status panel.
    pub async fn switch(&self, replica: usize, admin_state: AdminState) -> anyhow::Result<()> {
        let operator = Customer::new(&format!("http://{}", self.address()?));
        operator.sign_in(OPERATOR_PASSWORD).await?;
        operator.switch(&id(replica), admin_state).await
    }

    /// Asks each to end and starts it again, one after the other.
    pub async fn restart_in_turn(&mut self) -> anyhow::Result<()> {
        for index in 0..REPLICAS {
            self.replicas.remove(index).terminate().await?;
            let started = self.started(index).await?;
            self.replicas.insert(index, started);
            self.all_available().await?;
        }
        Ok(())
    }

    async fn started(&self, index: usize) -> anyhow::Result<Child> {
        replica(
            index,
            self.ports[index],
            self.takes,
            &self.environment,
            &self.folder,
        )
        .await
    }

    pub fn address(&self) -> anyhow::Result<SocketAddr> {
        self.front.address()
    }

    /// Straight to the first replica.
    pub fn straight(&self) -> anyhow::Result<SocketAddr> {
        Ok(self.replicas[0].address.parse()?)
    }

    /// Resident memory of the front, in kilobytes.
    pub fn memory_kb(&self) -> anyhow::Result<u64> {
        self.front.memory_kb()
    }

    /// Processor time that the front has used so far.
    pub fn cpu_time(&self) -> anyhow::Result<Duration> {
        self.front.cpu_time()
    }

    async fn status(&self) -> anyhow::Result<Status> {
        Customer::new(&format!("http://{}", self.address()?))
            .status()
            .await
    }

    /// Which of them gets the requests.
    pub async fn primary(&self) -> anyhow::Result<usize> {
        if self.kind != Kind::Tiffin {
            return Ok(0);
        }
        let primary = self.status().await?.primary.context("a primary")?;
        let number = primary.replica.rsplit('-').next().context("a number")?;
        Ok(number.parse::<usize>()? - 1)
    }

    /// How often the primary changed, as far as the front says.
    pub async fn switches(&self) -> anyhow::Result<Option<usize>> {
        if self.kind != Kind::Tiffin {
            return Ok(None);
        }
        let status = self.status().await?;
        let moved = |message: &str| message.contains("is primary now");
        Ok(Some(
            status
                .events
                .iter()
                .filter(|event| moved(&event.message))
                .count(),
        ))
    }

    pub fn signal(&self, replica: usize, signal: Signal) -> anyhow::Result<()> {
        self.replicas[replica].signal(signal)
    }

    pub fn kill_all(&self) -> anyhow::Result<()> {
        (0..REPLICAS).try_for_each(|replica| self.signal(replica, Signal::KILL))
    }

    pub async fn turn_grey(&self, replica: usize) -> anyhow::Result<()> {
        let url = format!("http://{}{GREY}", self.replicas[replica].address);
        reqwest::Client::new().post(url).send().await?;
        Ok(())
    }

    pub async fn restart_all(&mut self) -> anyhow::Result<()> {
        for index in 0..REPLICAS {
            self.replicas[index] = self.started(index).await?;
        }
        Ok(())
    }

    /// How many orders were carried out more than once, by all those that can still tell.
    pub async fn twice(&self) -> anyhow::Result<usize> {
        let mut keys = Vec::new();
        for replica in &self.replicas {
            let url = format!("http://{}{SEEN}", replica.address);
            // One that was killed cannot be asked.
            if let Ok(answer) = reqwest::get(url).await {
                keys.extend(answer.json::<Vec<String>>().await?);
            }
        }
        let unique: HashSet<&String> = keys.iter().collect();
        Ok(keys.len() - unique.len())
    }
}

async fn replica(
    index: usize,
    port: u16,
    takes: Takes,
    environment: &HashMap<String, String>,
    folder: &TempDir,
) -> anyhow::Result<Child> {
    let id = id(index);
    let log = folder.path().join(format!("{id}.log"));
    let arguments = [
        id,
        takes.usual_ms.to_string(),
        takes.slow_ms.to_string(),
        takes.at_once.to_string(),
        port.to_string(),
    ];
    Child::start("standin", &arguments, environment, &log).await
}

fn id(index: usize) -> String {
    format!("replica-{}", index + 1)
}

/// Orders, each with a key of its own.
pub fn orders() -> Source {
    Arc::new(|| {
        Request::post(api::ORDERS)
            .header("host", "tiffin")
            .header("content-type", "application/json")
            .header(api::IDEMPOTENCY_KEY, new_key())
            .body(Full::new(Bytes::from_static(b"{}")))
            .expect("a request of fixed parts")
    })
}
