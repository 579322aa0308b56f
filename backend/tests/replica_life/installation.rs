//! An installation of real replica processes, with a data folder and a geocoding provider whose responses the test releases.

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

/// Deadline of every wait; generous, for a debug build on a busy machine.
pub const FAR_TOO_LONG: Duration = Duration::from_secs(60);

const BINARY: &str = env!("CARGO_BIN_EXE_backend");

pub struct Installation {
    folder: TempDir,
    environment: HashMap<String, String>,
    pub registry: Arc<SqliteRegistry>,
    /// Gets a permit for each request that reaches the provider.
    received: Arc<Semaphore>,
    /// The provider takes a permit for each response.
    released: Arc<Semaphore>,
    credential: String,
    client: Client,
}

impl Installation {
    pub async fn new() -> Self {
        // reqwest needs a crypto provider even for plain HTTP; another test of this process may have installed it already.
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
        let (received, released) = (Arc::new(Semaphore::new(0)), Arc::new(Semaphore::new(0)));
        let provider = held_provider(received.clone(), released.clone()).await;
        let menus = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../menus");
        let environment = [
            ("TIFFIN_DATA", folder.path().display().to_string()),
            ("TIFFIN_MENUS", menus.display().to_string()),
            ("TIFFIN_LEASE_MS", lease.as_millis().to_string()),
            ("TIFFIN_POSTCODES_IO_URL", provider.clone()),
            ("TIFFIN_FINDTHATPOSTCODE_URL", provider),
            // Long enough that a request waits until the test releases its response.
            ("TIFFIN_GEOCODE_TIMEOUT_MS", "60000".to_owned()),
            ("TIFFIN_DRAIN_MS", "60000".to_owned()),
        ]
        .map(|(name, value)| (name.to_owned(), value))
        .into();
        Self {
            folder,
            environment,
            registry: Arc::new(registry),
            received,
            released,
            credential: key.replica_credential(),
            client: Client::builder()
                .no_proxy()
                .timeout(FAR_TOO_LONG)
                .pool_max_idle_per_host(0)
                .build()
                .unwrap(),
        }
    }

    /// Starts a replica and waits until it serves.
    pub async fn replica(&self, arguments: &[&str]) -> Child {
        let arguments: Vec<_> = arguments.iter().map(|text| (*text).to_owned()).collect();
        let log = self.folder.path().join("replicas.log");
        Child::start(BINARY, &arguments, &self.environment, &log)
            .await
            .unwrap()
    }

    /// Runs the binary until it ends by itself; returns its output and exit status.
    pub async fn run_to_end(&self, arguments: &[&str]) -> Output {
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
            .expect("the process ends by itself")
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

    /// A request that waits for the provider, which responds once the test calls [`Installation::release_responses`].
    pub fn check_address(&self, address: &str) -> RequestBuilder {
        let question = model::place::AddressCheck {
            postcode: "DH1 3LE".to_owned(),
        };
        self.post(address, api::ADDRESS_CHECKS).json(&question)
    }

    pub async fn until_provider_is_called(&self) {
        timeout(FAR_TOO_LONG, self.received.acquire())
            .await
            .expect("the provider is called")
            .unwrap()
            .forget();
    }

    /// Releases the provider's responses to all requests.
    pub fn release_responses(&self) {
        self.released.add_permits(1_000);
    }

    pub async fn health(&self, address: &str) -> (StatusCode, ReplicaReport) {
        let response = self.get(address, api::HEALTH_READY).send().await.unwrap();
        (response.status(), response.json().await.unwrap())
    }

    /// Waits until the registered replicas satisfy `condition`, and returns them.
    pub async fn until_registered(
        &self,
        condition: impl Fn(&[Registration]) -> bool,
    ) -> Vec<Registration> {
        let mut changes = self.registry.changes();
        timeout(FAR_TOO_LONG, async {
            loop {
                let registered = self.registry.snapshot().await.unwrap();
                if condition(&registered) {
                    return registered;
                }
                changes.changed().await.unwrap();
            }
        })
        .await
        .expect("the registry meets the condition")
    }
}

/// Starts a provider that responds in the format of postcodes.io that the postcode does not exist, once each response is released.
async fn held_provider(received: Arc<Semaphore>, released: Arc<Semaphore>) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let router = Router::new().fallback(move || async move {
        received.add_permits(1);
        released.acquire().await.unwrap().forget();
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

/// Runs a command that must succeed or fail as given; returns its standard output or its errors.
pub async fn output_of(installation: &Installation, arguments: &[&str], succeeds: bool) -> String {
    let ended = installation.run_to_end(arguments).await;
    let (out, errors) = (
        String::from_utf8(ended.stdout).unwrap(),
        String::from_utf8(ended.stderr).unwrap(),
    );
    assert_eq!(ended.status.success(), succeeds, "{out}{errors}");
    if succeeds { out } else { errors }
}
