//! A site (data folder, registry) and the front-end servers in it.

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
use server::settings::ServerSettings;
use tempfile::TempDir;
use tokio::sync::oneshot;
use tokio::task::JoinHandle;

use crate::client::{Answer, Ask, DEADLINE};

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

    pub async fn serve(&self) -> Server {
        self.serve_with(&[]).await
    }

    /// With further arguments, which beat those that all tests share.
    pub async fn serve_with(&self, arguments: &[&str]) -> Server {
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
        // Generous where nothing is to hang, so that a busy machine is not taken for a fault.
        let usual = [
            ("--id", "server-1"),
            ("--operator-password", PASSWORD),
            ("--health-interval-ms", "50"),
            ("--health-timeout-ms", "3000"),
            ("--attempt-timeout-ms", "5000"),
            ("--wait-timeout-ms", "5000"),
            ("--lease-ms", &lease_ms),
        ];
        for (name, value) in usual {
            if !arguments.contains(&name) {
                all.extend([name, value]);
            }
        }
        all.extend(arguments);
        let settings = ServerSettings::try_parse_from(all).unwrap();
        let application = Application::build(settings).await.unwrap();
        let (end, ended) = oneshot::channel();
        let address = application.address();
        let running = tokio::spawn(application.run(async {
            // A test that is over drops the sender, which ends the server too.
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
    pub fn ask(&self, method: Method, path: &str) -> Ask {
        Ask::new(self.address, method, path)
    }

    pub async fn get(&self, path: &str) -> Answer {
        self.ask(Method::GET, path).send().await
    }

    /// What it says of the installation's servers.
    pub async fn servers(&self) -> Vec<ServerAddress> {
        let answer = self.get(model::api::STATUS_SERVERS).await;
        assert_eq!(answer.header("cache-control"), "no-store");
        let list: Servers = serde_json::from_slice(&answer.body).unwrap();
        list.servers
    }

    /// An order's request, as the app sends it.
    pub fn keyed_order(&self) -> Ask {
        self.unkeyed_order().keyed()
    }

    pub fn unkeyed_order(&self) -> Ask {
        self.ask(Method::POST, model::api::ORDERS).json("{}")
    }

    pub async fn status(&self) -> Status {
        let answer = self.get(model::api::STATUS).await;
        serde_json::from_slice(&answer.body).unwrap()
    }

    /// Until the status is as wanted.
    pub async fn shows(&self, wanted: impl Fn(&Status) -> bool) -> Status {
        let waiting = async {
            loop {
                let status = self.status().await;
                if wanted(&status) {
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

    /// Until exactly these replicas are available, in this order.
    pub async fn has_available(&self, ids: &[&str]) -> Status {
        self.shows(|status| {
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

    pub async fn tells(&self, kind: EventKind, replica: &str) -> Event {
        let is_it =
            |event: &&Event| event.kind == kind && event.replica.as_deref() == Some(replica);
        let status = self.shows(|status| status.events.iter().any(|event| is_it(&event)));
        status.await.events.iter().find(is_it).unwrap().clone()
    }

    pub async fn sign_in(&self, password: &str) -> Answer {
        let body = serde_json::json!({ "password": password }).to_string();
        self.ask(Method::POST, &format!("{}/session", model::api::STATUS))
            .json(body)
            .send()
            .await
    }

    /// The cookie of a fresh session.
    pub async fn session(&self) -> String {
        let answer = self.sign_in(PASSWORD).await;
        assert_eq!(answer.status, 204, "{}", answer.text());
        let cookie = answer.header("set-cookie");
        cookie.split(';').next().unwrap().to_owned()
    }

    pub fn switching(&self, replica: &str, to: AdminState) -> Ask {
        let path = format!("{}/replicas/{replica}/admin-state", model::api::STATUS);
        let body = serde_json::json!({ "admin_state": to }).to_string();
        self.ask(Method::PUT, &path).json(body)
    }

    pub async fn switch(&self, replica: &str, to: AdminState) {
        let cookie = self.session().await;
        let answer = self
            .switching(replica, to)
            .header("cookie", &cookie)
            .send()
            .await;
        assert_eq!(answer.status, 200, "{}", answer.text());
    }

    pub fn ask_to_end(&mut self) {
        self.end.take();
    }

    pub async fn ends(self) {
        tokio::time::timeout(DEADLINE, self.running)
            .await
            .unwrap()
            .unwrap()
            .unwrap();
    }
}
