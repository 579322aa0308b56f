//! The store: orders, staff accounts and the geocoding cache. Only this module contains SQL for orders.
//!
//! Each method of [`Store`] is one whole transaction, named for what it means. Decisions are the domain's; a store loads rows, calls
//! the decision and saves the result. Knows neither prices, opening hours and menus nor HTTP.

mod accounts;
mod error;
mod fingerprint;
mod sqlite;

use async_trait::async_trait;
use bytes::Bytes;
use model::feed::OrderEvent;
use model::order::Order;
use model::problem::FieldError;

use crate::domain::NewOrder;
use crate::domain::expiry::Deadlines;
use crate::domain::inventory::{Inventory, Stock};
use crate::domain::transition::Transition;

pub use accounts::StaffAccount;
pub use error::StoreError;
pub use fingerprint::Fingerprint;
pub use sqlite::SqliteStore;

/// The shared store of orders. Every replica has a handle on the same store.
#[async_trait]
pub trait Store: Send + Sync + 'static {
    /// Places the order, once for each idempotency key: key, fingerprint, saved response, order, number, first event, slot and stock
    /// commit together. Of concurrent requests with one key, on any replicas, one places the order and the others get its response.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`] when the result of the commit is unknown; a retry with the same key is safe.
    async fn place_order(
        &self,
        key: &str,
        fingerprint: Fingerprint,
        order: NewOrder,
    ) -> Result<Placement, StoreError>;

    /// Finds what [`Store::place_order`] would return for a key that was used already; `None` for a new key.
    async fn find_placement(
        &self,
        key: &str,
        fingerprint: Fingerprint,
    ) -> Result<Option<Placement>, StoreError>;

    /// A restaurant's inventory: the stock of its dishes and, where `slots_from_ms` is given, the orders in its slots from then on.
    async fn inventory(
        &self,
        restaurant: &str,
        slots_from_ms: Option<i64>,
    ) -> Result<Inventory, StoreError>;

    /// The current state of an order.
    async fn order_by_token(&self, token: &str) -> Result<Option<Order>, StoreError>;

    /// The current state of the order that was placed with this idempotency key.
    async fn order_by_key(&self, key: &str) -> Result<Option<Order>, StoreError>;

    /// Cancels an order at the customer's request, while its state allows that to customers. A repeated request changes nothing.
    async fn cancel_by_customer(
        &self,
        token: &str,
        now_ms: i64,
    ) -> Result<Cancellation, StoreError>;

    /// Moves an order to its next state at the staff's request, once for each of the restaurant's idempotency keys: key, fingerprint,
    /// saved response, order and event commit together.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`] when the result of the commit is unknown; a retry with the same key is safe.
    async fn transition_by_staff(
        &self,
        requested: StaffTransition,
    ) -> Result<StaffOutcome, StoreError>;

    /// Sets the stock of a dish, once for each of the restaurant's idempotency keys: a retry must not undo sales made since.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`] when the result of the commit is unknown; a retry with the same key is safe.
    async fn set_stock(&self, requested: SetStock) -> Result<StaffOutcome, StoreError>;

    /// Expires the orders whose acceptance window has ended by `now_ms`. When no replica ran this for longer than [`OUTAGE_MS`], the staff
    /// could accept nothing, and every waiting order gets a whole new window first. `last_run_ms` is the time of the caller's previous
    /// run by the same clock: the clocks of other replicas may differ, and must not look like an outage where the caller itself ran.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`] when the result of the commit is unknown; the next run repeats it.
    async fn expire_due_orders(
        &self,
        now_ms: i64,
        last_run_ms: Option<i64>,
        deadlines: Deadlines,
    ) -> Result<ExpiryReport, StoreError>;

    /// Purges the personal data of some of the orders that were placed, and whose chosen slot ended, before `before_ms`, also from saved
    /// responses. Returns the number of orders; 0 means that none remain.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`] when the result of the commit is unknown; the next run repeats it.
    async fn purge_personal_data(&self, before_ms: i64) -> Result<u32, StoreError>;

    /// A restaurant's open orders, the longest waiting first.
    async fn open_orders(&self, restaurant: &str) -> Result<Vec<KitchenOrder>, StoreError>;

    /// One order of this restaurant, in any state.
    async fn kitchen_order(
        &self,
        restaurant: &str,
        token: &str,
    ) -> Result<Option<KitchenOrder>, StoreError>;

    /// A staff account by the id that its sessions carry.
    async fn staff_account(&self, id: i64) -> Result<Option<StaffAccount>, StoreError>;

    /// A staff account by the restaurant and name that are typed to sign in.
    async fn staff_account_named(
        &self,
        restaurant: &str,
        name: &str,
    ) -> Result<Option<StaffAccount>, StoreError>;

    /// At most `limit` events of the log after sequence `after`, oldest first, in commit order and without gaps: no event is ever
    /// inserted before one that was read.
    async fn events_after(&self, after: i64, limit: u32) -> Result<Vec<OrderEvent>, StoreError>;

    /// At most `limit` events of a restaurant after sequence `after` up to `until`, oldest first.
    async fn events_of_restaurant(
        &self,
        restaurant: &str,
        after: i64,
        until: i64,
        limit: u32,
    ) -> Result<Vec<OrderEvent>, StoreError>;

    /// One order's events, oldest first; empty where there is no such order.
    async fn events_of_order(&self, token: &str) -> Result<Vec<OrderEvent>, StoreError>;

    /// Sequence of the last event; 0 before the first.
    async fn last_event(&self) -> Result<i64, StoreError>;

    /// The idempotency keys of drill orders that start with `prefix`, sorted, each as often as there are orders with it.
    async fn drill_keys(&self, prefix: &str) -> Result<Vec<String>, StoreError>;

    /// Checks that the store can be read and its writer runs. Attempts no write: a replica that cannot take orders for the moment still
    /// shows menus.
    async fn ready(&self) -> Result<(), StoreError>;
}

