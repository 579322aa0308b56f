//! The store in one SQLite file, which all replicas of one machine open.
//!
//! Writes go through one thread (`writer`), reads through a pool of read-only connections (`readers`). The other modules contain the
//! SQL, by subject; their functions run inside a transaction that `writer` or `readers` opens and ends.

mod accounts;
mod connection;
mod event_feed;
mod event_log;
mod expiry;
mod inventory;
mod order_states;
mod orders;
mod payments;
mod personal_data;
mod placement;
mod places;
mod readers;
mod row;
mod staff_requests;
#[cfg(test)]
mod tests;
mod transitions;
mod writer;

use std::fs;
use std::path::{Path, PathBuf};

use async_trait::async_trait;
use model::feed::OrderEvent;
use model::order::Order;

use self::readers::ReaderPool;
use self::writer::Writer;
use super::{
    Cancellation, ExpiryReport, Fingerprint, KitchenOrder, Placement, SetStock, StaffAccount,
    StaffOutcome, StaffTransition, Store, StoreError,
};
use crate::domain::NewOrder;
use crate::domain::expiry::Deadlines;
use crate::domain::inventory::Inventory;
use crate::domain::transition::CustomerMessage;
use crate::geocode::cache::{CachedPlace, PlaceCache};

/// Length of an order token: 128 bits, which cannot be guessed.
const TOKEN_BYTES: usize = 16;

/// A handle on the store. Dropping it commits the queued writes and ends the writer thread.
pub struct SqliteStore {
    readers: ReaderPool,
    // Dropped after the readers: the last connection to close folds the write-ahead log back into the database, and only a connection
    // that can write does so.
    writer: Writer,
}

impl SqliteStore {
    /// Path of the database in the data folder.
    #[must_use]
    pub fn file(data: &Path) -> PathBuf {
        data.join("tiffin.db")
    }

    /// Opens `tiffin.db` in `data`, after creating or migrating it where necessary, and starts the writer. Blocks while another replica
    /// does the same.
    ///
    /// # Errors
    /// If the folder cannot be created, or the database cannot be opened or migrated.
    pub fn open(data: &Path) -> Result<Self, StoreError> {
        fs::create_dir_all(data).map_err(|error| {
            StoreError::Unavailable(format!("cannot create {}: {error}", data.display()))
        })?;
        let file = Self::file(data);
        let read_write = connection::open_migrated(&file)?;
        let read_only = (0..readers::CONNECTIONS)
            .map(|_| connection::open_read_only(&file))
            .collect::<Result<Vec<_>, _>>()?;
        Ok(Self {
            readers: ReaderPool::new(read_only),
            writer: Writer::start(read_write)?,
        })
    }
}

/// Staff accounts, which the command `backend staff` changes; replicas only read them.
impl SqliteStore {
    /// Lists all staff accounts, by restaurant and name.
    ///
    /// # Errors
    /// If they cannot be read.
    pub async fn staff_accounts(&self) -> Result<Vec<StaffAccount>, StoreError> {
        self.readers.read(accounts::list).await
    }

    /// Adds an account. False: the restaurant has an account of that name already, which stays as it is.
    ///
    /// # Errors
    /// If the commit failed or its result is unknown.
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

    /// Replaces an account's password. False: the restaurant has no account of that name.
    ///
    /// # Errors
    /// If the commit failed or its result is unknown.
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

    /// Removes an account. False: the restaurant has no account of that name.
    ///
    /// # Errors
    /// If the commit failed or its result is unknown.
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

/// Changes that the command `backend orders` makes.
impl SqliteStore {
    /// Cancels the order that has this number at its restaurant (slug); the customer sees the reason.
    ///
    /// # Errors
    /// If the commit failed or its result is unknown.
    pub async fn cancel_by_operator(
        &self,
        restaurant: &str,
        number: u32,
        reason: CustomerMessage,
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
            .write(move |db| placement::place_order(db, &key, fingerprint, &token, order))
            .await
    }

    async fn find_placement(
        &self,
        key: &str,
        fingerprint: Fingerprint,
    ) -> Result<Option<Placement>, StoreError> {
        let key = key.to_owned();
        self.readers
            .read(move |db| placement::find_placement(db, &key, fingerprint))
            .await
    }

    async fn inventory(
        &self,
        restaurant: &str,
        slots_from_ms: Option<i64>,
    ) -> Result<Inventory, StoreError> {
        let restaurant = restaurant.to_owned();
        self.readers
            .read(move |db| inventory::load(db, &restaurant, slots_from_ms))
            .await
    }

