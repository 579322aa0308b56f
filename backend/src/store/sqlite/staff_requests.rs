//! The SQL of what staff asked with a key, so that it is done once and answered the same again.

use bytes::Bytes;
use rusqlite::{Connection, OptionalExtension, named_params};

use super::supply;
use crate::store::{Fingerprint, StaffOutcome, StockWish, StoreError};

pub(super) struct Request<'a> {
    pub(super) restaurant: &'a str,
    pub(super) key: &'a str,
    pub(super) fingerprint: Fingerprint,
}

impl Request<'_> {
    /// Keys are the restaurant's own.
    pub(super) fn answered_before(
        &self,
        db: &Connection,
    ) -> Result<Option<StaffOutcome>, StoreError> {
        db.prepare_cached(
            "SELECT fingerprint, answer FROM staff_requests
             WHERE restaurant = :restaurant AND key = :key",
        )?
        .query_row(
            named_params! { ":restaurant": self.restaurant, ":key": self.key },
            |row| {
                let asked = row.get_ref("fingerprint")?.as_bytes()?;
                Ok(if asked == self.fingerprint.as_bytes() {
                    StaffOutcome::Replayed(Bytes::from(row.get::<_, Vec<u8>>("answer")?))
                } else {
                    StaffOutcome::KeyReused
                })
            },
        )
        .optional()
        .map_err(StoreError::from)
    }

    pub(super) fn keep(&self, db: &Connection, answer: &[u8]) -> Result<(), StoreError> {
        db.prepare_cached(
            "INSERT INTO staff_requests (restaurant, key, fingerprint, answer)
             VALUES (:restaurant, :key, :fingerprint, :answer)",
        )?
        .execute(named_params! {
            ":restaurant": self.restaurant,
            ":key": self.key,
            ":fingerprint": self.fingerprint.as_bytes(),
            ":answer": answer,
        })?;
        Ok(())
    }
}

pub(super) fn set_stock(db: &Connection, wanted: StockWish) -> Result<StaffOutcome, StoreError> {
    let request = Request {
        restaurant: &wanted.restaurant,
        key: &wanted.key,
        fingerprint: wanted.fingerprint,
    };
    if let Some(before) = request.answered_before(db)? {
        return Ok(before);
    }
    supply::set(db, &wanted.restaurant, &wanted.dish, wanted.stock)?;
    request.keep(db, &wanted.answer)?;
    Ok(StaffOutcome::Done(wanted.answer))
}
