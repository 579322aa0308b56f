//! Every request that the app makes, one async function each. Pages call these; components do not.
//!
//! Each function has a timeout, fails over to another front-end server, retries where that is safe, and aborts its request when its
//! future is dropped.

mod error;
mod order_events;
mod retry;
mod servers;
mod status_events;
mod transport;

use gloo_net::http::Method;
use model::api;
use model::basket::{Basket, Quote};
use model::drill::DrillPlan;
use model::menu::Menu;
use model::order::Order;
use model::restaurant::{Fulfilment, RestaurantSearch, SearchResult, Slots};
use model::status::{AdminState, AdminStateChange, Servers, SignIn, Status};

use crate::state::browser::{encode, hidden, sleep};
pub use error::ApiError;
pub use order_events::{OrderEvent, OrderEvents};
pub use servers::{generation, other_server};
pub use status_events::StatusEvents;
use transport::ApiRequest;

/// Every restaurant, those that deliver to the postcode first.
pub async fn search_restaurants(postcode: &str) -> Result<SearchResult, ApiError> {
    let search = RestaurantSearch {
        postcode: postcode.to_owned(),
    };
    ApiRequest::query(api::RESTAURANT_SEARCHES, &search)
        .fetch()
        .await
}

pub async fn menu(slug: &str) -> Result<Menu, ApiError> {
    let path = format!("{}/{}/menu", api::RESTAURANTS, encode(slug));
    ApiRequest::get(&path).fetch().await
}

/// The times that can be ordered for.
pub async fn slots(slug: &str, fulfilment: Fulfilment) -> Result<Slots, ApiError> {
    let fulfilment = match fulfilment {
        Fulfilment::Delivery => "delivery",
        Fulfilment::Collection => "collection",
    };
    let path = format!(
        "{}/{}/slots?fulfilment={fulfilment}",
        api::RESTAURANTS,
        encode(slug)
    );
    ApiRequest::get(&path).fetch().await
}

/// The price of the basket, and the obstacles to ordering it.
pub async fn quote(basket: &Basket) -> Result<Quote, ApiError> {
    ApiRequest::query(api::QUOTES, basket).fetch().await
}

/// Places an order. `body` is the exact JSON of a [`model::order::PlaceOrder`], which the caller keeps together with `key`, so that a
/// repeat is byte for byte the same request. The page repeats it, and says what it is doing.
pub async fn place_order(key: &str, body: &str) -> Result<Order, ApiError> {
    // Longer than the front-end server's own deadline, so that a timeout here means a lost connection.
    ApiRequest::mutation(Method::POST, api::ORDERS)
        .idempotency_key(key)
        .text(body.to_owned())
        .timeout_ms(20_000)
        .fetch()
        .await
}

/// An order by the token in its address.
pub async fn order(token: &str) -> Result<Order, ApiError> {
    let path = format!("{}/{}", api::ORDERS, encode(token));
    ApiRequest::get(&path).no_retry().fetch().await
}

/// Subscribes to an order's events.
pub fn order_events(
    token: &str,
    on_event: impl Fn(OrderEvent) + Copy + 'static,
) -> Option<OrderEvents> {
    let path = format!("{}/{}/events", api::ORDERS, encode(token));
    OrderEvents::open(&servers::current_url(&path), on_event)
}

/// The order that was placed with an idempotency key; 404 `not_placed` if there is none. The page itself repeats the look-up and
/// counts the answers.
pub async fn order_by_key(key: &str) -> Result<Order, ApiError> {
    let path = format!("{}/{}", api::ORDERS_BY_KEY, encode(key));
    ApiRequest::get(&path)
        .no_retry()
        .timeout_ms(6_000)
        .fetch()
        .await
}

/// Cancels an order that is not accepted yet; repeating it gives the same answer.
pub async fn cancel_order(token: &str) -> Result<Order, ApiError> {
    let path = format!("{}/{}{}", api::ORDERS, encode(token), api::CANCELLATION);
    ApiRequest::mutation(Method::POST, &path).fetch().await
}

pub async fn status() -> Result<Status, ApiError> {
    ApiRequest::get(api::STATUS)
        .with_credentials()
        .no_retry()
        .timeout_ms(5_000)
        .fetch()
        .await
}

/// Subscribes to the status.
pub fn status_events() -> Result<StatusEvents, ApiError> {
    StatusEvents::open(&servers::current_url(&format!("{}/live", api::STATUS)))
}

/// Starts the operator's session, a cookie of the current server.
pub async fn sign_in(password: String) -> Result<(), ApiError> {
    let path = format!("{}/session", api::STATUS);
    ApiRequest::mutation(Method::POST, &path)
        .json(&SignIn { password })
        .with_credentials()
        .current_server_only()
        .send()
        .await
        .map(drop)
}

pub async fn sign_out() -> Result<(), ApiError> {
    let path = format!("{}/session", api::STATUS);
    ApiRequest::mutation(Method::DELETE, &path)
        .with_credentials()
        .current_server_only()
        .send()
        .await
        .map(drop)
}

/// Sets a replica's admin state; returns the status after it.
pub async fn set_admin_state(replica: &str, admin_state: AdminState) -> Result<Status, ApiError> {
    let path = format!("{}/replicas/{}/admin-state", api::STATUS, encode(replica));
    ApiRequest::mutation(Method::PUT, &path)
        .json(&AdminStateChange { admin_state })
        .with_credentials()
        .in_order()
        .fetch()
        .await
}

/// The wait before the list of servers is first loaded, so that nothing of the page waits for it.
const FIRST_REFRESH_MS: u32 = 3_000;
/// The interval after that. Servers come and go rarely, and a failed request detects one that is gone.
const REFRESH_MS: u32 = 300_000;

/// Keeps the list of front-end servers up to date. Never ends.
pub async fn follow_servers() {
    let mut wait = FIRST_REFRESH_MS;
    loop {
        sleep(wait).await;
        if hidden() {
            continue;
        }
        let list = ApiRequest::get(api::STATUS_SERVERS)
            .no_retry()
            .fetch::<Servers>();
        if let Ok(list) = list.await {
            servers::set_known(list.servers.into_iter().map(|server| server.url));
            wait = REFRESH_MS;
        }
    }
}

/// Starts a drill; its progress is part of the status.
pub async fn start_drill(plan: &DrillPlan) -> Result<(), ApiError> {
    ApiRequest::mutation(Method::POST, api::DRILLS)
        .json(plan)
        .with_credentials()
        .current_server_only()
        .send()
        .await
        .map(drop)
}

/// Stops the drill that is running.
pub async fn stop_drill() -> Result<(), ApiError> {
    ApiRequest::mutation(Method::DELETE, api::CURRENT_DRILL)
        .with_credentials()
        .current_server_only()
        .send()
        .await
        .map(drop)
}
