//! A replica that runs in a task of the test, and its clients' connections.

use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use async_trait::async_trait;
use axum::Router;
use axum::routing::get;
use model::status::AdminState;
use process::clock::SystemClock;
use registry::{
    Lease, LeaseTiming, MemoryRegistry, NewRegistration, Registration, Registry, RegistryError,
};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::sync::{Semaphore, oneshot, watch};
use tokio::task::JoinHandle;
use tokio::time::timeout;

use crate::replica::{Replica, ReplicaConfig, ReplicaHandle};

const LEASE: Duration = Duration::from_secs(30);
pub const FAR_TOO_LONG: Duration = Duration::from_secs(20);

pub fn config() -> ReplicaConfig {
    ReplicaConfig {
        listen: ([127, 0, 0, 1], 0).into(),
        advertise: None,
        id: Some("replica-1".to_owned()),
        started_at_ms: 5,
        timing: LeaseTiming::new(LEASE),
        drain: FAR_TOO_LONG,
    }
}

pub fn registry() -> Arc<MemoryRegistry> {
    Arc::new(MemoryRegistry::new(LEASE, Arc::new(SystemClock::default())).unwrap())
}

/// A registry that panics at the second heartbeat.
pub struct PanickingRegistry {
    pub registry: Arc<MemoryRegistry>,
    pub heartbeats: AtomicU32,
}

#[async_trait]
impl Registry for PanickingRegistry {
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

    async fn recently_expired(&self, within: Duration) -> Result<Vec<Registration>, RegistryError> {
        self.registry.recently_expired(within).await
    }

    fn changes(&self) -> watch::Receiver<u64> {
        self.registry.changes()
    }
}

/// A replica that runs in a task.
pub struct RunningReplica {
    pub address: String,
    pub handle: ReplicaHandle,
    pub registry: Arc<MemoryRegistry>,
    /// Each permit lets one slow request finish.
    pub finish: Arc<Semaphore>,
    shutdown: oneshot::Sender<()>,
    pub ended: JoinHandle<anyhow::Result<()>>,
}

impl RunningReplica {
    pub async fn start(config: ReplicaConfig, registry: Arc<MemoryRegistry>) -> Self {
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
        let (shutdown, requested) = oneshot::channel();
        let (serving, is_serving) = oneshot::channel();
        let (address, handle) = (replica.address().to_string(), replica.handle());
        let ended = tokio::spawn(replica.run(
            router,
            |_, _| serving.send(()).unwrap(),
            async move { drop(requested.await) },
        ));
        is_serving.await.expect("the replica serves");
        Self {
            address,
            handle,
            registry,
            finish,
            shutdown,
            ended,
        }
    }

    pub async fn up() -> Self {
        Self::start(config(), registry()).await
    }

    /// Opens a connection and sends a request for `path`.
    pub async fn request(&self, path: &str) -> ClientConnection {
        let mut connection = ClientConnection(TcpStream::connect(&self.address).await.unwrap());
        connection.send(path).await;
        connection
    }

    pub async fn switch(&self, admin_state: AdminState) {
        let mut observed = self.handle.watch_admin_state();
        self.registry
            .set_admin_state("replica-1", admin_state)
            .await
            .unwrap();
        let applied = observed.wait_for(|now| *now == admin_state);
        timeout(FAR_TOO_LONG, applied).await.unwrap().unwrap();
    }

    pub async fn until_in_flight(&self, expected: u32) {
        timeout(FAR_TOO_LONG, async {
            while self.handle.in_flight() != expected {
                tokio::task::yield_now().await;
            }
        })
        .await
        .unwrap();
    }

    pub async fn until_registered(&self, expected: usize) {
        let mut changes = self.registry.changes();
        timeout(FAR_TOO_LONG, async {
            while self.registry.snapshot().await.unwrap().len() != expected {
                changes.changed().await.unwrap();
            }
        })
        .await
        .unwrap();
    }

    pub async fn end(self) -> anyhow::Result<()> {
        drop(self.shutdown);
        timeout(FAR_TOO_LONG, self.ended).await.unwrap().unwrap()
    }
}

/// A client's connection to the replica.
pub struct ClientConnection(TcpStream);

impl ClientConnection {
    pub async fn send(&mut self, path: &str) {
        let request = format!("GET {path} HTTP/1.1\r\nhost: replica\r\n\r\n");
        // An error on a closed connection shows when the response is read.
        let _ = self.0.write_all(request.as_bytes()).await;
    }

    /// Reads the body of the response; `None` where the connection closed without a response.
    pub async fn response(&mut self) -> Option<String> {
        let mut received = Vec::new();
        let mut buffer = [0; 1024];
        timeout(FAR_TOO_LONG, async {
            loop {
                match self.0.read(&mut buffer).await {
                    Ok(0) | Err(_) => {
                        assert!(received.is_empty(), "an incomplete response: {received:?}");
                        return None;
                    }
                    Ok(count) => received.extend_from_slice(&buffer[..count]),
                }
                let text = String::from_utf8_lossy(&received);
                if let Some((head, body)) = text.split_once("\r\n\r\n") {
                    assert!(head.starts_with("HTTP/1.1 200"), "{head}");
                    if head.contains(&format!("content-length: {}", body.len())) {
                        return Some(body.to_owned());
                    }
                }
            }
        })
        .await
        .expect("a response, or the end of the connection")
    }
}
