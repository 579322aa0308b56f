//! The SQL of staff requests with an idempotency key: each is carried out once, and a repeat gets the saved response.

use bytes::Bytes;
use rusqlite::{Connection, OptionalExtension, named_params};

use super::inventory;
use crate::store::{Fingerprint, SetStock, StaffOutcome, StoreError};

/// Identifies a request. Keys are scoped to their restaurant.
pub(super) struct StaffRequest<'a> {
    pub(super) restaurant: &'a str,
    pub(super) key: &'a str,
    pub(super) fingerprint: Fingerprint,
}

impl StaffRequest<'_> {
    /// Finds the outcome of an earlier request with the same key.
    pub(super) fn find_outcome(&self, db: &Connection) -> Result<Option<StaffOutcome>, StoreError> {
        db.prepare_cached(
            "SELECT fingerprint, answer FROM staff_requests
             WHERE restaurant = :restaurant AND key = :key",
        )?
        .query_row(
            named_params! { ":restaurant": self.restaurant, ":key": self.key },
            |row| {
                let fingerprint = row.get_ref("fingerprint")?.as_bytes()?;
                Ok(if fingerprint == self.fingerprint.as_bytes() {
                    StaffOutcome::Replayed(Bytes::from(row.get::<_, Vec<u8>>("answer")?))
                } else {
                    StaffOutcome::KeyReused
                })
            },
        )
        .optional()
        .map_err(StoreError::from)
    }

    pub(super) fn save_response(&self, db: &Connection, body: &[u8]) -> Result<(), StoreError> {
        db.prepare_cached(
            "INSERT INTO staff_requests (restaurant, key, fingerprint, answer)
             VALUES (:restaurant, :key, :fingerprint, :answer)",
        )?
        .execute(named_params! {
            ":restaurant": self.restaurant,
            ":key": self.key,
            ":fingerprint": self.fingerprint.as_bytes(),
            ":answer": body,
        })?;
        Ok(())
    }
}

pub(super) fn set_stock(db: &Connection, requested: SetStock) -> Result<StaffOutcome, StoreError> {
    let request = StaffRequest {
        restaurant: &requested.restaurant,
        key: &requested.key,
        fingerprint: requested.fingerprint,
    };
    if let Some(earlier) = request.find_outcome(db)? {
        return Ok(earlier);
    }
    inventory::set_stock(db, &requested.restaurant, &requested.dish, requested.stock)?;
    request.save_response(db, &requested.response)?;
    Ok(StaffOutcome::Done(requested.response))
}
