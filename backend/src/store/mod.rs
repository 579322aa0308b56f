//! Orders, staff accounts and the cache of places. Nobody else writes SQL for orders.
//!
//! A method of [`Store`] is one whole transaction, named for what it means. What a person may do to an order is ruled here
//! only as far as it must hold inside the transaction; prices, hours and menus are not known here, nor is HTTP.

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
use crate::domain::step::Step;
use crate::domain::supply::{Stock, Supply};

pub use accounts::StaffAccount;
pub use error::StoreError;
pub use fingerprint::Fingerprint;
pub use sqlite::SqliteStore;

/// Where orders live. Every replica has a handle on the same store.
#[async_trait]
pub trait Store: Send + Sync + 'static {
    /// Places the order, once for each idempotency key: key, fingerprint, saved answer, order, number, first event, its place in
    /// a slot and its portions commit together. Of requests with one key that come at once, on any replicas, one places and the
    /// others get its answer.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`] when it is not known to be placed; repeating it with the same key is safe.
    async fn place_order(
        &self,
        key: &str,
        fingerprint: Fingerprint,
        order: NewOrder,
    ) -> Result<Placement, StoreError>;

    /// What [`Store::place_order`] would answer from a key that has been used already; `None` for a fresh key.
    async fn placed_before(
        &self,
        key: &str,
        fingerprint: Fingerprint,
    ) -> Result<Option<Placement>, StoreError>;

    /// What is left of a restaurant's dishes and, where `slots_from_ms` is given, of its places from then on.
    async fn supply(
        &self,
        restaurant: &str,
        slots_from_ms: Option<i64>,
    ) -> Result<Supply, StoreError>;

    /// The order as it is now.
    async fn order_by_token(&self, token: &str) -> Result<Option<Order>, StoreError>;

    /// The order that was placed with this idempotency key, as it is now.
    async fn order_by_key(&self, key: &str) -> Result<Option<Order>, StoreError>;

    /// Cancels on the customer's wish, while that is still the customer's to decide. Doing it again changes nothing.
    async fn cancel_by_customer(
        &self,
        token: &str,
        now_ms: i64,
    ) -> Result<Cancellation, StoreError>;

    /// Takes a step with an order on the staff's wish, once for each of the restaurant's idempotency keys: key, fingerprint,
    /// saved answer, order and event commit together.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`] when it is not known to be taken; repeating it with the same key is safe.
    async fn step_by_staff(&self, wanted: StaffStep) -> Result<StaffOutcome, StoreError>;

    /// Sets what there is of a dish, once for each of the restaurant's idempotency keys: sent again after portions were sold, it
    /// must not bring them back.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`] when it is not known to be set; repeating it with the same key is safe.
    async fn set_stock(&self, wanted: StockWish) -> Result<StaffOutcome, StoreError>;

    /// Looks after the orders that wait to be accepted: those whose window has passed by `now_ms` end. When no replica had done
    /// this for longer than [`OUTAGE_MS`], nobody could have accepted them, and each gets a whole new window first. `ran_ms`: when
    /// the caller had done it last, by the same clock; others' clocks may differ, and do not make an outage where it ran itself.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`] when it is not known to be done; the next round does it.
    async fn tend(
        &self,
        now_ms: i64,
        ran_ms: Option<i64>,
        deadlines: Deadlines,
    ) -> Result<Tended, StoreError>;

    /// Drops the personal data of some of the orders that were placed, and whose chosen time was over, before `before_ms`, in
    /// saved answers too; tells of how many. There are no more once it tells of none.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`] when it is not known to be done; the next round does it.
    async fn drop_personal_data(&self, before_ms: i64) -> Result<u32, StoreError>;

    /// A restaurant's orders that have not ended, the longest waiting first.
    async fn open_orders(&self, restaurant: &str) -> Result<Vec<KitchenOrder>, StoreError>;

    /// One order of this restaurant, whatever its state.
    async fn kitchen_order(
        &self,
        restaurant: &str,
        token: &str,
    ) -> Result<Option<KitchenOrder>, StoreError>;

    /// A staff account by the number that its sessions carry.
    async fn staff_account(&self, id: i64) -> Result<Option<StaffAccount>, StoreError>;

    /// A staff account by what is typed to sign in.
    async fn staff_account_named(
        &self,
        restaurant: &str,
        name: &str,
    ) -> Result<Option<StaffAccount>, StoreError>;

    /// The event log after `after`, oldest first, `most` at most. In commit order and without gaps: what is there once never gets
    /// anything put before it.
    async fn events_after(&self, after: i64, most: u32) -> Result<Vec<OrderEvent>, StoreError>;

    /// A restaurant's events after `after`, up to `until`, oldest first, `most` at most.
    async fn events_of_restaurant(
        &self,
        restaurant: &str,
        after: i64,
        until: i64,
        most: u32,
    ) -> Result<Vec<OrderEvent>, StoreError>;

    /// One order's events, oldest first; none where there is no such order.
    async fn events_of_order(&self, token: &str) -> Result<Vec<OrderEvent>, StoreError>;

    /// Sequence of the last event; 0 before the first.
    async fn last_event(&self) -> Result<i64, StoreError>;

    /// The idempotency keys of a drill's orders that begin so, sorted: each as often as there are orders that it stands on.
    async fn drill_keys(&self, prefix: &str) -> Result<Vec<String>, StoreError>;

    /// Whether the store can be read and its writer runs. It does not ask whether a write would succeed: a replica that
    /// cannot take orders just now still shows menus.
    async fn ready(&self) -> Result<(), StoreError>;
}

