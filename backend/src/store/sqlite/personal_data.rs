//! Personal data has its time: afterwards name, phone, address and notes are dropped, wherever the store repeats them. What was sold
//! stays.

use model::order::Order;
use rusqlite::{Connection, named_params};

use crate::store::StoreError;

/// Dropped at once at most, so that orders that are being placed need not wait long for the store.
const AT_ONCE: u32 = 100;

/// Of orders that were placed, and whose chosen time was over, before `before_ms`; tells of how many.
pub(super) fn drop_before(db: &Connection, before_ms: i64) -> Result<u32, StoreError> {
    let mut dropped = 0;
    for (id, token) in due(db, before_ms)? {
        db.prepare_cached(
            "UPDATE orders SET customer_name = NULL, customer_phone = NULL, delivery_address = NULL,
                 notes = NULL
             WHERE id = :id",
        )?
        .execute(named_params! { ":id": id })?;
        rewrite(
            db,
            "SELECT rowid, answer FROM placements WHERE order_id = :order",
            "UPDATE placements SET answer = :answer WHERE rowid = :row",
            &id,
        )?;
        rewrite(
            db,
            "SELECT id, answer FROM staff_requests WHERE token = :order",
            "UPDATE staff_requests SET answer = :answer WHERE id = :row",
            &token,
        )?;
        dropped += 1;
    }
    Ok(dropped)
}

fn due(db: &Connection, before_ms: i64) -> Result<Vec<(i64, String)>, StoreError> {
    let mut statement = db.prepare_cached(
        "SELECT id, token FROM orders
         WHERE customer_name IS NOT NULL AND placed_at_ms < :before_ms
           AND COALESCE(slot_end_ms, placed_at_ms) < :before_ms
         ORDER BY placed_at_ms LIMIT :most",
    )?;
    let rows = statement.query_map(
        named_params! { ":before_ms": before_ms, ":most": AT_ONCE },
        |row| Ok((row.get(0)?, row.get(1)?)),
    )?;
    rows.collect::<Result<_, _>>().map_err(StoreError::from)
}

/// Whoever repeats a request after that long is told the same, without what was dropped.
fn rewrite(
    db: &Connection,
    select: &'static str,
    update: &'static str,
    order: &dyn rusqlite::ToSql,
) -> Result<(), StoreError> {
    let mut statement = db.prepare_cached(select)?;
    let rows = statement.query_map(named_params! { ":order": order }, |row| {
        Ok((row.get::<_, i64>(0)?, row.get::<_, Vec<u8>>(1)?))
    })?;
    for row in rows.collect::<Result<Vec<_>, _>>()? {
        let (row, answer) = row;
        let failed =
            |error: serde_json::Error| StoreError::Failed(format!("a saved answer: {error}"));
        let mut told: Order = serde_json::from_slice(&answer).map_err(failed)?;
        told.customer_name.clear();
        told.delivery_address = None;
        told.notes.clear();
        let answer = serde_json::to_vec(&told).map_err(failed)?;
        db.prepare_cached(update)?
            .execute(named_params! { ":answer": answer, ":row": row })?;
    }
    Ok(())
}
