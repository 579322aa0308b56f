//! The config of a replica over real connections, with a router of the tests' own.

use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use async_trait::async_trait;
use axum::Router;
use axum::routing::get;
use model::status::AdminState;
use process::clock::SystemClock;
use registry::{
    Lease, MemoryRegistry, NewRegistration, Registration, Registry, RegistryError, Rhythm, Role,
};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::sync::{Semaphore, oneshot, watch};
use tokio::task::JoinHandle;
use tokio::time::timeout;

use super::{Replica, ReplicaConfig, ReplicaHandle};

const LEASE: Duration = Duration::from_secs(30);
const FAR_TOO_LONG: Duration = Duration::from_secs(20);

fn config() -> ReplicaConfig {
    ReplicaConfig {
        listen: ([127, 0, 0, 1], 0).into(),
        advertise: None,
        id: Some("replica-1".to_owned()),
        started_at_ms: 5,
        rhythm: Rhythm::of(LEASE),
        drain: FAR_TOO_LONG,
    }
}

fn registry() -> Arc<MemoryRegistry> {
    Arc::new(MemoryRegistry::new(LEASE, Arc::new(SystemClock::default())).unwrap())
}

/// Panics at the second heartbeat.
struct Treacherous {
    registry: Arc<MemoryRegistry>,
    heartbeats: AtomicU32,
}

#[async_trait]
impl Registry for Treacherous {
    async fn register(&self, new: NewRegistration) -> Result<Lease, RegistryError> {
        self.registry.register(new).await
    }

    async fn heartbeat(&self, lease: &Lease) -> Result<AdminState, RegistryError> {
        assert_eq!(self.heartbeats.fetch_add(1, Ordering::Relaxed), 0);
        self.registry.heartbeat(lease).await
    }

    async fn deregister(&self, lease: &Lease) -> Result<(), RegistryError> {
        self.registry.deregister(lease).await
    }

    async fn set_admin_state(
        &self,
        id: &str,
        admin_state: AdminState,
    ) -> Result<Registration, RegistryError> {
        self.registry.set_admin_state(id, admin_state).await
    }

    async fn snapshot(&self) -> Result<Vec<Registration>, RegistryError> {
        self.registry.snapshot().await
    }

    async fn lapsed(&self, within: Duration) -> Result<Vec<Registration>, RegistryError> {
        self.registry.lapsed(within).await
    }

    fn changes(&self) -> watch::Receiver<u64> {
        self.registry.changes()
    }
}

/// A replica that runs in a task.
struct Running {
    address: String,
    handle: ReplicaHandle,
    registry: Arc<MemoryRegistry>,
    /// One permit lets one slow request finish.
    finish: Arc<Semaphore>,
    shutdown: oneshot::Sender<()>,
    ended: JoinHandle<anyhow::Result<()>>,
}

impl Running {
    async fn start(config: ReplicaConfig, registry: Arc<MemoryRegistry>) -> Self {
        let replica = Replica::bind(config, registry.clone()).await.unwrap();
        let finish = Arc::new(Semaphore::new(0));
        let slow = |finish: Arc<Semaphore>| {
            get(move || async move {
                finish.acquire().await.unwrap().forget();
                "slow"
            })
        };
        let router = Router::new()
            .route("/quick", get(|| async { "quick" }))
            .route("/slow", slow(finish.clone()))
            .route("/health/live", get(|| async { "alive" }))
            .route("/health/slow", slow(finish.clone()));
        let (shutdown, asked) = oneshot::channel();
        let (serving, served) = oneshot::channel();
        let (address, handle) = (replica.address().to_string(), replica.handle());
        let ended = tokio::spawn(replica.run(
            router,
            |_, _| serving.send(()).unwrap(),
            async move { drop(asked.await) },
        ));
        served.await.expect("it serves");
        Self {
            address,
            handle,
            registry,
            finish,
            shutdown,
            ended,
        }
    }

    async fn up() -> Self {
        Self::start(config(), registry()).await
    }

    /// A connection that a request for `path` was written to.
    async fn ask(&self, path: &str) -> Asked {
        let mut asked = Asked(TcpStream::connect(&self.address).await.unwrap());
        asked.again(path).await;
        asked
    }

    async fn switch(&self, wanted: AdminState) {
        let mut told = self.handle.watch_admin_state();
        self.registry
            .set_admin_state("replica-1", wanted)
            .await
            .unwrap();
        let obeyed = told.wait_for(|now| *now == wanted);
        timeout(FAR_TOO_LONG, obeyed).await.unwrap().unwrap();
    }

