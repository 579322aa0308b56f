//! The SQL of the event feed: pages of the event log in the form that front-end servers follow.

use model::feed::OrderEvent;
use rusqlite::{Connection, Params, named_params};

use super::row::Columns;
use crate::store::StoreError;

/// Selects events. An order's version is the number of its events so far, because each event raises it by one.
const EVENTS: &str = "SELECT e.sequence, e.to_state, e.at_ms, o.token, o.restaurant,
        (SELECT count(*) FROM events p WHERE p.order_id = e.order_id AND p.sequence <= e.sequence)
            AS version
     FROM events e JOIN orders o ON o.id = e.order_id";

/// Reads at most `limit` events after sequence `after`, oldest first.
pub(super) fn events_after(
    db: &Connection,
    after: i64,
    limit: u32,
) -> Result<Vec<OrderEvent>, StoreError> {
    let sql = format!("{EVENTS} WHERE e.sequence > :after ORDER BY e.sequence LIMIT :limit");
    read(db, &sql, named_params! { ":after": after, ":limit": limit })
}

/// Reads at most `limit` events of a restaurant after sequence `after` up to `until`, oldest first.
pub(super) fn events_of_restaurant(
    db: &Connection,
    restaurant: &str,
    after: i64,
    until: i64,
    limit: u32,
) -> Result<Vec<OrderEvent>, StoreError> {
    // The plus sign keeps SQLite from using the index on restaurants: it walks the log from `:after` and not all orders of the
    // restaurant.
    let sql = format!(
        "{EVENTS} WHERE e.sequence > :after AND e.sequence <= :until AND +o.restaurant = :restaurant
         ORDER BY e.sequence LIMIT :limit"
    );
    let values = named_params! {
        ":restaurant": restaurant,
        ":after": after,
        ":until": until,
        ":limit": limit,
    };
    read(db, &sql, values)
}

/// Reads the events of one order, oldest first.
pub(super) fn events_of_order(db: &Connection, token: &str) -> Result<Vec<OrderEvent>, StoreError> {
    let sql = format!("{EVENTS} WHERE o.token = :token ORDER BY e.sequence");
    read(db, &sql, named_params! { ":token": token })
}

/// Sequence of the last event; 0 where there is none.
pub(super) fn last_sequence(db: &Connection) -> Result<i64, StoreError> {
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
            state: columns.variant("to_state")?,
            at_ms: columns.get("at_ms")?,
        });
    }
    Ok(events)
}
