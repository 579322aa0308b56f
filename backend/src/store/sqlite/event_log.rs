//! The SQL of the event log: appends the events of orders, in commit order, and reads an order's history. The log is append-only.

use model::OrderState;
use model::machine::Actor;
use model::order::StateChange;
use rusqlite::{Connection, named_params};
use serde::{Deserialize, Serialize};

use super::row::Columns;
use crate::store::StoreError;

/// One event of the log.
pub(super) struct Event {
    pub(super) order_id: i64,
    pub(super) actor: Actor,
    /// `None` for the order's first event.
    pub(super) from: Option<OrderState>,
    pub(super) to: OrderState,
    pub(super) reason: Option<&'static str>,
    pub(super) at_ms: i64,
    pub(super) details: EventDetails,
}

/// Further data of an event, stored as JSON in its payload.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct EventDetails {
    /// Row id of the staff account that made the transition.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) account: Option<i64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) minutes: Option<u32>,
    /// Message for the customer.
    #[serde(rename = "words", skip_serializing_if = "Option::is_none")]
    pub(super) message: Option<String>,
}

impl Event {
    /// The event as the order's history shows it.
    pub(super) fn to_state_change(&self) -> StateChange {
        state_change(
            self.to,
            self.at_ms,
            self.reason.map(ToOwned::to_owned),
            self.details.message.clone(),
        )
    }
}

/// Appends an event and returns its sequence number.
pub(super) fn append(db: &Connection, event: &Event) -> Result<i64, StoreError> {
    let payload = (event.details != EventDetails::default())
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

/// Reads the states that the order has been in, oldest first.
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
            None => EventDetails::default(),
        };
        history.push(state_change(
            columns.variant("to_state")?,
            columns.get("at_ms")?,
            columns.get("reason")?,
            details.message,
        ));
    }
    Ok(history)
}

/// Builds an entry of the history. A message tells the customer more than a reason's code, so it takes precedence.
fn state_change(
    state: OrderState,
    at_ms: i64,
    reason: Option<String>,
    message: Option<String>,
) -> StateChange {
    StateChange {
        state,
        at_ms,
        reason: message.or(reason),
    }
}