    async fn until_in_flight(&self, wanted: u32) {
        timeout(FAR_TOO_LONG, async {
            while self.handle.in_flight() != wanted {
                tokio::task::yield_now().await;
            }
        })
        .await
        .unwrap();
    }

    async fn until_registered(&self, wanted: usize) {
        let mut changes = self.registry.changes();
        timeout(FAR_TOO_LONG, async {
            while self.registry.snapshot().await.unwrap().len() != wanted {
                changes.changed().await.unwrap();
            }
        })
        .await
        .unwrap();
    }

    async fn end(self) -> anyhow::Result<()> {
        drop(self.shutdown);
        timeout(FAR_TOO_LONG, self.ended).await.unwrap().unwrap()
    }
}

struct Asked(TcpStream);

impl Asked {
    async fn again(&mut self, path: &str) {
        let request = format!("GET {path} HTTP/1.1\r\nhost: replica\r\n\r\n");
        // A connection that is broken already shows in the answer.
        let _ = self.0.write_all(request.as_bytes()).await;
    }

    /// The answer's body; nothing where the connection was broken without an answer.
    async fn answer(&mut self) -> Option<String> {
        let mut answer = Vec::new();
        let mut buffer = [0; 1024];
        timeout(FAR_TOO_LONG, async {
            loop {
                match self.0.read(&mut buffer).await {
                    Ok(0) | Err(_) => {
                        assert!(answer.is_empty(), "half an answer: {answer:?}");
                        return None;
                    }
                    Ok(count) => answer.extend_from_slice(&buffer[..count]),
                }
                let text = String::from_utf8_lossy(&answer);
                if let Some((head, body)) = text.split_once("\r\n\r\n") {
                    assert!(head.starts_with("HTTP/1.1 200"), "{head}");
                    if head.contains(&format!("content-length: {}", body.len())) {
                        return Some(body.to_owned());
                    }
                }
            }
        })
        .await
        .expect("an answer, or the end of the connection")
    }
}

#[tokio::test]
async fn it_registers_serves_and_leaves() {
    let replica = Running::up().await;
    let snapshot = replica.registry.snapshot().await.unwrap();
    assert_eq!(
        (snapshot[0].id.as_str(), snapshot[0].role),
        ("replica-1", Role::Replica)
    );
    assert_eq!(snapshot[0].address, replica.address);
    assert_eq!(replica.ask("/quick").await.answer().await.unwrap(), "quick");
    let registry = replica.registry.clone();
    replica.end().await.unwrap();
    assert!(registry.snapshot().await.unwrap().is_empty());
}

#[tokio::test]
async fn the_end_waits_for_what_was_begun() {
    let replica = Running::up().await;
    let mut asked = replica.ask("/slow").await;
    replica.until_in_flight(1).await;
    let (registry, finish) = (replica.registry.clone(), replica.finish.clone());
    let handle = replica.handle.clone();
    let mut changes = registry.changes();
    let ending = tokio::spawn(replica.end());
    while !registry.snapshot().await.unwrap().is_empty() {
        timeout(FAR_TOO_LONG, changes.changed())
            .await
            .unwrap()
            .unwrap();
    }
    assert_eq!(handle.reason_not_ready(), Some("shutting down"));
    assert_eq!(handle.in_flight(), 1);
    finish.add_permits(1);
    assert_eq!(asked.answer().await.unwrap(), "slow");
    ending.await.unwrap().unwrap();
    assert_eq!(handle.in_flight(), 0);
}

#[tokio::test]
async fn the_end_does_not_wait_for_ever() {
    let config = ReplicaConfig {
        drain: Duration::from_millis(20),
        ..config()
    };
    let replica = Running::start(config, registry()).await;
    let mut asked = replica.ask("/slow").await;
    replica.until_in_flight(1).await;
    let handle = replica.handle.clone();
    replica.end().await.unwrap();
    assert_eq!(asked.answer().await, None);
    assert_eq!(handle.in_flight(), 0);
}

#[tokio::test]
async fn down_breaks_what_is_in_flight_and_spares_health() {
    let replica = Running::up().await;
    let mut order = replica.ask("/slow").await;
    let mut health = replica.ask("/health/slow").await;
    let mut idle = replica.ask("/quick").await;
    idle.answer().await.unwrap();
    replica.until_in_flight(1).await;

    replica.switch(AdminState::Down).await;
    assert_eq!(order.answer().await, None);
    replica.until_in_flight(0).await;
    replica.finish.add_permits(1);
    assert_eq!(health.answer().await.unwrap(), "slow");

    idle.again("/quick").await;
    assert_eq!(idle.answer().await, None);
    assert_eq!(replica.ask("/quick").await.answer().await, None);
    health.again("/health/live").await;
    assert_eq!(health.answer().await.unwrap(), "alive");
    health.again("/quick").await;
    assert_eq!(health.answer().await, None);

    replica.switch(AdminState::Up).await;
    assert_eq!(replica.ask("/quick").await.answer().await.unwrap(), "quick");
    replica.end().await.unwrap();
}

