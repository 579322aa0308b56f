//! Tests of the router with the requests of a front-end server, over a real store in a temporary folder.

mod docs;
mod drills;
mod events;
mod failing_store;
mod health;
mod inventory;
mod openapi;
mod orders;
mod requests;
mod shop;
mod staff;

use std::path::{Path, PathBuf};
use std::sync::Arc;

use async_trait::async_trait;
use axum::Router;
use axum::body::{self, Body};
use axum::http::{HeaderMap, Method, Request, StatusCode};
use bytes::Bytes;
use model::place::{Finding, Place};
use model::problem::{self, Code, Problem};
use model::status::{Breaker, ProviderStatus};
use model::{Postcode, api};
use process::clock::ManualClock;
use process::secret::SigningKey;
use serde::Serialize;
use serde::de::DeserializeOwned;
use tempfile::TempDir;
use tower::ServiceExt;

use super::{ApiState, Geocoding, Sessions};
use crate::domain::Catalogue;
use crate::domain::expiry::Deadlines;
use crate::replica::ReplicaHandle;
use crate::samples::{self, NOW_MS};
use crate::store::{SqliteStore, Store};
use crate::{domain, menus};

const SHOP: &str = "the-copper-pan";
const CREDENTIAL: &str = "the credential";
const KEY: &str = "5f0c3a52-8f0e-4d5c-9a53-1f1f7e2d9d11";

/// A replica without a network.
struct Replica {
    router: Router,
    handle: ReplicaHandle,
    clock: Arc<ManualClock>,
}

/// A store that several replicas share.
struct SharedStore {
    folder: TempDir,
    store: Arc<dyn Store>,
    accounts: Arc<SqliteStore>,
}

impl SharedStore {
    fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let store = Arc::new(SqliteStore::open(folder.path()).unwrap());
        Self {
            folder,
            store: Arc::clone(&store) as _,
            accounts: store,
        }
    }

    fn replica(&self) -> Replica {
        Replica::on(Arc::clone(&self.store), [samples::shop(SHOP)])
    }

    fn file(&self) -> PathBuf {
        self.folder.path().join("tiffin.db")
    }
}

impl Replica {
    fn on(store: Arc<dyn Store>, shops: impl IntoIterator<Item = domain::Restaurant>) -> Self {
        let clock = ManualClock::at(NOW_MS);
        let handle = ReplicaHandle::new("replica-7", NOW_MS);
        let key = SigningKey::load(Some(&"0f".repeat(32)), Path::new("")).unwrap();
        let catalogue = Catalogue::new(shops);
        let router = super::build_router(ApiState {
            deadlines: Deadlines::new(catalogue.clone(), 600_000),
            catalogue,
            drill_kitchen: Arc::new(menus::drill_kitchen().unwrap()),
            geocoder: Arc::new(OnePostcode),
            store,
            clock: Arc::clone(&clock) as _,
            replica: handle.clone(),
            ended: Arc::default(),
            credential: CREDENTIAL.into(),
            sessions: Arc::new(Sessions::new(key)),
        });
        Self {
            router,
            handle,
            clock,
        }
    }

    async fn send(&self, request: Request<Body>) -> TestResponse {
        let response = self.router.clone().oneshot(request).await.unwrap();
        let (parts, body) = response.into_parts();
        TestResponse {
            status: parts.status,
            headers: parts.headers,
            body: body::to_bytes(body, usize::MAX).await.unwrap(),
        }
    }

    async fn get(&self, path: &str) -> TestResponse {
        self.send(
            build_request(Method::GET, path)
                .body(Body::empty())
                .unwrap(),
        )
        .await
    }

    async fn post(&self, path: &str, body: &impl Serialize) -> TestResponse {
        self.send(json(path, serde_json::to_vec(body).unwrap()))
            .await
    }

    /// Sends an order with a key; `body` is its JSON.
    async fn place(&self, key: &str, body: impl Into<Body>) -> TestResponse {
        let request = build_request(Method::POST, api::ORDERS)
            .header("content-type", "application/json")
            .header(api::IDEMPOTENCY_KEY, key);
        self.send(request.body(body.into()).unwrap()).await
    }
}

fn build_request(method: Method, path: &str) -> axum::http::request::Builder {
    Request::builder()
        .method(method)
        .uri(path)
        .header(api::CREDENTIAL, CREDENTIAL)
}

fn json(path: &str, body: impl Into<Body>) -> Request<Body> {
    build_request(Method::POST, path)
        .header("content-type", "application/json; charset=utf-8")
        .body(body.into())
        .unwrap()
}

#[derive(Debug)]
struct TestResponse {
    status: StatusCode,
    headers: HeaderMap,
    body: Bytes,
}

impl TestResponse {
    fn header(&self, name: &str) -> &str {
        let value = self.headers.get(name);
        value.map_or("", |value| value.to_str().unwrap())
    }

    /// Parses the JSON body, after checking the status.
    #[track_caller]
    fn read<T: DeserializeOwned>(&self, status: u16) -> T {
        assert_eq!(self.status.as_u16(), status, "{self:?}");
        assert_eq!(self.header("content-type"), "application/json");
        serde_json::from_slice(&self.body).unwrap()
    }

    /// Parses the problem, after checking its code and status.
    #[track_caller]
    fn problem(&self, code: Code) -> Problem {
        assert_eq!(self.status.as_u16(), code.status(), "{self:?}");
        assert_eq!(self.header("content-type"), problem::CONTENT_TYPE);
        assert_eq!(self.header("cache-control"), "no-store");
        let problem: Problem = serde_json::from_slice(&self.body).unwrap();
        assert_eq!((problem.code, problem.status), (code, code.status()));
        assert!(!problem.title.is_empty() && !problem.detail.is_empty());
        problem
    }
}

/// Geocoder that knows one postcode.
struct OnePostcode;

#[async_trait]
impl Geocoding for OnePostcode {
    async fn locate(&self, postcode: &Postcode) -> Place {
        let nearby = samples::nearby();
        if postcode.as_str() == nearby.postcode {
            return nearby;
        }
        Place {
            postcode: postcode.to_string(),
            finding: Finding::Unknown,
            position: None,
            ..nearby
        }
    }

    fn providers(&self) -> Vec<ProviderStatus> {
        vec![ProviderStatus {
            name: "postcodes.io".to_owned(),
            breaker: Breaker::Closed,
            last_success_ms: None,
            last_failure_ms: None,
            last_error: None,
            successes: 0,
            failures: 0,
        }]
    }
}
