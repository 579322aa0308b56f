//! A snapshot of the store for the checker, read from the database file itself, independent of the responses to clients.

use std::collections::HashMap;

use anyhow::Context;
use model::Pence;
use model::basket::QuoteLine;
use model::machine::Actor;
use model::order::OrderState;
use model::restaurant::Fulfilment;
use rusqlite::{Connection, Row};
use serde::de::DeserializeOwned;
use serde_json::Value;

use super::history::PriceBreakdown;

#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct StoreSnapshot {
    pub orders: Vec<StoredOrder>,
    pub placements: Vec<StoredPlacement>,
    /// The event log in order of sequence.
    pub events: Vec<StoredEvent>,
    pub staff_requests: Vec<StoredStaffRequest>,
    pub stock: Vec<StoredStock>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StoredOrder {
    pub id: i64,
    pub token: String,
    pub restaurant: String,
    pub number: u32,
    pub fulfilment: Fulfilment,
    pub state: OrderState,
    pub version: u32,
    pub price: PriceBreakdown,
    /// The start of the slot whose capacity it uses.
    pub slot_start_ms: Option<i64>,
    /// Simulated customers write their key here, so that an order without a placement is still known by its key.
    pub notes: String,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StoredPlacement {
    pub key: String,
    pub order_id: i64,
    /// The saved response body.
    pub response: String,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StoredEvent {
    pub sequence: i64,
    pub order_id: i64,
    pub actor: Actor,
    pub from: Option<OrderState>,
    pub to: OrderState,
}

/// The saved response to a keyed request of staff: a transition, or a change of stock.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StoredStaffRequest {
    pub key: String,
    pub response: String,
}

/// The remaining stock of a counted dish.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StoredStock {
    pub restaurant: String,
    pub dish: String,
    pub remaining: Option<i64>,
}

impl StoreSnapshot {
    /// Reads the tables that the checker compares with the history.
    ///
    /// # Errors
    /// If a table cannot be read, or a row has an unknown value.
    pub fn read(db: &Connection) -> anyhow::Result<Self> {
        // One transaction, so that all tables are of one moment: orders may still expire meanwhile.
        let db = &db.unchecked_transaction()?;
        Ok(Self {
            orders: read_rows(db, "SELECT * FROM orders ORDER BY id", read_order)?,
            placements: read_rows(
                db,
                "SELECT key, order_id, CAST(answer AS TEXT) AS answer FROM placements",
                read_placement,
            )?,
            events: read_rows(db, "SELECT * FROM events ORDER BY sequence", read_event)?,
            staff_requests: read_rows(
                db,
                "SELECT key, CAST(answer AS TEXT) AS answer FROM staff_requests",
                read_staff_request,
            )?,
            stock: read_rows(db, "SELECT * FROM stock", read_stock)?,
        })
    }

    /// Returns the version of every order, by token.
    #[must_use]
    pub fn versions(self) -> HashMap<String, u32> {
        let orders = self.orders.into_iter();
        orders.map(|order| (order.token, order.version)).collect()
    }
}

fn read_rows<T>(
    db: &Connection,
    sql: &str,
    read: impl Fn(&Row<'_>) -> anyhow::Result<T>,
) -> anyhow::Result<Vec<T>> {
    let mut query = db.prepare(sql)?;
    let mut rows = query.query([])?;
    let mut values = Vec::new();
    while let Some(row) = rows.next()? {
        values.push(read(row)?);
    }
    Ok(values)
}

fn read_order(row: &Row<'_>) -> anyhow::Result<StoredOrder> {
    let lines: String = row.get("lines")?;
    let lines: Vec<QuoteLine> =
        serde_json::from_str(&lines).context("cannot parse the lines of an order")?;
    let pence = |column: &str| row.get(column).map(Pence);
    Ok(StoredOrder {
        id: row.get("id")?,
        token: row.get("token")?,
        restaurant: row.get("restaurant")?,
        number: row.get("number")?,
        fulfilment: parse_name(row.get("fulfilment")?)?,
        state: parse_name(row.get("state")?)?,
        version: row.get("version")?,
        price: PriceBreakdown {
            lines,
            goods_pence: pence("goods_pence")?,
            delivery_fee_pence: pence("delivery_fee_pence")?,
            total_pence: pence("total_pence")?,
            vat_pence: pence("vat_pence")?,
        },
        slot_start_ms: match row.get("fills_slot_ms")? {
            None => row.get("slot_start_ms")?,
            fills_slot_ms => fills_slot_ms,
        },
        notes: row.get::<_, Option<String>>("notes")?.unwrap_or_default(),
    })
}

fn read_placement(row: &Row<'_>) -> anyhow::Result<StoredPlacement> {
    Ok(StoredPlacement {
        key: row.get("key")?,
        order_id: row.get("order_id")?,
        response: row.get("answer")?,
    })
}

fn read_staff_request(row: &Row<'_>) -> anyhow::Result<StoredStaffRequest> {
    Ok(StoredStaffRequest {
        key: row.get("key")?,
        response: row.get("answer")?,
    })
}

fn read_stock(row: &Row<'_>) -> anyhow::Result<StoredStock> {
    Ok(StoredStock {
        restaurant: row.get("restaurant")?,
        dish: row.get("dish")?,
        remaining: row.get("remaining")?,
    })
}

fn read_event(row: &Row<'_>) -> anyhow::Result<StoredEvent> {
    let actor: String = row.get("actor")?;
    let known = Actor::ALL.into_iter().find(|known| known.as_str() == actor);
    Ok(StoredEvent {
        actor: known.with_context(|| format!("unknown actor `{actor}` in the log"))?,
        sequence: row.get("sequence")?,
        order_id: row.get("order_id")?,
        from: row
            .get::<_, Option<String>>("from_state")?
            .map(parse_name)
            .transpose()?,
        to: parse_name(row.get("to_state")?)?,
    })
}

fn parse_name<T: DeserializeOwned>(name: String) -> anyhow::Result<T> {
    serde_json::from_value(Value::String(name.clone()))
        .with_context(|| format!("unknown value `{name}` in the database"))
}
