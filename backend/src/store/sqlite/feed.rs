//! The event log as it is handed on.

use model::feed::OrderEvent;
use rusqlite::{Connection, Params, named_params};

use super::row::Columns;
use crate::store::StoreError;

/// A version is the number of the order's events up to this one: each makes one.
const EVENTS: &str = "SELECT e.sequence, e.to_state, e.at_ms, o.token, o.restaurant,
        (SELECT count(*) FROM events p WHERE p.order_id = e.order_id AND p.sequence <= e.sequence)
            AS version
     FROM events e JOIN orders o ON o.id = e.order_id";

/// Those after `after`, oldest first, so many at most.
pub(super) fn after(db: &Connection, after: i64, most: u32) -> Result<Vec<OrderEvent>, StoreError> {
    let sql = format!("{EVENTS} WHERE e.sequence > :after ORDER BY e.sequence LIMIT :most");
    read(db, &sql, named_params! { ":after": after, ":most": most })
}

/// A restaurant's after `after`, up to `until`, oldest first, so many at most.
pub(super) fn of_restaurant(
    db: &Connection,
    restaurant: &str,
    after: i64,
    until: i64,
    most: u32,
) -> Result<Vec<OrderEvent>, StoreError> {
    // The plus sign: by place in the log, not by way of all orders of the restaurant.
    let sql = format!(
        "{EVENTS} WHERE e.sequence > :after AND e.sequence <= :until AND +o.restaurant = :restaurant
         ORDER BY e.sequence LIMIT :most"
    );
    let values = named_params! {
        ":restaurant": restaurant,
        ":after": after,
        ":until": until,
        ":most": most,
    };
    read(db, &sql, values)
}

/// Those of one order, oldest first.
pub(super) fn of_order(db: &Connection, token: &str) -> Result<Vec<OrderEvent>, StoreError> {
    let sql = format!("{EVENTS} WHERE o.token = :token ORDER BY e.sequence");
    read(db, &sql, named_params! { ":token": token })
}

/// Sequence of the last one; 0 before the first.
pub(super) fn last(db: &Connection) -> Result<i64, StoreError> {
    let sql = "SELECT COALESCE(MAX(sequence), 0) FROM events";
    Ok(db.prepare_cached(sql)?.query_row([], |row| row.get(0))?)
}

fn read(db: &Connection, sql: &str, values: impl Params) -> Result<Vec<OrderEvent>, StoreError> {
    let mut statement = db.prepare_cached(sql)?;
    let mut rows = statement.query(values)?;
    let mut events = Vec::new();
    while let Some(row) = rows.next()? {
        let columns = Columns {
            table: "events",
            key: row.get("sequence")?,
            row,
        };
        events.push(OrderEvent {
            sequence: columns.key,
            order: columns.get("token")?,
            restaurant: columns.get("restaurant")?,
            version: columns.get("version")?,
            state: columns.named("to_state")?,
            at_ms: columns.get("at_ms")?,
        });
    }
    Ok(events)
}
