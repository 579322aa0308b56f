//! Detects changes of the registry file made by other processes, on its own connection. Writes nothing.

use process::clock::SharedClock;
use rusqlite::Connection;

use super::file::{OpenFile, RegistryFile};
use super::rows;
use crate::change_watcher::Fingerprint;
use crate::{Registration, RegistryError};

/// The state of the registry as of the last check.
pub struct ChangeDetector {
    file: RegistryFile,
    clock: SharedClock,
    open_file: Option<OpenFile>,
    data_version: Option<i64>,
    /// Read at `data_version`.
    revision: i64,
    /// Read with `revision`.
    registrations: Vec<Registration>,
    /// Revision and fingerprint of the last check; `None` while the file cannot be read.
    last: Option<(i64, Fingerprint)>,
}

impl ChangeDetector {
    pub fn new(file: RegistryFile, clock: SharedClock) -> Self {
        Self {
            file,
            clock,
            open_file: None,
            data_version: None,
            revision: 0,
            registrations: Vec::new(),
            last: None,
        }
    }

    /// Whether the registry has changed, or has become readable or unreadable, since the last call.
    pub fn has_changed(&mut self) -> bool {
        let now_ms = self.clock.now_ms();
        let current = match self.refresh(now_ms) {
            Ok(()) => Some((self.revision, Fingerprint::of(&self.registrations, now_ms))),
            Err(error) => {
                tracing::debug!(%error, "the registry cannot be watched");
                self.open_file = None;
                None
            }
        };
        let changed = current != self.last;
        self.last = current;
        changed
    }

    /// Reads the table if it has been written to since the last call; otherwise costs one `PRAGMA`.
    fn refresh(&mut self, now_ms: i64) -> Result<(), RegistryError> {
        let open_file = match self.open_file.take() {
            Some(open_file) => open_file,
            None => {
                self.data_version = None;
                self.file.reopen()?
            }
        };
        let open_file = self.open_file.insert(open_file);
        self.file.check(open_file)?;
        let unavailable = |error| self.file.unavailable(&error);
        let data_version: i64 = open_file
            .connection
            .pragma_query_value(None, "data_version", |row| row.get(0))
            .map_err(unavailable)?;
        if self.data_version != Some(data_version) {
            (self.revision, self.registrations) =
                read(&mut open_file.connection, now_ms).map_err(unavailable)?;
            self.data_version = Some(data_version);
        }
        Ok(())
    }
}

/// Reads the revision and the live registrations in one transaction.
fn read(connection: &mut Connection, now_ms: i64) -> rusqlite::Result<(i64, Vec<Registration>)> {
    let transaction = connection.transaction()?;
    let revision = transaction.query_row("SELECT revision FROM counter", [], |row| row.get(0))?;
    Ok((revision, rows::live(&transaction, now_ms)?))
}