    async fn order_by_token(&self, token: &str) -> Result<Option<Order>, StoreError> {
        let token = token.to_owned();
        self.readers
            .read(move |db| orders::order_by_token(db, &token))
            .await
    }

    async fn order_by_key(&self, key: &str) -> Result<Option<Order>, StoreError> {
        let key = key.to_owned();
        self.readers
            .read(move |db| orders::order_by_key(db, &key))
            .await
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

    async fn transition_by_staff(
        &self,
        requested: StaffTransition,
    ) -> Result<StaffOutcome, StoreError> {
        self.writer
            .write(move |db| transitions::transition_by_staff(db, &requested))
            .await
    }

    async fn set_stock(&self, requested: SetStock) -> Result<StaffOutcome, StoreError> {
        self.writer
            .write(move |db| staff_requests::set_stock(db, requested))
            .await
    }

    async fn expire_due_orders(
        &self,
        now_ms: i64,
        last_run_ms: Option<i64>,
        deadlines: Deadlines,
    ) -> Result<ExpiryReport, StoreError> {
        self.writer
            .write(move |db| expiry::expire_due_orders(db, now_ms, last_run_ms, &deadlines))
            .await
    }

    async fn purge_personal_data(&self, before_ms: i64) -> Result<u32, StoreError> {
        self.writer
            .write(move |db| personal_data::purge_before(db, before_ms))
            .await
    }

    async fn open_orders(&self, restaurant: &str) -> Result<Vec<KitchenOrder>, StoreError> {
        let restaurant = restaurant.to_owned();
        self.readers
            .read(move |db| orders::list_open(db, &restaurant))
            .await
    }

    async fn kitchen_order(
        &self,
        restaurant: &str,
        token: &str,
    ) -> Result<Option<KitchenOrder>, StoreError> {
        let (restaurant, token) = (restaurant.to_owned(), token.to_owned());
        self.readers
            .read(move |db| orders::find_for_kitchen(db, &restaurant, &token))
            .await
    }

    async fn staff_account(&self, id: i64) -> Result<Option<StaffAccount>, StoreError> {
        self.readers
            .read(move |db| accounts::find_by_id(db, id))
            .await
    }

    async fn staff_account_named(
        &self,
        restaurant: &str,
        name: &str,
    ) -> Result<Option<StaffAccount>, StoreError> {
        let (restaurant, name) = (restaurant.to_owned(), name.to_owned());
        self.readers
            .read(move |db| accounts::find_by_name(db, &restaurant, &name))
            .await
    }

    async fn events_after(&self, after: i64, limit: u32) -> Result<Vec<OrderEvent>, StoreError> {
        self.readers
            .read(move |db| event_feed::events_after(db, after, limit))
            .await
    }

    async fn events_of_restaurant(
        &self,
        restaurant: &str,
        after: i64,
        until: i64,
        limit: u32,
    ) -> Result<Vec<OrderEvent>, StoreError> {
        let restaurant = restaurant.to_owned();
        self.readers
            .read(move |db| event_feed::events_of_restaurant(db, &restaurant, after, until, limit))
            .await
    }

    async fn events_of_order(&self, token: &str) -> Result<Vec<OrderEvent>, StoreError> {
        let token = token.to_owned();
        self.readers
            .read(move |db| event_feed::events_of_order(db, &token))
            .await
    }

    async fn last_event(&self) -> Result<i64, StoreError> {
        self.readers.read(event_feed::last_sequence).await
    }

    async fn drill_keys(&self, prefix: &str) -> Result<Vec<String>, StoreError> {
        let prefix = prefix.to_owned();
        self.readers
            .read(move |db| orders::drill_keys(db, &prefix))
            .await
    }

    async fn ready(&self) -> Result<(), StoreError> {
        self.writer.check_running()?;
        self.readers.read(connection::check_readable).await
    }
}

#[async_trait]
impl PlaceCache for SqliteStore {
    async fn get(&self, postcode: &str) -> Option<CachedPlace> {
        let postcode = postcode.to_owned();
        let cached = self
            .readers
            .read(move |db| places::get(db, &postcode))
            .await;
        cached.unwrap_or_else(|error| {
            tracing::warn!(%error, "the geocoding cache could not be read");
            None
        })
    }

    async fn put(&self, cached: CachedPlace) {
        let stored = self.writer.write(move |db| places::put(db, &cached)).await;
        if let Err(error) = stored {
            tracing::warn!(%error, "a place could not be stored in the geocoding cache");
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
