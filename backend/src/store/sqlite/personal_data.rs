//! The SQL of purging personal data: removes name, phone, address and notes of old orders, also from saved responses. What was sold
//! stays.

use model::order::Order;
use rusqlite::{Connection, named_params};

use crate::store::StoreError;

/// Orders purged in one transaction at most, so that new orders do not wait long for the store.
const MAX_PER_RUN: u32 = 100;

/// Purges the personal data of orders that were placed, and whose chosen slot ended, before `before_ms`; returns their number.
pub(super) fn purge_before(db: &Connection, before_ms: i64) -> Result<u32, StoreError> {
    let mut purged = 0;
    for (id, token) in due_orders(db, before_ms)? {
        db.prepare_cached(
            "UPDATE orders SET customer_name = NULL, customer_phone = NULL, delivery_address = NULL,
                 notes = NULL
             WHERE id = :id",
        )?
        .execute(named_params! { ":id": id })?;
        redact_saved_responses(
            db,
            "SELECT rowid, answer FROM placements WHERE order_id = :order",
            "UPDATE placements SET answer = :answer WHERE rowid = :row",
            &id,
        )?;
        redact_saved_responses(
            db,
            "SELECT id, answer FROM staff_requests WHERE token = :order",
            "UPDATE staff_requests SET answer = :answer WHERE id = :row",
            &token,
        )?;
        purged += 1;
    }
    Ok(purged)
}

fn due_orders(db: &Connection, before_ms: i64) -> Result<Vec<(i64, String)>, StoreError> {
    let mut statement = db.prepare_cached(
        "SELECT id, token FROM orders
         WHERE customer_name IS NOT NULL AND placed_at_ms < :before_ms
           AND COALESCE(slot_end_ms, placed_at_ms) < :before_ms
         ORDER BY placed_at_ms LIMIT :limit",
    )?;
    let rows = statement.query_map(
        named_params! { ":before_ms": before_ms, ":limit": MAX_PER_RUN },
        |row| Ok((row.get(0)?, row.get(1)?)),
    )?;
    rows.collect::<Result<_, _>>().map_err(StoreError::from)
}

/// Rewrites saved responses without personal data: a request repeated after that long gets the same order without it.
fn redact_saved_responses(
    db: &Connection,
    select: &'static str,
    update: &'static str,
    order_key: &dyn rusqlite::ToSql,
) -> Result<(), StoreError> {
    let mut statement = db.prepare_cached(select)?;
    let rows = statement.query_map(named_params! { ":order": order_key }, |row| {
        Ok((row.get::<_, i64>(0)?, row.get::<_, Vec<u8>>(1)?))
    })?;
    for row in rows.collect::<Result<Vec<_>, _>>()? {
        let (row, body) = row;
        let failed =
            |error: serde_json::Error| StoreError::Failed(format!("a saved response: {error}"));
        let mut order: Order = serde_json::from_slice(&body).map_err(failed)?;
        order.customer_name.clear();
        order.delivery_address = None;
        order.notes.clear();
        let body = serde_json::to_vec(&order).map_err(failed)?;
        db.prepare_cached(update)?
            .execute(named_params! { ":answer": body, ":row": row })?;
    }
    Ok(())
}
