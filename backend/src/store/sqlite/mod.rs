//! The store in one SQLite file, which all replicas of one machine open.
//!
//! Writes go through one thread (`writer`), reads through a few connections that cannot write (`readers`). The SQL is in the
//! modules that are named after what it is about; each function there runs inside a transaction that someone else opens and commits.

mod accounts;
mod connection;
mod feed;
mod log;
mod orders;
mod payments;
mod personal_data;
mod places;
mod readers;
mod row;
mod staff_requests;
mod supply;
#[cfg(test)]
mod tests;
mod transitions;
mod waiting;
mod writer;

use std::fs;
use std::path::{Path, PathBuf};

use async_trait::async_trait;
use model::feed::OrderEvent;
use model::order::Order;

use self::readers::Readers;
use self::writer::Writer;
use super::{
    Cancellation, Fingerprint, KitchenOrder, Placement, StaffAccount, StaffOutcome, StaffStep,
    StockWish, Store, StoreError, Tended,
};
use crate::domain::NewOrder;
use crate::domain::expiry::Deadlines;
use crate::domain::step::Words;
use crate::domain::supply::Supply;
use crate::geocode::cache::{CachedPlace, PlaceCache};

/// Bytes of a token: 128 bits, so that nobody guesses one.
const TOKEN_BYTES: usize = 16;

/// A handle on the store. Dropping it commits what is queued and ends its threads.
pub struct SqliteStore {
    readers: Readers,
    // Dropped after the readers: the last connection to close folds the log back into the database, and only one that
    // writes can.
    writer: Writer,
}

impl SqliteStore {
    /// The database of the data folder.
    #[must_use]
    pub fn file(data: &Path) -> PathBuf {
        data.join("tiffin.db")
    }

    /// Opens `tiffin.db` in `data`, makes or migrates it where that is due, and starts the writer. Blocks: waits while another
    /// replica does the same.
    ///
    /// # Errors
    /// If the folder cannot be made, or the database cannot be opened or migrated.
    pub fn open(data: &Path) -> Result<Self, StoreError> {
        fs::create_dir_all(data).map_err(|error| {
            StoreError::Unavailable(format!("cannot make {}: {error}", data.display()))
        })?;
        let file = Self::file(data);
        let writing = connection::open_migrated(&file)?;
        let reading = (0..readers::CONNECTIONS)
            .map(|_| connection::open_reading(&file))
            .collect::<Result<Vec<_>, _>>()?;
        Ok(Self {
            readers: Readers::new(reading),
            writer: Writer::start(writing)?,
        })
    }
}

/// What the command for staff accounts does; replicas only read them.
impl SqliteStore {
    /// By restaurant and name.
    ///
    /// # Errors
    /// If they cannot be read.
    pub async fn staff_accounts(&self) -> Result<Vec<StaffAccount>, StoreError> {
        self.readers.read(accounts::all).await
    }

    /// False: the restaurant has one of that name already, which stays as it is.
    ///
    /// # Errors
    /// If it is not known to be added.
    pub async fn add_staff_account(
        &self,
        restaurant: &str,
        name: &str,
        password_hash: &str,
        now_ms: i64,
    ) -> Result<bool, StoreError> {
        let [restaurant, name, hash] = [restaurant, name, password_hash].map(str::to_owned);
        self.writer
            .write(move |db| accounts::add(db, &restaurant, &name, &hash, now_ms))
            .await
    }

    /// False: the restaurant has none of that name.
    ///
    /// # Errors
    /// If it is not known to be changed.
    pub async fn set_staff_password(
        &self,
        restaurant: &str,
        name: &str,
        password_hash: &str,
    ) -> Result<bool, StoreError> {
        let [restaurant, name, hash] = [restaurant, name, password_hash].map(str::to_owned);
        self.writer
            .write(move |db| accounts::set_password(db, &restaurant, &name, &hash))
            .await
    }

    /// False: the restaurant had none of that name.
    ///
    /// # Errors
    /// If it is not known to be removed.
    pub async fn remove_staff_account(
        &self,
        restaurant: &str,
        name: &str,
    ) -> Result<bool, StoreError> {
        let [restaurant, name] = [restaurant, name].map(str::to_owned);
        self.writer
            .write(move |db| accounts::remove(db, &restaurant, &name))
            .await
    }
}

/// What the operator's commands do.
impl SqliteStore {
    /// Cancels the order that has this number at its restaurant (slug), for a reason that its customer is shown.
    ///
    /// # Errors
    /// If it is not known to be cancelled.
    pub async fn cancel_by_operator(
        &self,
        restaurant: &str,
        number: u32,
        reason: Words,
        now_ms: i64,
    ) -> Result<Cancellation, StoreError> {
        let restaurant = restaurant.to_owned();
        self.writer
            .write(move |db| {
                transitions::cancel_by_operator(db, &restaurant, number, reason, now_ms)
            })
            .await
    }
}

#[async_trait]
impl Store for SqliteStore {
    async fn place_order(
        &self,
        key: &str,
        fingerprint: Fingerprint,
        order: NewOrder,
    ) -> Result<Placement, StoreError> {
        let token = new_token()?;
        let key = key.to_owned();
        self.writer
            .write(move |db| orders::place(db, &key, fingerprint, &token, order))
            .await
    }

