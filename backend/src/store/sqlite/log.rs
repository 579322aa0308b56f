//! The event log: what happened to orders, in commit order. Only ever added to.

use model::OrderState;
use model::machine::Actor;
use model::order::StateChange;
use rusqlite::{Connection, named_params};
use serde::{Deserialize, Serialize};

use super::row::Columns;
use crate::store::StoreError;

/// One line of the log.
pub(super) struct Event {
    pub(super) order_id: i64,
    pub(super) actor: Actor,
    /// Absent for the first.
    pub(super) from: Option<OrderState>,
    pub(super) to: OrderState,
    pub(super) reason: Option<&'static str>,
    pub(super) at_ms: i64,
    pub(super) details: Details,
}

/// What else there is to say of an event; JSON in its payload.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Details {
    /// Which staff account it was, by its row's number.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) account: Option<i64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) minutes: Option<u32>,
    /// For the customer.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) words: Option<String>,
}

impl Event {
    /// As the order's own history shows it.
    pub(super) fn shown(&self) -> StateChange {
        shown(
            self.to,
            self.at_ms,
            self.reason.map(ToOwned::to_owned),
            self.details.words.clone(),
        )
    }
}

/// Gives the event's place in the log.
pub(super) fn append(db: &Connection, event: &Event) -> Result<i64, StoreError> {
    let payload = (event.details != Details::default())
        .then(|| serde_json::to_string(&event.details))
        .transpose()
        .map_err(|error| StoreError::Failed(format!("an event's details as JSON: {error}")))?;
    db.prepare_cached(
        "INSERT INTO events (order_id, actor, from_state, to_state, reason, at_ms, payload)
         VALUES (:order_id, :actor, :from_state, :to_state, :reason, :at_ms, :payload)",
    )?
    .execute(named_params! {
        ":order_id": event.order_id,
        ":actor": event.actor.as_str(),
        ":from_state": event.from.map(OrderState::as_str),
        ":to_state": event.to.as_str(),
        ":reason": event.reason,
        ":at_ms": event.at_ms,
        ":payload": payload,
    })?;
    Ok(db.last_insert_rowid())
}

/// The states that the order has been in, oldest first.
pub(super) fn history(db: &Connection, order_id: i64) -> Result<Vec<StateChange>, StoreError> {
    let mut statement = db.prepare_cached(
        "SELECT sequence, to_state, at_ms, reason, payload FROM events
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
        let details = match columns.get::<Option<String>>("payload")? {
            Some(_) => columns.json("payload")?,
            None => Details::default(),
        };
        history.push(shown(
            columns.named("to_state")?,
            columns.get("at_ms")?,
            columns.get("reason")?,
            details.words,
        ));
    }
    Ok(history)
}

/// Words of the restaurant's own tell a customer more than the name of a reason.
fn shown(
    state: OrderState,
    at_ms: i64,
    reason: Option<String>,
    words: Option<String>,
) -> StateChange {
    StateChange {
        state,
        at_ms,
        reason: words.or(reason),
    }
}
