//! Looking whether another process changed the registry, on a connection of its own. Writes nothing.

use process::clock::SharedClock;
use rusqlite::{Connection, params};

use super::file::{Opened, RegistryFile};
use super::schema::{self, COLUMNS};
use crate::watcher::Fingerprint;
use crate::{Registration, RegistryError};

/// All living registrations, by position.
pub fn living(connection: &Connection, now_ms: i64) -> rusqlite::Result<Vec<Registration>> {
    ending(connection, now_ms, i64::MAX)
}

/// Those whose leases end after the one instant and no later than the other, and were not given up; by position.
pub fn ending(
    connection: &Connection,
    after_ms: i64,
    until_ms: i64,
) -> rusqlite::Result<Vec<Registration>> {
    connection
        .prepare_cached(&format!(
            "SELECT {COLUMNS} FROM registration
             WHERE expires_at_ms > ?1 AND expires_at_ms <= ?2 AND token IS NOT NULL ORDER BY position"
        ))?
        .query_map(params![after_ms, until_ms], schema::read)?
        .collect()
}

pub struct Look {
    file: RegistryFile,
    clock: SharedClock,
    opened: Option<Opened>,
    data_version: Option<i64>,
    /// Read at `data_version`.
    revision: i64,
    /// Read with `revision`.
    registrations: Vec<Registration>,
    /// What was told last; absent while the file cannot be read.
    told: Option<(i64, Fingerprint)>,
}

impl Look {
    pub fn new(file: RegistryFile, clock: SharedClock) -> Self {
        Self {
            file,
            clock,
            opened: None,
            data_version: None,
            revision: 0,
            registrations: Vec::new(),
            told: None,
        }
    }

    pub fn has_changed(&mut self) -> bool {
        let now_ms = self.clock.now_ms();
        let seen = match self.refresh(now_ms) {
            Ok(()) => Some((self.revision, Fingerprint::of(&self.registrations, now_ms))),
            Err(error) => {
                tracing::debug!(%error, "the registry cannot be watched");
                self.opened = None;
                None
            }
        };
        let changed = seen != self.told;
        self.told = seen;
        changed
    }

    /// Reads the table if it was written to since; costs one `PRAGMA` otherwise.
    fn refresh(&mut self, now_ms: i64) -> Result<(), RegistryError> {
        let opened = match self.opened.take() {
            Some(opened) => opened,
            None => {
                self.data_version = None;
                self.file.reopen()?
            }
        };
        let opened = self.opened.insert(opened);
        self.file.check(opened)?;
        let sqlite = |error| self.file.unavailable(&error);
        let data_version: i64 = opened
            .connection
            .pragma_query_value(None, "data_version", |row| row.get(0))
            .map_err(sqlite)?;
        if self.data_version != Some(data_version) {
            (self.revision, self.registrations) =
                read(&mut opened.connection, now_ms).map_err(sqlite)?;
            self.data_version = Some(data_version);
        }
        Ok(())
    }
}

/// Both as of one moment.
fn read(connection: &mut Connection, now_ms: i64) -> rusqlite::Result<(i64, Vec<Registration>)> {
    let transaction = connection.transaction()?;
    let revision = transaction.query_row("SELECT revision FROM counter", [], |row| row.get(0))?;
    Ok((revision, living(&transaction, now_ms)?))
}
