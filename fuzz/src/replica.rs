//! A replica without a network: the router over a real store in a temporary folder, with one order and one staff account.

use std::cell::Cell;
use std::path::Path;
use std::sync::Arc;

use async_trait::async_trait;
use axum::Router;
use axum::body::{self, Body, Bytes};
use axum::http::{HeaderValue, Request};
use backend::api::{ApiState, Geocoding, Sessions, build_router};
use backend::domain::expiry::Deadlines;
use backend::domain::inventory::Inventory;
use backend::domain::{self, Catalogue};
use backend::menus;
use backend::replica::ReplicaHandle;
use backend::store::SqliteStore;
use model::basket::{Basket, BasketLine};
use model::order::{Customer, Order, PlaceOrder};
use model::place::{Finding, Place, Position, Source};
use model::restaurant::Fulfilment;
use model::staff::{StaffSession, StaffSignIn};
use model::status::ProviderStatus;
use model::{Postcode, api};
use process::clock::ManualClock;
use process::password;
use process::secret::SigningKey;
use serde::Serialize;
use serde::de::DeserializeOwned;
use tempfile::TempDir;
use tokio::runtime::Runtime;
use tower::ServiceExt;

/// A Friday evening in November.
const NOW_MS: i64 = 1_795_199_400_000;
const MENUS: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../menus");
const SHOP: &str = "cenere";
const CREDENTIAL: &str = "the credential";
const PASSWORD: &str = "four words of steel";

pub struct Replica {
    runtime: Runtime,
    router: Router,
    token: String,
    session: String,
    keys: Cell<u64>,
    _folder: TempDir,
}

impl Replica {
    /// # Panics
    /// If the replica cannot be set up.
    #[must_use]
    pub fn start() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let store = Arc::new(SqliteStore::open(folder.path()).unwrap());
        let catalogue = menus::load(Path::new(MENUS)).unwrap();
        let key = SigningKey::load(Some(&"0f".repeat(32)), Path::new("")).unwrap();
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build()
            .unwrap();
        let hash = password::hash(PASSWORD).unwrap();
        runtime
            .block_on(store.add_staff_account(SHOP, "kitchen", &hash, NOW_MS))
            .unwrap();
        let router = build_router(ApiState {
            deadlines: Deadlines::new(catalogue.clone(), 600_000),
            catalogue: catalogue.clone(),
            drill_kitchen: Arc::new(menus::drill_kitchen().unwrap()),
            geocoder: Arc::new(FixedLocation),
            store,
            clock: ManualClock::at(NOW_MS),
            replica: ReplicaHandle::new("replica-1", NOW_MS),
            ended: Arc::default(),
            sessions: Arc::new(Sessions::new(key)),
            credential: CREDENTIAL.into(),
        });
        let mut replica = Self {
            runtime,
            router,
            token: String::new(),
            session: String::new(),
            keys: Cell::default(),
            _folder: folder,
        };
        let signed_in: StaffSession = replica.post(
            api::STAFF_SESSION,
            &StaffSignIn {
                restaurant: SHOP.to_owned(),
                name: "kitchen".to_owned(),
                password: PASSWORD.to_owned(),
                bearer: true,
            },
        );
        replica.session = signed_in.token.unwrap();
        let order: Order = replica.post(api::ORDERS, &sample_order(&catalogue));
        replica.token = order.token;
        replica
    }

    /// Value of a placeholder in a request.
    pub fn placeholder(&self, name: &str) -> Option<String> {
        match name {
            "KEY" => Some(self.new_key()),
            "TOKEN" => Some(self.token.clone()),
            "SESSION" => Some(self.session.clone()),
            _ => None,
        }
    }

    /// Sends a request; returns status, media type and body of the response.
    ///
    /// # Panics
    /// If the response body breaks off.
    pub fn send(&self, mut request: Request<Body>) -> (u16, String, Bytes) {
        let credential = HeaderValue::from_static(CREDENTIAL);
        request.headers_mut().insert(api::CREDENTIAL, credential);
        let router = self.router.clone();
        self.runtime.block_on(async move {
            let response = router.oneshot(request).await.unwrap();
            let kind = response.headers().get("content-type");
            let kind = kind.map_or("", |kind| kind.to_str().unwrap()).to_owned();
            let status = response.status().as_u16();
            let body = body::to_bytes(response.into_body(), usize::MAX).await;
            (status, kind, body.unwrap())
        })
    }

    fn post<T: DeserializeOwned>(&self, address: &str, body: &impl Serialize) -> T {
        let request = Request::post(address)
            .header("content-type", "application/json")
            .header(api::IDEMPOTENCY_KEY, self.new_key())
            .body(serde_json::to_vec(body).unwrap().into());
        let (status, _, body) = self.send(request.unwrap());
        assert!(status < 300, "{}", String::from_utf8_lossy(&body));
        serde_json::from_slice(&body).unwrap()
    }

    fn new_key(&self) -> String {
        self.keys.set(self.keys.get() + 1);
        format!("a-key-of-the-fuzzer-{}", self.keys.get())
    }
}

/// Makes an order that can be placed: one dish without required options, for collection.
fn sample_order(catalogue: &Catalogue) -> PlaceOrder {
    let restaurant = catalogue.get(SHOP).unwrap();
    let mut dishes = restaurant
        .categories()
        .iter()
        .flat_map(|category| &category.dishes);
    let plain = dishes.find(|dish| dish.options.iter().all(|group| group.minimum == 0));
    let basket = Basket {
        restaurant: SHOP.to_owned(),
        fulfilment: Fulfilment::Collection,
        postcode: None,
        slot_start_ms: None,
        lines: vec![BasketLine {
            dish: plain.unwrap().id.clone(),
            quantity: 1,
            choices: Vec::new(),
        }],
    };
    PlaceOrder {
        agreed: domain::quote_basket(restaurant, &basket, None, &Inventory::default(), NOW_MS),
        basket,
        customer: Customer {
            name: "Ada Sample".to_owned(),
            phone: "0191 498 0999".to_owned(),
            address: String::new(),
        },
        notes: String::new(),
    }
}

/// Geocoder that locates every postcode near the restaurants.
struct FixedLocation;

#[async_trait]
impl Geocoding for FixedLocation {
    async fn locate(&self, postcode: &Postcode) -> Place {
        Place {
            postcode: postcode.to_string(),
            finding: Finding::Found,
            position: Some(Position {
                latitude: 54.7753,
                longitude: -1.5849,
            }),
            radius_m: None,
            source: Some(Source::Gazetteer),
            terminated: None,
            suggestion: None,
        }
    }

    fn providers(&self) -> Vec<ProviderStatus> {
        Vec::new()
    }
}
