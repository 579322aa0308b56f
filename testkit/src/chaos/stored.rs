//! What the store holds in the end, read from the database file itself, whatever anybody was told.

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

use super::history::Deal;

#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Stored {
    pub orders: Vec<StoredOrder>,
    pub placements: Vec<StoredPlacement>,
    /// By sequence.
    pub events: Vec<StoredEvent>,
    pub steps: Vec<StoredStep>,
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
    pub deal: Deal,
    /// The start of the slot that it has its place in.
    pub slot_ms: Option<i64>,
    /// Customers write their key there, so that an order is known by it whatever became of its placement.
    pub notes: String,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StoredPlacement {
    pub key: String,
    pub order_id: i64,
    pub answer: String,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StoredEvent {
    pub sequence: i64,
    pub order_id: i64,
    pub actor: Actor,
    pub from: Option<OrderState>,
    pub to: OrderState,
}

/// What staff were answered to a key; that of a step, or of something said of a dish.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StoredStep {
    pub key: String,
    pub answer: String,
}

/// What is left of a dish that is counted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StoredStock {
    pub restaurant: String,
    pub dish: String,
    pub left: Option<i64>,
}

impl Stored {
    /// # Errors
    /// If a table cannot be read, or a row does not say what it should.
    pub fn read(db: &Connection) -> anyhow::Result<Self> {
        // Of one moment: orders still run out meanwhile.
        let db = &db.unchecked_transaction()?;
        Ok(Self {
            orders: rows(db, "SELECT * FROM orders ORDER BY id", order)?,
            placements: rows(
                db,
                "SELECT key, order_id, CAST(answer AS TEXT) AS answer FROM placements",
                placement,
            )?,
            events: rows(db, "SELECT * FROM events ORDER BY sequence", event)?,
            steps: rows(
                db,
                "SELECT key, CAST(answer AS TEXT) AS answer FROM staff_requests",
                step,
            )?,
            stock: rows(db, "SELECT * FROM stock", stock)?,
        })
    }

    /// Of every order, by token.
    #[must_use]
    pub fn versions(self) -> HashMap<String, u32> {
        let orders = self.orders.into_iter();
        orders.map(|order| (order.token, order.version)).collect()
    }
}

fn rows<T>(
    db: &Connection,
    sql: &str,
    read: impl Fn(&Row<'_>) -> anyhow::Result<T>,
) -> anyhow::Result<Vec<T>> {
    let mut query = db.prepare(sql)?;
    let mut rows = query.query([])?;
    let mut all = Vec::new();
    while let Some(row) = rows.next()? {
        all.push(read(row)?);
    }
    Ok(all)
}

fn order(row: &Row<'_>) -> anyhow::Result<StoredOrder> {
    let lines: String = row.get("lines")?;
    let lines: Vec<QuoteLine> = serde_json::from_str(&lines).context("the lines of an order")?;
    let pence = |column: &str| row.get(column).map(Pence);
    Ok(StoredOrder {
        id: row.get("id")?,
        token: row.get("token")?,
        restaurant: row.get("restaurant")?,
        number: row.get("number")?,
        fulfilment: named(row.get("fulfilment")?)?,
        state: named(row.get("state")?)?,
        version: row.get("version")?,
        deal: Deal {
            lines,
            goods_pence: pence("goods_pence")?,
            delivery_fee_pence: pence("delivery_fee_pence")?,
            total_pence: pence("total_pence")?,
            vat_pence: pence("vat_pence")?,
        },
        slot_ms: match row.get("fills_slot_ms")? {
            None => row.get("slot_start_ms")?,
            filled => filled,
        },
        notes: row.get::<_, Option<String>>("notes")?.unwrap_or_default(),
    })
}

fn placement(row: &Row<'_>) -> anyhow::Result<StoredPlacement> {
    Ok(StoredPlacement {
        key: row.get("key")?,
        order_id: row.get("order_id")?,
        answer: row.get("answer")?,
    })
}

fn step(row: &Row<'_>) -> anyhow::Result<StoredStep> {
    Ok(StoredStep {
        key: row.get("key")?,
        answer: row.get("answer")?,
    })
}

fn stock(row: &Row<'_>) -> anyhow::Result<StoredStock> {
    Ok(StoredStock {
        restaurant: row.get("restaurant")?,
        dish: row.get("dish")?,
        left: row.get("remaining")?,
    })
}

fn event(row: &Row<'_>) -> anyhow::Result<StoredEvent> {
    let actor: String = row.get("actor")?;
    let known = Actor::ALL.into_iter().find(|known| known.as_str() == actor);
    Ok(StoredEvent {
        actor: known.with_context(|| format!("`{actor}` in the log"))?,
        sequence: row.get("sequence")?,
        order_id: row.get("order_id")?,
        from: row
            .get::<_, Option<String>>("from_state")?
            .map(named)
            .transpose()?,
        to: named(row.get("to_state")?)?,
    })
}

fn named<T: DeserializeOwned>(name: String) -> anyhow::Result<T> {
    serde_json::from_value(Value::String(name.clone()))
        .with_context(|| format!("`{name}` in the database"))
}
