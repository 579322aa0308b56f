//! Reading columns with errors that name table, column and key.

use rusqlite::Row;
use rusqlite::types::FromSql;
use serde::de::DeserializeOwned;
use serde::de::value::{Error as VariantError, StrDeserializer};

use crate::store::StoreError;

/// One row of `table`, identified by `key`.
pub(super) struct Columns<'row> {
    pub(super) table: &'static str,
    pub(super) key: i64,
    pub(super) row: &'row Row<'row>,
}

impl Columns<'_> {
    pub(super) fn get<T: FromSql>(&self, column: &'static str) -> Result<T, StoreError> {
        self.row
            .get(column)
            .map_err(|error| self.unreadable(column, &error))
    }

    /// Reads a column that holds an enum variant as the wire spells it.
    pub(super) fn variant<T: DeserializeOwned>(
        &self,
        column: &'static str,
    ) -> Result<T, StoreError> {
        let name: String = self.get(column)?;
        T::deserialize(StrDeserializer::<VariantError>::new(&name))
            .map_err(|error| self.unreadable(column, &error))
    }

    pub(super) fn json<T: DeserializeOwned>(&self, column: &'static str) -> Result<T, StoreError> {
        let text: String = self.get(column)?;
        // The error's own text may quote the value, which may be personal data; the position is enough to find it.
        serde_json::from_str(&text).map_err(|error| {
            let position = format!("unexpected JSON at character {}", error.column());
            self.unreadable(column, &position)
        })
    }

    fn unreadable(&self, column: &'static str, reason: &dyn std::fmt::Display) -> StoreError {
        StoreError::Unreadable {
            table: self.table,
            column,
            key: self.key,
            reason: reason.to_string(),
        }
    }
}
