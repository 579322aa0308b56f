//! The SQL of expiry: sets acceptance deadlines and expires the orders that were not accepted in time.

use std::sync::LazyLock;

use model::machine::Actor;
use rusqlite::{Connection, OptionalExtension, Params, named_params};

use super::order_states::AWAITS_ACCEPTANCE;
use super::orders::{self, OrderRow};
use super::transitions::{self, TransitionOutcome};
use crate::domain::expiry::Deadlines;
use crate::domain::transition::{Action, Transition};
use crate::store::{ExpiryReport, OUTAGE_MS, StoreError};

/// Orders expired in one transaction at most, so that new orders do not wait long for the store; later runs expire the rest.
const MAX_PER_RUN: u32 = 100;

/// Expires the orders that are due. `last_run_ms` is the time of the caller's previous run by the same clock.
pub(super) fn expire_due_orders(
    db: &Connection,
    now_ms: i64,
    last_run_ms: Option<i64>,
    deadlines: &Deadlines,
) -> Result<ExpiryReport, StoreError> {
    let caller_ran_lately =
        last_run_ms.is_some_and(|last_run_ms| now_ms.saturating_sub(last_run_ms) <= OUTAGE_MS);
    let outage_ms = record_run(db, now_ms)?.filter(|_| !caller_ran_lately);
    set_deadlines(db, now_ms, outage_ms.is_some(), deadlines)?;
    let mut expired = 0;
    for token in due_tokens(db, now_ms)? {
        let Some(OrderRow { id, order, .. }) = orders::find_by_token(db, &token)? else {
            continue;
        };
        let transition = Transition {
            actor: Actor::System,
            action: Action::Expire,
        };
        if let TransitionOutcome::Applied(_) =
            transitions::apply(db, id, order, &transition, None, now_ms)?
        {
            expired += 1;
        }
    }
    Ok(ExpiryReport { expired, outage_ms })
}

/// Records that a replica ran order maintenance (table `alive`); returns the time since the last recorded run if it was an outage.
fn record_run(db: &Connection, now_ms: i64) -> Result<Option<i64>, StoreError> {
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
        .filter(|&elapsed_ms| elapsed_ms > OUTAGE_MS))
}

/// Sets the deadlines of waiting orders: new ones for all after an outage, otherwise for those that have none.
fn set_deadlines(
    db: &Connection,
    now_ms: i64,
    after_outage: bool,
    deadlines: &Deadlines,
) -> Result<(), StoreError> {
    static ALL: LazyLock<String> =
        LazyLock::new(|| format!("SELECT token FROM orders WHERE {}", *AWAITS_ACCEPTANCE));
    static WITHOUT_DEADLINE: LazyLock<String> =
        LazyLock::new(|| format!("{} AND expires_at_ms IS NULL", *ALL));
    let sql = if after_outage {
        &ALL
    } else {
        &WITHOUT_DEADLINE
    };
    for token in query_tokens(db, sql, ())? {
        let Some(OrderRow { id, order, .. }) = orders::find_by_token(db, &token)? else {
            continue;
        };
        let from_ms = if after_outage {
            now_ms
        } else {
            order.placed_at_ms
        };
        let deadline_ms = deadlines.expires_at_ms(&order.restaurant.slug, order.slot, from_ms);
        db.prepare_cached(
            "UPDATE orders SET expires_at_ms = max(:deadline_ms, COALESCE(expires_at_ms, 0))
             WHERE id = :id",
        )?
        .execute(named_params! { ":deadline_ms": deadline_ms, ":id": id })?;
    }
    Ok(())
}

fn due_tokens(db: &Connection, now_ms: i64) -> Result<Vec<String>, StoreError> {
    static SQL: LazyLock<String> = LazyLock::new(|| {
        format!(
            "SELECT token FROM orders WHERE {} AND expires_at_ms <= ?1
             ORDER BY expires_at_ms LIMIT ?2",
            *AWAITS_ACCEPTANCE
        )
    });
    query_tokens(db, &SQL, (now_ms, MAX_PER_RUN))
}

fn query_tokens(
    db: &Connection,
    sql: &str,
    parameters: impl Params,
) -> Result<Vec<String>, StoreError> {
    let mut statement = db.prepare_cached(sql)?;
    let rows = statement.query_map(parameters, |row| row.get(0))?;
    rows.collect::<Result<_, _>>().map_err(StoreError::from)
}
