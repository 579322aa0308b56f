//! Orders that wait to be accepted: the end of those that nobody accepts.

use model::machine::Actor;
use rusqlite::{Connection, OptionalExtension, Params, named_params};

use super::orders::{self, Stored};
use super::transitions::{self, Taken};
use crate::domain::expiry::Deadlines;
use crate::domain::step::{Action, Step};
use crate::store::{OUTAGE_MS, StoreError, Tended};

/// Ended at once at most, so that orders that are being placed need not wait long for the store; the rest follow.
const AT_ONCE: u32 = 100;

pub(super) fn tend(
    db: &Connection,
    now_ms: i64,
    ran_ms: Option<i64>,
    deadlines: &Deadlines,
) -> Result<Tended, StoreError> {
    let ran_lately = ran_ms.is_some_and(|ran_ms| now_ms.saturating_sub(ran_ms) <= OUTAGE_MS);
    let outage_ms = still_alive(db, now_ms)?.filter(|_| !ran_lately);
    give_windows(db, now_ms, outage_ms.is_some(), deadlines)?;
    let mut expired = 0;
    for token in due(db, now_ms)? {
        let Some(Stored { id, order, .. }) = orders::stored(db, &token)? else {
            continue;
        };
        let step = Step {
            by: Actor::System,
            action: Action::Expire,
        };
        if let Taken::Moved(_) = transitions::take(db, id, order, &step, None, now_ms)? {
            expired += 1;
        }
    }
    Ok(Tended { expired, outage_ms })
}

/// Notes that a replica runs; tells for how long none did, if that was an outage.
fn still_alive(db: &Connection, now_ms: i64) -> Result<Option<i64>, StoreError> {
    let last_ms: Option<i64> = db
        .prepare_cached("SELECT last_ms FROM alive WHERE id = 1")?
        .query_row([], |row| row.get(0))
        .optional()?;
    db.prepare_cached(
        "INSERT INTO alive (id, last_ms) VALUES (1, :now_ms)
         ON CONFLICT (id) DO UPDATE SET last_ms = :now_ms",
    )?
    .execute(named_params! { ":now_ms": now_ms })?;
    Ok(last_ms
        .map(|last_ms| now_ms.saturating_sub(last_ms))
        .filter(|&away_ms| away_ms > OUTAGE_MS))
}

/// A new window for every waiting order after an outage; otherwise one for those that have none.
fn give_windows(
    db: &Connection,
    now_ms: i64,
    all: bool,
    deadlines: &Deadlines,
) -> Result<(), StoreError> {
    let sql = if all {
        "SELECT token FROM orders WHERE state = 'placed'"
    } else {
        "SELECT token FROM orders WHERE state = 'placed' AND expires_at_ms IS NULL"
    };
    for token in tokens(db, sql, ())? {
        let Some(Stored { id, order, .. }) = orders::stored(db, &token)? else {
            continue;
        };
        let from_ms = if all { now_ms } else { order.placed_at_ms };
        db.prepare_cached(
            "UPDATE orders SET expires_at_ms = max(:deadline_ms, COALESCE(expires_at_ms, 0))
             WHERE id = :id",
        )?
        .execute(named_params! {
            ":deadline_ms": deadlines.of(&order.restaurant.slug, order.slot, from_ms),
            ":id": id,
        })?;
    }
    Ok(())
}

fn due(db: &Connection, now_ms: i64) -> Result<Vec<String>, StoreError> {
    let sql = "SELECT token FROM orders WHERE state = 'placed' AND expires_at_ms <= ?1
               ORDER BY expires_at_ms LIMIT ?2";
    tokens(db, sql, (now_ms, AT_ONCE))
}

fn tokens(
    db: &Connection,
    sql: &'static str,
    parameters: impl Params,
) -> Result<Vec<String>, StoreError> {
    let mut statement = db.prepare_cached(sql)?;
    let rows = statement.query_map(parameters, |row| row.get(0))?;
    rows.collect::<Result<_, _>>().map_err(StoreError::from)
}