#[tokio::test]
async fn draining_serves_what_comes_and_says_why_it_is_not_ready() {
    let replica = Running::up().await;
    assert_eq!(replica.handle.reason_not_ready(), None);
    let mut begun = replica.ask("/slow").await;
    replica.until_in_flight(1).await;
    replica.switch(AdminState::Draining).await;
    assert!(replica.handle.reason_not_ready().is_some());
    assert_eq!(replica.ask("/quick").await.answer().await.unwrap(), "quick");
    replica.finish.add_permits(1);
    assert_eq!(begun.answer().await.unwrap(), "slow");
    replica.end().await.unwrap();
}

#[tokio::test]
async fn who_comes_back_while_it_is_down_is_down_from_the_start() {
    let registry = registry();
    let first = Running::start(config(), registry.clone()).await;
    first.switch(AdminState::Down).await;
    first.end().await.unwrap();
    let second = Running::start(config(), registry).await;
    assert_eq!(second.ask("/quick").await.answer().await, None);
    assert!(second.ask("/health/live").await.answer().await.is_some());
    second.end().await.unwrap();
}

#[tokio::test]
async fn a_newer_process_of_the_same_id_ends_the_older_one() {
    let older = Running::up().await;
    let registry = older.registry.clone();
    let newer = NewRegistration {
        id: "replica-1".to_owned(),
        role: Role::Replica,
        address: "127.0.0.1:9".to_owned(),
        public_url: None,
        version: "0.1.0".to_owned(),
        started_at_ms: 6,
        process_id: 1,
    };
    let lease = registry.register(newer).await.unwrap();
    let told = timeout(FAR_TOO_LONG, older.ended)
        .await
        .unwrap()
        .unwrap()
        .unwrap_err()
        .to_string();
    assert!(
        told.contains("replica-1") && told.contains("--id"),
        "{told}"
    );
    assert!(registry.heartbeat(&lease).await.is_ok());
}

#[tokio::test]
async fn replicas_without_a_name_or_a_port_get_their_own() {
    let registry = registry();
    let nameless = || ReplicaConfig {
        id: None,
        ..config()
    };
    let one = Running::start(nameless(), registry.clone()).await;
    let other = Running::start(nameless(), registry).await;
    other.until_registered(2).await;
    assert_ne!(one.handle.id, other.handle.id);
    assert_ne!(one.address, other.address);
    assert!(one.handle.id.starts_with("replica-"));
    one.end().await.unwrap();
    other.end().await.unwrap();
}

#[tokio::test]
async fn a_replica_whose_heartbeats_have_ended_ends_too() {
    let registry = Treacherous {
        registry: registry(),
        heartbeats: AtomicU32::new(0),
    };
    let quick = ReplicaConfig {
        rhythm: Rhythm::of(Duration::from_millis(250)),
        ..config()
    };
    let replica = Replica::bind(quick, Arc::new(registry)).await.unwrap();
    let running = replica.run(Router::new(), |_, _| {}, std::future::pending());
    let ended = timeout(FAR_TOO_LONG, running).await.expect("it ends");
    let told = ended.unwrap_err().to_string();
    assert!(told.contains("has ended"), "{told}");
}

#[tokio::test]
async fn an_address_that_others_cannot_reach_is_not_registered() {
    let everywhere = ReplicaConfig {
        listen: ([0, 0, 0, 0], 0).into(),
        ..config()
    };
    let error = Replica::bind(everywhere.clone(), registry()).await.err();
    assert!(error.unwrap().to_string().contains("--advertise"));
    let advertised = ReplicaConfig {
        advertise: Some("10.0.0.7:4100".to_owned()),
        ..everywhere
    };
    let replica = Running::start(advertised, registry()).await;
    let snapshot = replica.registry.snapshot().await.unwrap();
    assert_eq!(snapshot[0].address, "10.0.0.7:4100");
    replica.end().await.unwrap();
}

#[tokio::test]
async fn a_port_in_use_is_told_with_the_way_out() {
    let taken = Running::up().await;
    let same = ReplicaConfig {
        listen: taken.address.parse().unwrap(),
        ..config()
    };
    let told = format!("{:#}", Replica::bind(same, registry()).await.err().unwrap());
    assert!(
        told.contains(&taken.address) && told.contains("--listen"),
        "{told}"
    );
    taken.end().await.unwrap();
}