/// The result of placing an order.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Placement {
    Placed(SavedResponse),
    /// An earlier request had the same key and body: its saved response, byte for byte.
    Replayed(SavedResponse),
    /// An earlier request used the key for another order.
    KeyReused,
    /// Other orders have taken the slot or the stock: the inventory that remains.
    InsufficientInventory(Inventory),
}

/// The response to placing an order, saved with the order.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SavedResponse {
    pub token: String,
    /// The [`Order`] as it was placed, as JSON.
    pub body: Bytes,
}

/// The result of a cancellation by the customer or the operator.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Cancellation {
    Cancelled(Order),
    AlreadyCancelled(Order),
    /// The order's state does not allow it.
    Conflict(Order),
    NotFound,
}

/// The gap between two runs of order maintenance, on any replicas, above which all replicas count as having been down. Shorter, and a
/// machine that is busy for a moment gives every waiting order a new window; longer, and an outage of that length takes time from the
/// staff.
pub const OUTAGE_MS: i64 = 20_000;

/// The result of [`Store::expire_due_orders`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ExpiryReport {
    /// Number of orders that expired.
    pub expired: u32,
    /// How long no replica ran, where that was an outage.
    pub outage_ms: Option<i64>,
}

/// An order with the data that only its restaurant sees.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KitchenOrder {
    pub order: Order,
    /// `None` once personal data is purged.
    pub customer_phone: Option<String>,
    /// When the order expires unless it is accepted, in milliseconds; `None` where order maintenance has set no deadline yet.
    pub expires_at_ms: Option<i64>,
}

/// A transition of an order that a restaurant's staff request.
#[derive(Clone, Debug)]
pub struct StaffTransition {
    pub key: String,
    pub fingerprint: Fingerprint,
    /// Slug; an order of another restaurant is not found.
    pub restaurant: String,
    /// Id of the staff account, for the event log.
    pub account: i64,
    pub token: String,
    /// The order's version that the staff saw.
    pub version: u32,
    pub transition: Transition,
    pub at_ms: i64,
}

/// The stock that a restaurant's staff set for a dish.
#[derive(Clone, Debug)]
pub struct SetStock {
    pub key: String,
    pub fingerprint: Fingerprint,
    /// Slug.
    pub restaurant: String,
    pub dish: String,
    pub stock: Stock,
    /// The response, which is saved for retries.
    pub response: Bytes,
}

/// The result of a request by staff.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum StaffOutcome {
    /// The [`Order`] after the transition, or the stock that was set, as JSON.
    Done(Bytes),
    /// An earlier request had the same key and body: its saved response, byte for byte.
    Replayed(Bytes),
    /// An earlier request used the key for something else.
    KeyReused,
    /// The version that the staff saw is outdated, or the state does not allow the transition: the current order.
    Conflict(Box<Order>),
    /// The request lacks a field that this order needs.
    Invalid(FieldError),
    NotFound,
}
