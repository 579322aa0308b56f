//! The cluster's database file, read directly, independent of the responses of the processes.

use anyhow::Context;
use rusqlite::{Connection, OpenFlags};
use serde::Serialize;

use super::Cluster;

/// The columns of an order's row that tests compare with what pages show.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct OrderSummary {
    pub token: String,
    pub number: u32,
    pub restaurant: String,
    pub fulfilment: String,
    pub slot_start_ms: Option<i64>,
    pub total_pence: i64,
}

impl Cluster {
    /// Opens the database file for reading.
    ///
    /// # Errors
    /// If it cannot be opened.
    pub fn database(&self) -> anyhow::Result<Connection> {
        let file = self.data_folder().join("tiffin.db");
        let db = Connection::open_with_flags(&file, OpenFlags::SQLITE_OPEN_READ_ONLY)
            .with_context(|| format!("cannot open {}", file.display()))?;
        db.busy_timeout(super::SETTLE_TIMEOUT)?;
        Ok(db)
    }

    /// Reads every stored order, oldest first.
    ///
    /// # Errors
    /// If the database cannot be read.
    pub fn stored_orders(&self) -> anyhow::Result<Vec<OrderSummary>> {
        let db = self.database()?;
        let mut query = db.prepare(
            "SELECT token, number, restaurant, fulfilment, slot_start_ms, total_pence FROM orders ORDER BY id",
        )?;
        let orders = query.query_map([], |row| {
            Ok(OrderSummary {
                token: row.get(0)?,
                number: row.get(1)?,
                restaurant: row.get(2)?,
                fulfilment: row.get(3)?,
                slot_start_ms: row.get(4)?,
                total_pence: row.get(5)?,
            })
        })?;
        Ok(orders.collect::<Result<_, _>>()?)
    }
}
