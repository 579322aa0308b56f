//! A stand-in for a replica in benches: executes orders in a known time, remembers their keys, and can be switched to a grey
//! failure, in which orders get no response while health checks pass. Registers like a real replica.
//!
//! `standin ID ORDER_MS SLOW_MS CONCURRENCY PORT`: every order takes `ORDER_MS`, one in a hundred takes `SLOW_MS`; `CONCURRENCY`
//! orders run at once and the others queue.

use std::net::SocketAddr;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use anyhow::Context;
use axum::extract::{Path, State};
use axum::http::{HeaderMap, HeaderValue, StatusCode};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use axum::{Json, Router};
use model::api;
use model::status::{AdminState, ReplicaReport};
use process::clock::{SharedClock, SystemClock};
use process::listening::listen;
use registry::{LeaseTiming, Membership, NewRegistration, Role, SqliteRegistry};
use testkit::standin::{CACHEABLE_SLUG, EXECUTED_KEYS, GREY_FAILURE};
use tokio::sync::Semaphore;

const LEASE: Duration = Duration::from_secs(3);
/// One in this many orders is slow.
const SLOW_EVERY: u64 = 100;
/// The position of the slow one, low enough to occur in runs with few orders.
const SLOW_POSITION: u64 = 14;

/// A body as large as a menu of forty dishes.
const MENU: &str = match std::str::from_utf8(&[b'x'; 20 * 1024]) {
    Ok(text) => text,
    Err(_) => "",
};

struct ReplicaStandIn {
    id: String,
    order_time: Duration,
    slow_order_time: Duration,
    permits: Semaphore,
    order_count: AtomicU64,
    in_grey_failure: AtomicBool,
    /// Idempotency keys in order of execution.
    executed_keys: Mutex<Vec<String>>,
}

#[tokio::main]
async fn main() -> anyhow::Result<()> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [id, order_ms, slow_ms, concurrency, port] = arguments.as_slice() else {
        anyhow::bail!("usage: standin ID ORDER_MS SLOW_MS CONCURRENCY PORT");
    };
    let data = std::env::var_os("TIFFIN_DATA").context("TIFFIN_DATA is not set")?;
    let standin = Arc::new(ReplicaStandIn {
        id: id.clone(),
        order_time: Duration::from_millis(order_ms.parse()?),
        slow_order_time: Duration::from_millis(slow_ms.parse()?),
        permits: Semaphore::new(concurrency.parse()?),
        order_count: AtomicU64::new(0),
        in_grey_failure: AtomicBool::new(false),
        executed_keys: Mutex::default(),
    });
    let listener = listen(SocketAddr::from(([127, 0, 0, 1], port.parse()?)))?;
    let address = listener.local_addr()?;
    let router = Router::new()
        .route(api::HEALTH_LIVE, get(async || "alive"))
        .route(api::HEALTH_READY, get(report_ready))
        .route(api::ORDERS, post(place_order))
        .route(
            &format!("{}/{{slug}}/menu", api::RESTAURANTS),
            get(get_menu),
        )
        .route(GREY_FAILURE, post(start_grey_failure))
        .route(EXECUTED_KEYS, get(list_executed_keys))
        .with_state(standin);
    let membership = register(&data, id, address)?;
    println!("standin {id} serves at {address}");
    axum::serve(listener, router)
        .with_graceful_shutdown(async {
            let _ = process::shutdown::wait_for_request().await;
            membership.leave().await;
        })
        .await?;
    Ok(())
}

fn register(data: &std::ffi::OsStr, id: &str, address: SocketAddr) -> anyhow::Result<Membership> {
    let clock: SharedClock = Arc::new(SystemClock::default());
    let file = std::path::Path::new(data).join("registry.db");
    let registry = SqliteRegistry::open(&file, LEASE, Arc::clone(&clock))?;
    Ok(Membership::start(
        Arc::new(registry),
        NewRegistration {
            id: id.to_owned(),
            role: Role::Replica,
            address: address.to_string(),
            public_url: None,
            version: env!("CARGO_PKG_VERSION").to_owned(),
            started_at_ms: clock.now_ms(),
            process_id: std::process::id(),
        },
        LeaseTiming::new(LEASE),
    ))
}

async fn report_ready(State(standin): State<Arc<ReplicaStandIn>>) -> Json<ReplicaReport> {
    Json(ReplicaReport {
        id: standin.id.clone(),
        version: env!("CARGO_PKG_VERSION").to_owned(),
        ready: true,
        reason: None,
        admin_state: AdminState::Up,
        in_flight: 0,
        providers: Vec::new(),
        ended: None,
    })
}

async fn place_order(State(standin): State<Arc<ReplicaStandIn>>, headers: HeaderMap) -> StatusCode {
    if standin.in_grey_failure.load(Ordering::Relaxed) {
        std::future::pending::<()>().await;
    }
    // Fails only if the semaphore is closed, which it never is.
    let _permit = standin.permits.acquire().await;
    let number = standin.order_count.fetch_add(1, Ordering::Relaxed);
    let order_time = if number % SLOW_EVERY == SLOW_POSITION {
        standin.slow_order_time
    } else {
        standin.order_time
    };
    if !order_time.is_zero() {
        tokio::time::sleep(order_time).await;
    }
    let key = headers
        .get(api::IDEMPOTENCY_KEY)
        .and_then(|key| key.to_str().ok());
    let mut keys = standin
        .executed_keys
        .lock()
        .unwrap_or_else(PoisonError::into_inner);
    keys.extend(key.map(str::to_owned));
    StatusCode::CREATED
}

async fn get_menu(Path(slug): Path<String>) -> Response {
    let mut response = MENU.into_response();
    if slug == CACHEABLE_SLUG {
        let ttl_ms = HeaderValue::from_static("1000");
        response.headers_mut().insert(api::RESPONSE_TTL, ttl_ms);
    }
    response
}

async fn start_grey_failure(State(standin): State<Arc<ReplicaStandIn>>) {
    standin.in_grey_failure.store(true, Ordering::Relaxed);
}

async fn list_executed_keys(State(standin): State<Arc<ReplicaStandIn>>) -> Json<Vec<String>> {
    let keys = standin
        .executed_keys
        .lock()
        .unwrap_or_else(PoisonError::into_inner);
    Json(keys.clone())
}
