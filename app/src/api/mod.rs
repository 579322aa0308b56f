//! Every request that the app makes, one function each. Pages call these; components do not.
//!
//! A call never hangs for ever, goes to another front-end server when its own is gone, repeats itself once or twice where that is safe,
//! and is aborted when its future is dropped:
//! run it in [`crate::state::load::Loader`] or `spawn_local_scoped_with_cancellation` and it goes when its page goes.

mod client;
mod error;
mod live;
mod news;
mod retry;
mod servers;

use gloo_net::http::Method;
use model::api;
use model::basket::{Basket, Quote};
use model::drill::DrillPlan;
use model::menu::Menu;
use model::order::Order;
use model::restaurant::{Fulfilment, RestaurantSearch, SearchResult, Slots};
use model::status::{AdminState, AdminStateChange, Servers, SignIn, Status};

use crate::state::browser::{encode, hidden, sleep};
use client::Call;
pub use error::ApiError;
pub use live::StatusLive;
pub use news::{Heard, News};
pub use servers::{elsewhere, moves};

type Answer<T> = Result<T, ApiError>;

/// Every restaurant, those that deliver to the postcode first.
pub async fn search_restaurants(postcode: &str) -> Answer<SearchResult> {
    let search = RestaurantSearch {
        postcode: postcode.to_owned(),
    };
    Call::ask(api::RESTAURANT_SEARCHES, &search).read().await
}

pub async fn menu(slug: &str) -> Answer<Menu> {
    let path = format!("{}/{}/menu", api::RESTAURANTS, encode(slug));
    Call::get(&path).read().await
}

/// The times that can be ordered for.
pub async fn slots(slug: &str, fulfilment: Fulfilment) -> Answer<Slots> {
    let how = match fulfilment {
        Fulfilment::Delivery => "delivery",
        Fulfilment::Collection => "collection",
    };
    let path = format!(
        "{}/{}/slots?fulfilment={how}",
        api::RESTAURANTS,
        encode(slug)
    );
    Call::get(&path).read().await
}

/// What the basket costs, and what stands against ordering it.
pub async fn quote(basket: &Basket) -> Answer<Quote> {
    Call::ask(api::QUOTES, basket).read().await
}

/// Places an order. `body` is the exact JSON of a [`model::order::PlaceOrder`], kept by the caller together with `key`, so that a repeat is
/// the same request to the byte. Not repeated here: the page does that, and says what it is doing.
pub async fn place_order(key: &str, body: &str) -> Answer<Order> {
    // The front-end server gives up sooner than this, so that our own timeout means a lost connection.
    Call::change(Method::POST, api::ORDERS)
        .key(key)
        .text(body.to_owned())
        .within(20_000)
        .read()
        .await
}

/// An order by the token in its address.
pub async fn order(token: &str) -> Answer<Order> {
    let path = format!("{}/{}", api::ORDERS, encode(token));
    Call::get(&path).once().read().await
}

/// An order's news as they come.
pub fn order_news(token: &str, heard: impl Fn(Heard) + Copy + 'static) -> Option<News> {
    let path = format!("{}/{}/events", api::ORDERS, encode(token));
    News::open(&servers::at(&path), heard)
}

/// Whether an order has arrived: 404 `not_placed` says that it has not. Asked again by the page, which counts the answers.
pub async fn order_by_key(key: &str) -> Answer<Order> {
    let path = format!("{}/{}", api::ORDERS_BY_KEY, encode(key));
    Call::get(&path).once().within(6_000).read().await
}

/// Cancels an order that nobody has accepted yet; cancelling it again gives the same answer.
pub async fn cancel(token: &str) -> Answer<Order> {
    let path = format!("{}/{}{}", api::ORDERS, encode(token), api::CANCELLATION);
    Call::change(Method::POST, &path).read().await
}

pub async fn status() -> Answer<Status> {
    Call::get(api::STATUS)
        .signed()
        .once()
        .within(5_000)
        .read()
        .await
}

/// The same as it changes.
pub fn status_live() -> Answer<StatusLive> {
    StatusLive::open(&servers::at(&format!("{}/live", api::STATUS)))
}

/// Starts the operator's session, a cookie of the server that requests go to.
pub async fn sign_in(password: String) -> Answer<()> {
    let path = format!("{}/session", api::STATUS);
    Call::change(Method::POST, &path)
        .json(&SignIn { password })
        .signed()
        .here()
        .send()
        .await
        .map(drop)
}

pub async fn sign_out() -> Answer<()> {
    let path = format!("{}/session", api::STATUS);
    Call::change(Method::DELETE, &path)
        .signed()
        .here()
        .send()
        .await
        .map(drop)
}

/// Switches a replica; answers with the status after it.
pub async fn set_admin_state(replica: &str, admin_state: AdminState) -> Answer<Status> {
    let path = format!("{}/replicas/{}/admin-state", api::STATUS, encode(replica));
    Call::change(Method::PUT, &path)
        .json(&AdminStateChange { admin_state })
        .signed()
        .in_turn()
        .read()
        .await
}

/// Once the page has what it needs, so that nothing of it waits for this.
const FIRST_LIST_MS: u32 = 3_000;
/// Servers come and go rarely, and one that is gone is found out by asking it.
const NEXT_LIST_MS: u32 = 300_000;

/// Learns which front-end servers there are, now and then. Never ends.
pub async fn follow_servers() {
    let mut wait = FIRST_LIST_MS;
    loop {
        sleep(wait).await;
        if hidden() {
            continue;
        }
        let list = Call::get(api::STATUS_SERVERS).once().read::<Servers>();
        if let Ok(list) = list.await {
            servers::learn(list.servers.into_iter().map(|server| server.url));
            wait = NEXT_LIST_MS;
        }
    }
}

/// Starts a drill; how it goes is part of the status.
pub async fn start_drill(plan: &DrillPlan) -> Answer<()> {
    Call::change(Method::POST, api::DRILLS)
        .json(plan)
        .send()
        .await
        .map(drop)
}

/// Stops the one that runs.
pub async fn stop_drill() -> Answer<()> {
    Call::change(Method::DELETE, api::CURRENT_DRILL)
        .send()
        .await
        .map(drop)
}
