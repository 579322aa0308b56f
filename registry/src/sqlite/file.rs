//! The file `registry.db`: opening it, noticing that it is gone or was replaced, and saying so. Knows no table.

use std::fs::{self, File};
use std::io;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};
use std::time::Duration;

use process::lock_watchdog::creation_lock_folder;
use rusqlite::{Connection, ErrorCode, OpenFlags};

use super::schema;
use crate::RegistryError;

/// Transactions take well below a millisecond; whoever holds the file this long is a backup or a stopped process, and a
/// heartbeat that waits longer would cost the lease.
const BUSY_TIMEOUT: Duration = Duration::from_secs(1);

/// A connection to the file that was at the path when it was opened.
pub struct Opened {
    pub connection: Connection,
    identity: Identity,
}

/// Tells one file from another that took its place.
type Identity = (u64, u64);

/// Opens one path again and again.
#[derive(Clone)]
pub struct RegistryFile {
    path: PathBuf,
}

impl RegistryFile {
    /// Makes the file, its folder and its tables where they are missing.
    pub fn create(path: &Path) -> Result<(Self, Opened), RegistryError> {
        let this = Self {
            path: path.to_owned(),
        };
        let folder = creation_lock_folder(path);
        // Processes that start together would trip over each other in the switch to WAL and in the migrations, neither of
        // which waits for a lock; so they take turns. The lock ends with the handle.
        let turn = fs::create_dir_all(folder)
            .and_then(|()| File::open(folder))
            .and_then(|folder| folder.lock().map(|()| folder))
            .map_err(|error| this.not_writable(folder, &error))?;
        let mut opened = this.open(OpenFlags::SQLITE_OPEN_CREATE)?;
        let connection = &mut opened.connection;
        connection
            .pragma_update(None, "journal_mode", "WAL")
            .map_err(|error| this.unavailable(&error))?;
        schema::migrate(connection).map_err(|error| match error {
            rusqlite_migration::Error::RusqliteError { err, .. } => this.unavailable(&err),
            other => this.told(&other.to_string()),
        })?;
        drop(turn);
        Ok((this, opened))
    }

    /// Opens the file, which must be there: a process that made a new one because a disk is gone would be alone with it.
    pub fn reopen(&self) -> Result<Opened, RegistryError> {
        self.open(OpenFlags::empty())
    }

    fn open(&self, how: OpenFlags) -> Result<Opened, RegistryError> {
        let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX | how;
        let opened = Connection::open_with_flags(&self.path, flags)
            .and_then(|connection| {
                connection.busy_timeout(BUSY_TIMEOUT)?;
                // Losing the last heartbeats with the power is harmless: the processes are gone as well.
                connection.pragma_update(None, "synchronous", "NORMAL")?;
                Ok(connection)
            })
            .map_err(|error| self.unavailable(&error))?;
        let identity = self.identity().map_err(|error| self.gone(&error))?;
        Ok(Opened {
            connection: opened,
            identity,
        })
    }

    /// Fails when the file at the path is no longer the one that was opened. The connection would not notice: it goes on
    /// with a file that nobody else can see.
    pub fn check(&self, opened: &Opened) -> Result<(), RegistryError> {
        match self.identity() {
            Ok(identity) if identity == opened.identity => Ok(()),
            Ok(_) => Err(self.told("the file was replaced by another")),
            Err(error) => Err(self.gone(&error)),
        }
    }

    /// Whether the connection still goes to the file at the path, or there is none there at the moment.
    pub fn may_keep(&self, opened: &Opened) -> bool {
        self.identity()
            .map_or(true, |identity| identity == opened.identity)
    }

    fn identity(&self) -> io::Result<Identity> {
        fs::metadata(&self.path).map(|metadata| (metadata.dev(), metadata.ino()))
    }

    pub fn unavailable(&self, error: &rusqlite::Error) -> RegistryError {
        match error.sqlite_error_code() {
            Some(ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked) => self.told(
                "another process keeps it locked; wait for a backup to end, or end the process that holds it",
            ),
            Some(ErrorCode::CannotOpen | ErrorCode::PermissionDenied | ErrorCode::ReadOnly) => self
                .told("it cannot be opened for writing; check its folder and who may write there"),
            Some(ErrorCode::NotADatabase | ErrorCode::DatabaseCorrupt) => self.told(
                "it is damaged; stop all processes, remove it and start them again, nothing is lost with it",
            ),
            Some(ErrorCode::DiskFull) => self.told("the disk is full"),
            _ => self.told(&error.to_string()),
        }
    }

    fn not_writable(&self, folder: &Path, error: &io::Error) -> RegistryError {
        self.told(&format!(
            "the folder {} cannot be made or read: {error}",
            folder.display()
        ))
    }

    fn gone(&self, error: &io::Error) -> RegistryError {
        self.told(&format!(
            "the file is not there any more ({error}); put it back, or start any Tiffin process to make a new one"
        ))
    }

    fn told(&self, what: &str) -> RegistryError {
        RegistryError::Unavailable(format!("{}: {what}", self.path.display()))
    }
}
