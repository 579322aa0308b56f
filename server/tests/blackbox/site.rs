//! A site: a data folder with a registry, and the front-end servers that use it.

use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use clap::Parser;
use http::Method;
use model::status::{AdminState, Event, EventKind, Health, ServerAddress, Servers, Status};
use process::clock::SystemClock;
use process::secret::SigningKey;
use registry::{Registry, SqliteRegistry};
use server::application::Application;
use server::settings::{DetectionBounds, ServerSettings};
use tempfile::TempDir;
use tokio::sync::oneshot;
use tokio::task::JoinHandle;

use crate::client::{DEADLINE, TestRequest, TestResponse};

pub const PASSWORD: &str = "four words of steel";

pub struct Site {
    folder: TempDir,
    registry: Arc<dyn Registry>,
    pub lease: Duration,
}

impl Site {
    pub fn new() -> Self {
        Self::with_lease(Duration::from_secs(3))
    }

    pub fn with_lease(lease: Duration) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("registry.db");
        let registry = SqliteRegistry::open(&file, lease, Arc::new(SystemClock::default()));
        Self {
            registry: Arc::new(registry.unwrap()),
            folder,
            lease,
        }
    }

    pub fn registry(&self) -> Arc<dyn Registry> {
        Arc::clone(&self.registry)
    }

    pub fn data(&self) -> &Path {
        self.folder.path()
    }

    pub fn assets(&self) -> PathBuf {
        self.folder.path().join("dist")
    }

    pub fn credential(&self) -> String {
        SigningKey::load(None, self.data())
            .unwrap()
            .replica_credential()
    }

    pub async fn start_server(&self) -> Server {
        self.start_server_with(&[]).await
    }

    /// Starts a server with further arguments, which override the defaults of these tests.
    pub async fn start_server_with(&self, arguments: &[&str]) -> Server {
        self.start_server_detecting(arguments, |_| {}).await
    }

    /// Starts a server with further arguments and other bounds of failure detection.
    pub async fn start_server_detecting(
        &self,
        arguments: &[&str],
        set_bounds: impl FnOnce(&mut DetectionBounds),
    ) -> Server {
        let data = self.data().display().to_string();
        let assets = self.assets().display().to_string();
        let lease_ms = self.lease.as_millis().to_string();
        let mut all = vec![
            "server",
            "--listen=127.0.0.1:0",
            "--data",
            &data,
            "--assets",
            &assets,
        ];
        // Long timeouts, so that a slow machine does not look like a fault.
        let defaults = [
            ("--id", "server-1"),
            ("--operator-password", PASSWORD),
            ("--health-interval-ms", "50"),
            ("--attempt-timeout-ms", "5000"),
            ("--wait-timeout-ms", "5000"),
            ("--lease-ms", &lease_ms),
        ];
        for (name, value) in defaults {
            if !arguments.contains(&name) {
                all.extend([name, value]);
            }
        }
        all.extend(arguments);
        let mut settings = ServerSettings::try_parse_from(all).unwrap();
        settings.detection.check_timeout = Duration::from_secs(3);
        set_bounds(&mut settings.detection);
        let application = Application::build(settings).await.unwrap();
        let (end, ended) = oneshot::channel();
        let address = application.address();
        let running = tokio::spawn(application.run(async {
            // A test that ends drops the sender, which shuts the server down too.
            let _ = ended.await;
        }));
        Server {
            address,
            end: Some(end),
            running,
        }
    }
}

pub struct Server {
    pub address: SocketAddr,
    end: Option<oneshot::Sender<()>>,
    running: JoinHandle<anyhow::Result<()>>,
}

impl Server {
    pub fn request(&self, method: Method, path: &str) -> TestRequest {
        TestRequest::new(self.address, method, path)
    }

    pub async fn get(&self, path: &str) -> TestResponse {
        self.request(Method::GET, path).send().await
    }

    /// The installation's servers as this one lists them.
    pub async fn server_addresses(&self) -> Vec<ServerAddress> {
        let response = self.get(model::api::STATUS_SERVERS).await;
        assert_eq!(response.header("cache-control"), "no-store");
        let list: Servers = serde_json::from_slice(&response.body).unwrap();
        list.servers
    }

    /// The request of an order, as the app sends it.
    pub fn keyed_order(&self) -> TestRequest {
        self.unkeyed_order().keyed()
    }

    pub fn unkeyed_order(&self) -> TestRequest {
        self.request(Method::POST, model::api::ORDERS).json("{}")
    }

    pub async fn status(&self) -> Status {
        let response = self.get(model::api::STATUS).await;
        serde_json::from_slice(&response.body).unwrap()
    }

    /// Waits until the status fulfils `condition`.
    pub async fn wait_for_status(&self, condition: impl Fn(&Status) -> bool) -> Status {
        let waiting = async {
            loop {
                let status = self.status().await;
                if condition(&status) {
                    return status;
                }
                tokio::time::sleep(Duration::from_millis(5)).await;
            }
        };
        match tokio::time::timeout(DEADLINE, waiting).await {
            Ok(status) => status,
            Err(_) => panic!("the status stays {:#?}", self.status().await),
        }
    }

    /// Waits until exactly these replicas are available, in this order.
    pub async fn wait_for_available(&self, ids: &[&str]) -> Status {
        self.wait_for_status(|status| {
            let available: Vec<&str> = status
                .replicas
                .iter()
                .filter(|replica| replica.health == Health::Available)
                .map(|replica| replica.id.as_str())
                .collect();
            available == ids
        })
        .await
    }

    pub async fn wait_for_event(&self, kind: EventKind, replica: &str) -> Event {
        let is_it =
            |event: &&Event| event.kind == kind && event.replica.as_deref() == Some(replica);
        let status = self.wait_for_status(|status| status.events.iter().any(|event| is_it(&event)));
        status.await.events.iter().find(is_it).unwrap().clone()
    }

    pub async fn sign_in(&self, password: &str) -> TestResponse {
        let body = serde_json::json!({ "password": password }).to_string();
        self.request(Method::POST, &format!("{}/session", model::api::STATUS))
            .json(body)
            .send()
            .await
    }

    /// Signs in and returns the session's cookie.
    pub async fn session_cookie(&self) -> String {
        let response = self.sign_in(PASSWORD).await;
        assert_eq!(response.status, 204, "{}", response.text());
        let cookie = response.header("set-cookie");
        cookie.split(';').next().unwrap().to_owned()
    }

    pub fn switch_request(&self, replica: &str, to: AdminState) -> TestRequest {
        let path = format!("{}/replicas/{replica}/admin-state", model::api::STATUS);
        let body = serde_json::json!({ "admin_state": to }).to_string();
        self.request(Method::PUT, &path).json(body)
    }

    pub async fn switch(&self, replica: &str, to: AdminState) {
        let cookie = self.session_cookie().await;
        let response = self
            .switch_request(replica, to)
            .header("cookie", &cookie)
            .send()
            .await;
        assert_eq!(response.status, 200, "{}", response.text());
    }

    pub fn shut_down(&mut self) {
        self.end.take();
    }

    pub async fn wait_for_exit(self) {
        tokio::time::timeout(DEADLINE, self.running)
            .await
            .unwrap()
            .unwrap()
            .unwrap();
    }
}
