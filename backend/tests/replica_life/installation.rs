//! A data folder, a geocoding provider that answers when it is told to, and replicas that are real processes.

use std::collections::HashMap;
use std::path::PathBuf;
use std::process::{Output, Stdio};
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::http::StatusCode;
use model::api;
use model::status::ReplicaReport;
use process::clock::SystemClock;
use process::secret::SigningKey;
use registry::{Registration, Registry, SqliteRegistry};
use reqwest::{Client, RequestBuilder};
use tempfile::TempDir;
use testkit::child::Child;
use tokio::net::TcpListener;
use tokio::process::Command;
use tokio::sync::Semaphore;
use tokio::time::timeout;

/// For a debug build on a busy machine.
pub const FAR_TOO_LONG: Duration = Duration::from_secs(60);

const BINARY: &str = env!("CARGO_BIN_EXE_backend");

pub struct Installation {
    folder: TempDir,
    environment: HashMap<String, String>,
    pub registry: Arc<SqliteRegistry>,
    /// Gets a permit for each question that reached the provider.
    asked: Arc<Semaphore>,
    /// Takes a permit for each answer.
    answer: Arc<Semaphore>,
    credential: String,
    client: Client,
}

impl Installation {
    pub async fn new() -> Self {
        // The client wants one even where nothing is encrypted; another test of this process may have been first.
        let _ = rustls::crypto::ring::default_provider().install_default();
        let folder = tempfile::tempdir().unwrap();
        let lease = Duration::from_secs(3);
        let registry = SqliteRegistry::open(
            &folder.path().join("registry.db"),
            lease,
            Arc::new(SystemClock::default()),
        )
        .unwrap();
        let key = SigningKey::load(None, folder.path()).unwrap();
        let (asked, answer) = (Arc::new(Semaphore::new(0)), Arc::new(Semaphore::new(0)));
        let provider = held_provider(asked.clone(), answer.clone()).await;
        let menus = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../menus");
        let environment = [
            ("TIFFIN_DATA", folder.path().display().to_string()),
            ("TIFFIN_MENUS", menus.display().to_string()),
            ("TIFFIN_LEASE_MS", lease.as_millis().to_string()),
            ("TIFFIN_POSTCODES_IO_URL", provider.clone()),
            ("TIFFIN_FINDTHATPOSTCODE_URL", provider),
            // So that a question stays asked until the test lets it be answered.
            ("TIFFIN_GEOCODE_TIMEOUT_MS", "60000".to_owned()),
            ("TIFFIN_DRAIN_MS", "60000".to_owned()),
        ]
        .map(|(name, value)| (name.to_owned(), value))
        .into();
        Self {
            folder,
            environment,
            registry: Arc::new(registry),
            asked,
            answer,
            credential: key.replica_credential(),
            client: Client::builder()
                .no_proxy()
                .timeout(FAR_TOO_LONG)
                .pool_max_idle_per_host(0)
                .build()
                .unwrap(),
        }
    }

    /// A replica that serves.
    pub async fn replica(&self, arguments: &[&str]) -> Child {
        let arguments: Vec<_> = arguments.iter().map(|text| (*text).to_owned()).collect();
        let log = self.folder.path().join("replicas.log");
        Child::start(BINARY, &arguments, &self.environment, &log)
            .await
            .unwrap()
    }

    /// A replica's whole life: what it printed, and how it ended.
    pub async fn ended(&self, arguments: &[&str]) -> Output {
        let child = Command::new(BINARY)
            .args(arguments)
            .envs(&self.environment)
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .kill_on_drop(true)
            .spawn()
            .unwrap();
        timeout(FAR_TOO_LONG, child.wait_with_output())
            .await
            .expect("it ends by itself")
            .unwrap()
    }

    pub fn path(&self, name: &str) -> String {
        self.folder.path().join(name).display().to_string()
    }

    pub fn get(&self, address: &str, path: &str) -> RequestBuilder {
        let request = self.client.get(format!("http://{address}{path}"));
        request.header(api::CREDENTIAL, &self.credential)
    }

    pub fn post(&self, address: &str, path: &str) -> RequestBuilder {
        let request = self.client.post(format!("http://{address}{path}"));
        request.header(api::CREDENTIAL, &self.credential)
    }

    /// A request that takes until [`Installation::let_answer`]: the provider is asked for the postcode.
    pub fn check_address(&self, address: &str) -> RequestBuilder {
        let question = model::place::AddressCheck {
            postcode: "DH1 3LE".to_owned(),
        };
        self.post(address, api::ADDRESS_CHECKS).json(&question)
    }

    pub async fn until_provider_is_asked(&self) {
        timeout(FAR_TOO_LONG, self.asked.acquire())
            .await
            .expect("the provider is asked")
            .unwrap()
            .forget();
    }

    /// Lets the provider answer all that it is asked from now on.
    pub fn let_answer(&self) {
        self.answer.add_permits(1_000);
    }

    pub async fn health(&self, address: &str) -> (StatusCode, ReplicaReport) {
        let answer = self.get(address, api::HEALTH_READY).send().await.unwrap();
        (answer.status(), answer.json().await.unwrap())
    }

    /// Waits until the living satisfy `right`, and tells who they are.
    pub async fn until_registered(
        &self,
        right: impl Fn(&[Registration]) -> bool,
    ) -> Vec<Registration> {
        let mut changes = self.registry.changes();
        timeout(FAR_TOO_LONG, async {
            loop {
                let living = self.registry.snapshot().await.unwrap();
                if right(&living) {
                    return living;
                }
                changes.changed().await.unwrap();
            }
        })
        .await
        .expect("the registry comes to it")
    }
}

/// Answers in the format of postcodes.io that there is no such postcode, each answer when it is let.
async fn held_provider(asked: Arc<Semaphore>, answer: Arc<Semaphore>) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let router = Router::new().fallback(move || async move {
        asked.add_permits(1);
        answer.acquire().await.unwrap().forget();
        let body = r#"{"status":404,"error":"Postcode not found"}"#;
        (
            StatusCode::NOT_FOUND,
            [("content-type", "application/json")],
            body,
        )
    });
    tokio::spawn(async move { axum::serve(listener, router).await });
    format!("http://{address}")
}

/// What a command printed: where it ends well, or else as its error.
pub async fn said(installation: &Installation, arguments: &[&str], well: bool) -> String {
    let ended = installation.ended(arguments).await;
    let (out, errors) = (
        String::from_utf8(ended.stdout).unwrap(),
        String::from_utf8(ended.stderr).unwrap(),
    );
    assert_eq!(ended.status.success(), well, "{out}{errors}");
    if well { out } else { errors }
}
