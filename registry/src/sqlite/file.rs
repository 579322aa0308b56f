//! The file `registry.db`: creates and opens it, detects that it was removed or replaced, and words its errors. Knows no table.

use std::fs::{self, File};
use std::io;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};
use std::time::Duration;

use process::lock_watchdog::creation_lock_folder;
use rusqlite::{Connection, ErrorCode, OpenFlags};

use super::schema;
use crate::RegistryError;

/// Maximum wait for a lock. Transactions take well below a millisecond, so a lock held for longer belongs to a backup or a stopped
/// process. Longer, and a heartbeat that waits loses its lease; shorter, and a busy disk fails writes.
const BUSY_TIMEOUT: Duration = Duration::from_secs(1);

/// A connection, and the identity of the file that it was opened to.
pub struct OpenFile {
    pub connection: Connection,
    identity: Identity,
}

/// Device and inode, which distinguish a file from another one at the same path.
type Identity = (u64, u64);

/// The path of the registry file, from which connections are opened.
#[derive(Clone)]
pub struct RegistryFile {
    path: PathBuf,
}

impl RegistryFile {
    /// Opens the file; creates the file, its folder and its tables if they are missing.
    pub fn create(path: &Path) -> Result<(Self, OpenFile), RegistryError> {
        let this = Self {
            path: path.to_owned(),
        };
        let folder = creation_lock_folder(path);
        // The creation lock serialises processes that start at the same time: neither the switch to WAL nor the migrations wait
        // for a SQLite lock, so concurrent ones fail. Dropping the handle releases the lock.
        let creation_lock = fs::create_dir_all(folder)
            .and_then(|()| File::open(folder))
            .and_then(|folder| folder.lock().map(|()| folder))
            .map_err(|error| this.not_writable(folder, &error))?;
        let mut open_file = this.open(OpenFlags::SQLITE_OPEN_CREATE)?;
        let connection = &mut open_file.connection;
        connection
            .pragma_update(None, "journal_mode", "WAL")
            .map_err(|error| this.unavailable(&error))?;
        schema::migrate(connection).map_err(|error| match error {
            rusqlite_migration::Error::RusqliteError { err, .. } => this.unavailable(&err),
            other => this.error(&other.to_string()),
        })?;
        drop(creation_lock);
        Ok((this, open_file))
    }

    /// Opens the file, which must exist: if its disk is missing, a process that created a new file would not share it with others.
    pub fn reopen(&self) -> Result<OpenFile, RegistryError> {
        self.open(OpenFlags::empty())
    }

    fn open(&self, extra_flags: OpenFlags) -> Result<OpenFile, RegistryError> {
        let flags =
            OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX | extra_flags;
        let connection = Connection::open_with_flags(&self.path, flags)
            .and_then(|connection| {
                connection.busy_timeout(BUSY_TIMEOUT)?;
                // A power failure may lose the last heartbeats, which is harmless: it ends the processes as well.
                connection.pragma_update(None, "synchronous", "NORMAL")?;
                Ok(connection)
            })
            .map_err(|error| self.unavailable(&error))?;
        let identity = self.identity().map_err(|error| self.missing(&error))?;
        Ok(OpenFile {
            connection,
            identity,
        })
    }

    /// Fails if the file at the path is no longer the one that was opened. SQLite does not check this: the connection would continue
    /// with a file that no other process opens.
    pub fn check(&self, open_file: &OpenFile) -> Result<(), RegistryError> {
        match self.identity() {
            Ok(identity) if identity == open_file.identity => Ok(()),
            Ok(_) => Err(self.error("the file was replaced by another")),
            Err(error) => Err(self.missing(&error)),
        }
    }

    /// Whether the file at the path is still the one that was opened, or is missing at the moment.
    pub fn is_current_or_missing(&self, open_file: &OpenFile) -> bool {
        self.identity()
            .map_or(true, |identity| identity == open_file.identity)
    }

    fn identity(&self) -> io::Result<Identity> {
        fs::metadata(&self.path).map(|metadata| (metadata.dev(), metadata.ino()))
    }

    /// The error of a failed SQLite operation, with advice where the cause is known.
    pub fn unavailable(&self, error: &rusqlite::Error) -> RegistryError {
        match error.sqlite_error_code() {
            Some(ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked) => self.error(
                "another process keeps it locked; wait for a backup to end, or end the process that holds it",
            ),
            Some(ErrorCode::CannotOpen | ErrorCode::PermissionDenied | ErrorCode::ReadOnly) => self
                .error("it cannot be opened for writing; check its folder and its permissions"),
            Some(ErrorCode::NotADatabase | ErrorCode::DatabaseCorrupt) => self.error(
                "it is damaged; stop all processes, remove it and start them again; it holds no lasting data",
            ),
            Some(ErrorCode::DiskFull) => self.error("the disk is full"),
            _ => self.error(&error.to_string()),
        }
    }

    fn not_writable(&self, folder: &Path, error: &io::Error) -> RegistryError {
        self.error(&format!(
            "the folder {} cannot be created or read: {error}",
            folder.display()
        ))
    }

    fn missing(&self, error: &io::Error) -> RegistryError {
        self.error(&format!(
            "the file is missing ({error}); restore it, or start any Tiffin process to create a new one"
        ))
    }

    fn error(&self, message: &str) -> RegistryError {
        RegistryError::Unavailable(format!("{}: {message}", self.path.display()))
    }
}
