//! Reading rows so that one that cannot be read says where it is.

use rusqlite::Row;
use rusqlite::types::FromSql;
use serde::de::DeserializeOwned;
use serde::de::value::{Error as NameError, StrDeserializer};

use crate::store::StoreError;

/// One row of `table`, known by `key`.
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

    /// A column that holds one of an enumeration's names as the wire spells them.
    pub(super) fn named<T: DeserializeOwned>(&self, column: &'static str) -> Result<T, StoreError> {
        let name: String = self.get(column)?;
        T::deserialize(StrDeserializer::<NameError>::new(&name))
            .map_err(|error| self.unreadable(column, &error))
    }

    pub(super) fn json<T: DeserializeOwned>(&self, column: &'static str) -> Result<T, StoreError> {
        let text: String = self.get(column)?;
        // The error's own text may quote the value; its place is enough to find it.
        serde_json::from_str(&text).map_err(|error| {
            let place = format!("JSON of another shape at character {}", error.column());
            self.unreadable(column, &place)
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
