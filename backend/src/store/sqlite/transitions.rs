//! The event log, and moving an order from one state to the next.

use model::order::{Order, OrderState, StateChange};
use rusqlite::{Connection, named_params};

use super::orders;
use super::row::Columns;
use crate::store::{Cancellation, StoreError};

/// Who moves an order.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Actor {
    Customer,
}

impl Actor {
    fn as_str(self) -> &'static str {
        match self {
            Self::Customer => "customer",
        }
    }
}

/// One line of the log.
pub(super) struct Event<'a> {
    pub(super) order_id: i64,
    pub(super) actor: Actor,
    /// Absent for the first.
    pub(super) from: Option<OrderState>,
    pub(super) to: OrderState,
    pub(super) reason: Option<&'a str>,
    pub(super) at_ms: i64,
}

pub(super) fn append(db: &Connection, event: &Event<'_>) -> Result<(), StoreError> {
    db.prepare_cached(
        "INSERT INTO events (order_id, actor, from_state, to_state, reason, at_ms)
         VALUES (:order_id, :actor, :from_state, :to_state, :reason, :at_ms)",
    )?
    .execute(named_params! {
        ":order_id": event.order_id,
        ":actor": event.actor.as_str(),
        ":from_state": event.from.map(OrderState::as_str),
        ":to_state": event.to.as_str(),
        ":reason": event.reason,
        ":at_ms": event.at_ms,
    })?;
    Ok(())
}

/// The states that the order has been in, oldest first.
pub(super) fn history(db: &Connection, order_id: i64) -> Result<Vec<StateChange>, StoreError> {
    let mut statement = db.prepare_cached(
        "SELECT sequence, to_state, at_ms, reason FROM events
         WHERE order_id = :order_id ORDER BY sequence",
    )?;
    let mut rows = statement.query(named_params! { ":order_id": order_id })?;
    let mut history = Vec::new();
    while let Some(row) = rows.next()? {
        let columns = Columns {
            table: "events",
            key: row.get("sequence")?,
            row,
        };
        history.push(StateChange {
            state: columns.named("to_state")?,
            at_ms: columns.get("at_ms")?,
            reason: columns.get("reason")?,
        });
    }
    Ok(history)
}

pub(super) fn cancel_by_customer(
    db: &Connection,
    token: &str,
    now_ms: i64,
) -> Result<Cancellation, StoreError> {
    let Some((id, order)) = orders::by_token_with_id(db, token)? else {
        return Ok(Cancellation::NotFound);
    };
    if order.state == OrderState::Cancelled {
        return Ok(Cancellation::AlreadyCancelled(order));
    }
    if !order.state.customer_may_cancel() {
        return Ok(Cancellation::Conflict(order));
    }
    Ok(
        match transition(
            db,
            id,
            order,
            OrderState::Cancelled,
            Actor::Customer,
            now_ms,
        )? {
            Transition::Moved(order) => Cancellation::Cancelled(order),
            Transition::Conflict(order) => Cancellation::Conflict(order),
        },
    )
}

enum Transition {
    Moved(Order),
    /// It is not as the caller saw it, or may not go there.
    Conflict(Order),
}

/// Moves the order from what the caller saw to `to`: compare-and-set on its version, with its line in the log.
fn transition(
    db: &Connection,
    id: i64,
    mut seen: Order,
    to: OrderState,
    actor: Actor,
    at_ms: i64,
) -> Result<Transition, StoreError> {
    if !seen.state.next(seen.fulfilment).contains(&to) {
        return Ok(Transition::Conflict(seen));
    }
    let updated = db
        .prepare_cached(
            "UPDATE orders SET state = :to, version = version + 1
             WHERE id = :id AND version = :version",
        )?
        .execute(named_params! { ":to": to.as_str(), ":id": id, ":version": seen.version })?;
    if updated == 0 {
        let now = orders::by_token_with_id(db, &seen.token)?
            .ok_or_else(|| StoreError::Failed("an order vanished".to_owned()))?;
        return Ok(Transition::Conflict(now.1));
    }
    append(
        db,
        &Event {
            order_id: id,
            actor,
            from: Some(seen.state),
            to,
            reason: None,
            at_ms,
        },
    )?;
    seen.state = to;
    seen.version += 1;
    seen.history.push(StateChange {
        state: to,
        at_ms,
        reason: None,
    });
    Ok(Transition::Moved(seen))
}