    async fn placed_before(
        &self,
        key: &str,
        fingerprint: Fingerprint,
    ) -> Result<Option<Placement>, StoreError> {
        let key = key.to_owned();
        self.readers
            .read(move |db| orders::placed_before(db, &key, fingerprint))
            .await
    }

    async fn supply(
        &self,
        restaurant: &str,
        slots_from_ms: Option<i64>,
    ) -> Result<Supply, StoreError> {
        let restaurant = restaurant.to_owned();
        self.readers
            .read(move |db| supply::of_restaurant(db, &restaurant, slots_from_ms))
            .await
    }

    async fn order_by_token(&self, token: &str) -> Result<Option<Order>, StoreError> {
        let token = token.to_owned();
        self.readers
            .read(move |db| orders::by_token(db, &token))
            .await
    }

    async fn order_by_key(&self, key: &str) -> Result<Option<Order>, StoreError> {
        let key = key.to_owned();
        self.readers.read(move |db| orders::by_key(db, &key)).await
    }

    async fn cancel_by_customer(
        &self,
        token: &str,
        now_ms: i64,
    ) -> Result<Cancellation, StoreError> {
        let token = token.to_owned();
        self.writer
            .write(move |db| transitions::cancel_by_customer(db, &token, now_ms))
            .await
    }

    async fn step_by_staff(&self, wanted: StaffStep) -> Result<StaffOutcome, StoreError> {
        self.writer
            .write(move |db| transitions::step_by_staff(db, &wanted))
            .await
    }

    async fn set_stock(&self, wanted: StockWish) -> Result<StaffOutcome, StoreError> {
        self.writer
            .write(move |db| staff_requests::set_stock(db, wanted))
            .await
    }

    async fn tend(
        &self,
        now_ms: i64,
        ran_ms: Option<i64>,
        deadlines: Deadlines,
    ) -> Result<Tended, StoreError> {
        self.writer
            .write(move |db| waiting::tend(db, now_ms, ran_ms, &deadlines))
            .await
    }

    async fn drop_personal_data(&self, before_ms: i64) -> Result<u32, StoreError> {
        self.writer
            .write(move |db| personal_data::drop_before(db, before_ms))
            .await
    }

    async fn open_orders(&self, restaurant: &str) -> Result<Vec<KitchenOrder>, StoreError> {
        let restaurant = restaurant.to_owned();
        self.readers
            .read(move |db| orders::open(db, &restaurant))
            .await
    }

    async fn kitchen_order(
        &self,
        restaurant: &str,
        token: &str,
    ) -> Result<Option<KitchenOrder>, StoreError> {
        let (restaurant, token) = (restaurant.to_owned(), token.to_owned());
        self.readers
            .read(move |db| orders::of_kitchen(db, &restaurant, &token))
            .await
    }

    async fn staff_account(&self, id: i64) -> Result<Option<StaffAccount>, StoreError> {
        self.readers.read(move |db| accounts::by_id(db, id)).await
    }

    async fn staff_account_named(
        &self,
        restaurant: &str,
        name: &str,
    ) -> Result<Option<StaffAccount>, StoreError> {
        let (restaurant, name) = (restaurant.to_owned(), name.to_owned());
        self.readers
            .read(move |db| accounts::by_name(db, &restaurant, &name))
            .await
    }

    async fn events_after(&self, after: i64, most: u32) -> Result<Vec<OrderEvent>, StoreError> {
        self.readers
            .read(move |db| feed::after(db, after, most))
            .await
    }

    async fn events_of_restaurant(
        &self,
        restaurant: &str,
        after: i64,
        until: i64,
        most: u32,
    ) -> Result<Vec<OrderEvent>, StoreError> {
        let restaurant = restaurant.to_owned();
        self.readers
            .read(move |db| feed::of_restaurant(db, &restaurant, after, until, most))
            .await
    }

    async fn events_of_order(&self, token: &str) -> Result<Vec<OrderEvent>, StoreError> {
        let token = token.to_owned();
        self.readers
            .read(move |db| feed::of_order(db, &token))
            .await
    }

    async fn last_event(&self) -> Result<i64, StoreError> {
        self.readers.read(feed::last).await
    }

    async fn drill_keys(&self, prefix: &str) -> Result<Vec<String>, StoreError> {
        let prefix = prefix.to_owned();
        self.readers
            .read(move |db| orders::drill_keys(db, &prefix))
            .await
    }

    async fn ready(&self) -> Result<(), StoreError> {
        self.writer.running()?;
        self.readers.read(connection::answers).await
    }
}

#[async_trait]
impl PlaceCache for SqliteStore {
    async fn get(&self, postcode: &str) -> Option<CachedPlace> {
        let postcode = postcode.to_owned();
        let found = self
            .readers
            .read(move |db| places::get(db, &postcode))
            .await;
        found.unwrap_or_else(|error| {
            tracing::warn!(%error, "the cache of places could not be read");
            None
        })
    }

    async fn put(&self, cached: CachedPlace) {
        let kept = self.writer.write(move |db| places::put(db, &cached)).await;
        if let Err(error) = kept {
            tracing::warn!(%error, "a place could not be kept in the cache");
        }
    }
}

fn new_token() -> Result<String, StoreError> {
    let mut bytes = [0; TOKEN_BYTES];
    getrandom::fill(&mut bytes).map_err(|error| {
        StoreError::Unavailable(format!("the system gives no random bytes: {error}"))
    })?;
    Ok(hex::encode(bytes))
}