/// What came of placing an order.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Placement {
    Placed(Answer),
    /// The key and the body had been seen: the saved answer, byte for byte.
    Replayed(Answer),
    /// The key had been used for another order.
    KeyReused,
    /// A place or portions that it needs went to others: what there is.
    Gone(Supply),
}

/// What is answered to the placing of an order, and saved with it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Answer {
    pub token: String,
    /// The [`Order`] as it was placed, as JSON.
    pub body: Bytes,
}

/// What came of a customer's or the operator's wish to cancel.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Cancellation {
    Cancelled(Order),
    AlreadyCancelled(Order),
    /// It has gone too far for that, or has ended otherwise.
    Conflict(Order),
    NotFound,
}

/// Replicas look after waiting orders every few seconds; after a gap longer than this all of them were away. Shorter, and a
/// machine that is busy for a moment gives everybody a new window; longer, and an outage as long takes time from the staff.
pub const OUTAGE_MS: i64 = 20_000;

/// What came of looking after the orders that wait.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Tended {
    /// How many ended.
    pub expired: u32,
    /// How long no replica had run, where that was an outage.
    pub outage_ms: Option<i64>,
}

/// An order with what only the restaurant is told.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KitchenOrder {
    pub order: Order,
    /// `None` once personal data has been dropped.
    pub customer_phone: Option<String>,
    /// When it ends unless it is accepted, in milliseconds; `None` where that is not decided yet.
    pub expires_at_ms: Option<i64>,
}

/// What a restaurant's staff want of one order.
#[derive(Clone, Debug)]
pub struct StaffStep {
    pub key: String,
    pub fingerprint: Fingerprint,
    /// Slug; an order of another restaurant is not found.
    pub restaurant: String,
    /// Number of the staff account, for the log.
    pub account: i64,
    pub token: String,
    /// The order's version that was seen.
    pub version: u32,
    pub step: Step,
    pub at_ms: i64,
}

/// What a restaurant's staff say of a dish.
#[derive(Clone, Debug)]
pub struct StockWish {
    pub key: String,
    pub fingerprint: Fingerprint,
    /// Slug.
    pub restaurant: String,
    pub dish: String,
    pub stock: Stock,
    /// What to answer, also when it is sent again.
    pub answer: Bytes,
}

/// What came of the staff's wish.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum StaffOutcome {
    /// The [`Order`] after it, or what was set, as JSON.
    Done(Bytes),
    /// The key and the body had been seen: the saved answer, byte for byte.
    Replayed(Bytes),
    /// The key had been used for something else.
    KeyReused,
    /// The order as it is now, which is not as it was seen or does not allow the step.
    Conflict(Box<Order>),
    /// Something is missing that this order needs.
    Invalid(FieldError),
    NotFound,
}
