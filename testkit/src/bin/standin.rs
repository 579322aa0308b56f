//! A stand-in for a replica, for the bench: it takes orders in a known time, remembers which it carried out, and can be told to fall
//! silent about orders while its health checks pass. Registers like a real one.
//!
//! `standin ID ORDER_MS SLOW_MS AT_ONCE PORT`: every order takes `ORDER_MS`, one in a hundred `SLOW_MS`, and so many at once; the others
//! wait in line.

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
use testkit::standin::{FRESH, GREY, SEEN};
use tokio::sync::Semaphore;

const LEASE: Duration = Duration::from_secs(3);
const ONE_IN: u64 = 100;
/// Of each hundred, so that one comes soon where few are placed.
const SLOW_ONE: u64 = 14;

/// As large as a menu of forty dishes.
const MENU: &str = match std::str::from_utf8(&[b'x'; 20 * 1024]) {
    Ok(text) => text,
    Err(_) => "",
};

struct Standin {
    id: String,
    order: Duration,
    slow: Duration,
    places: Semaphore,
    orders: AtomicU64,
    grey: AtomicBool,
    /// Keys, in the order of being carried out.
    done: Mutex<Vec<String>>,
}

#[tokio::main]
async fn main() -> anyhow::Result<()> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [id, order_ms, slow_ms, at_once, port] = arguments.as_slice() else {
        anyhow::bail!("usage: standin ID ORDER_MS SLOW_MS AT_ONCE PORT");
    };
    let data = std::env::var_os("TIFFIN_DATA").context("TIFFIN_DATA is not set")?;
    let standin = Arc::new(Standin {
        id: id.clone(),
        order: Duration::from_millis(order_ms.parse()?),
        slow: Duration::from_millis(slow_ms.parse()?),
        places: Semaphore::new(at_once.parse()?),
        orders: AtomicU64::new(0),
        grey: AtomicBool::new(false),
        done: Mutex::default(),
    });
    let listener = listen(SocketAddr::from(([127, 0, 0, 1], port.parse()?)))?;
    let address = listener.local_addr()?;
    let router = Router::new()
        .route(api::HEALTH_LIVE, get(async || "alive"))
        .route(api::HEALTH_READY, get(ready))
        .route(api::ORDERS, post(place))
        .route(&format!("{}/{{slug}}/menu", api::RESTAURANTS), get(menu))
        .route(GREY, post(turn_grey))
        .route(SEEN, get(seen))
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

async fn ready(State(standin): State<Arc<Standin>>) -> Json<ReplicaReport> {
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

async fn place(State(standin): State<Arc<Standin>>, headers: HeaderMap) -> StatusCode {
    if standin.grey.load(Ordering::Relaxed) {
        std::future::pending::<()>().await;
    }
    // Never closed.
    let _place = standin.places.acquire().await;
    let number = standin.orders.fetch_add(1, Ordering::Relaxed);
    let takes = if number % ONE_IN == SLOW_ONE {
        standin.slow
    } else {
        standin.order
    };
    if !takes.is_zero() {
        tokio::time::sleep(takes).await;
    }
    let key = headers
        .get(api::IDEMPOTENCY_KEY)
        .and_then(|key| key.to_str().ok());
    let mut done = standin.done.lock().unwrap_or_else(PoisonError::into_inner);
    done.extend(key.map(str::to_owned));
    StatusCode::CREATED
}

async fn menu(Path(slug): Path<String>) -> Response {
    let mut answer = MENU.into_response();
    if slug == FRESH {
        let while_ms = HeaderValue::from_static("1000");
        answer.headers_mut().insert(api::FRESH, while_ms);
    }
    answer
}

async fn turn_grey(State(standin): State<Arc<Standin>>) {
    standin.grey.store(true, Ordering::Relaxed);
}

async fn seen(State(standin): State<Arc<Standin>>) -> Json<Vec<String>> {
    let done = standin.done.lock().unwrap_or_else(PoisonError::into_inner);
    Json(done.clone())
}
