//! The SQL of the geocoding cache (table `places`).

use rusqlite::{Connection, named_params};

use super::row::Columns;
use crate::geocode::cache::CachedPlace;
use crate::store::StoreError;

pub(super) fn get(db: &Connection, postcode: &str) -> Result<Option<CachedPlace>, StoreError> {
    let mut statement = db
        .prepare_cached("SELECT id, place, checked_at_ms FROM places WHERE postcode = :postcode")?;
    let mut rows = statement.query(named_params! { ":postcode": postcode })?;
    let Some(row) = rows.next()? else {
        return Ok(None);
    };
    let columns = Columns {
        table: "places",
        key: row.get("id")?,
        row,
    };
    Ok(Some(CachedPlace {
        place: columns.json("place")?,
        checked_at_ms: columns.get("checked_at_ms")?,
    }))
}

/// Stores a place, unless the cache has one that was checked later.
pub(super) fn put(db: &Connection, cached: &CachedPlace) -> Result<(), StoreError> {
    let place = serde_json::to_string(&cached.place)
        .map_err(|error| StoreError::Failed(format!("a place as JSON: {error}")))?;
    db.prepare_cached(
        "INSERT INTO places (postcode, place, checked_at_ms)
         VALUES (:postcode, :place, :checked_at_ms)
         ON CONFLICT (postcode) DO UPDATE
         SET place = excluded.place, checked_at_ms = excluded.checked_at_ms
         WHERE excluded.checked_at_ms >= checked_at_ms",
    )?
    .execute(named_params! {
        ":postcode": cached.place.postcode,
        ":place": place,
        ":checked_at_ms": cached.checked_at_ms,
    })?;
    Ok(())
}
