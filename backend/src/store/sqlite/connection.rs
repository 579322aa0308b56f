//! Opening connections: pragmas and migrations.

use std::fs::File;
use std::path::Path;
use std::thread;
use std::time::Duration;

use rusqlite::{Connection, OpenFlags};
use rusqlite_migration::{M, MigrationDefinitionError, Migrations};

use crate::store::StoreError;

/// The migrations, applied in this order, each once. They only expand the schema and keep everything that the previous version reads
/// or writes, because two versions run side by side while replicas are replaced.
const MIGRATIONS: &[M<'static>] = &[
    M::up(include_str!("../../../migrations/0001_orders.sql")),
    M::up(include_str!("../../../migrations/0002_places.sql")),
    M::up(include_str!("../../../migrations/0003_staff_requests.sql")),
    M::up(include_str!("../../../migrations/0004_staff_accounts.sql")),
    M::up(include_str!("../../../migrations/0005_expiry.sql")),
    M::up(include_str!("../../../migrations/0006_supply.sql")),
    M::up(include_str!("../../../migrations/0007_payments.sql")),
    M::up(include_str!("../../../migrations/0008_drills.sql")),
    M::up(include_str!("../../../migrations/0009_personal_data.sql")),
];

/// How long a connection waits for another process's lock. Longer, and a customer waits for a response that the gateway has given up
/// on; shorter, and a burst on another replica shows as an outage.
const LOCK_WAIT_MS: i32 = 3_000;

/// Pause between attempts to take a lock. SQLite's own pauses grow to 100 ms, which starves a replica beside a busy one.
const LOCK_POLL: Duration = Duration::from_millis(1);

/// Prepared statements cached by a connection: more than it uses, so that each is compiled once.
const CACHED_STATEMENTS: usize = 64;

/// Size to which the write-ahead log shrinks after a burst.
const LOG_BYTES: i64 = 64 * 1024 * 1024;

/// Opens a connection that reads and writes, after creating or migrating the database.
pub(super) fn open_migrated(file: &Path) -> Result<Connection, StoreError> {
    let unavailable = |what: &str, error: &dyn std::fmt::Display| {
        StoreError::Unavailable(format!("cannot {what} {}: {error}", file.display()))
    };
    // Replicas that start together take turns, because switching to WAL and migrating must not run twice at once. The system drops the
    // lock with the process, however that ends.
    let lock_file = file.with_extension("db.lock");
    let lock =
        File::create(&lock_file).map_err(|error| unavailable("create the lock file of", &error))?;
    lock.lock()
        .map_err(|error| unavailable("take the lock of", &error))?;

    let mut db = Connection::open_with_flags(
        file,
        OpenFlags::SQLITE_OPEN_READ_WRITE
            | OpenFlags::SQLITE_OPEN_CREATE
            | OpenFlags::SQLITE_OPEN_NO_MUTEX,
    )
    .map_err(|error| unavailable("open", &error))?;
    configure(&db)?;
    let mode: String = db.pragma_update_and_check(None, "journal_mode", "WAL", |row| row.get(0))?;
    if mode != "wal" {
        return Err(unavailable(
            "share",
            &format!("its journal mode is {mode}, not WAL; put it on a local disk"),
        ));
    }
    // FULL: an acknowledged order is on the disk.
    db.pragma_update(None, "synchronous", "FULL")?;
    db.pragma_update(None, "journal_size_limit", LOG_BYTES)?;
    migrate(&mut db)?;
    Ok(db)
}

/// Opens a read-only connection. The database must have been opened with [`open_migrated`] before.
pub(super) fn open_read_only(file: &Path) -> Result<Connection, StoreError> {
    let db = Connection::open_with_flags(
        file,
        OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX,
    )?;
    configure(&db)?;
    Ok(db)
}

/// Checks that the database can be read.
pub(super) fn check_readable(db: &Connection) -> Result<(), StoreError> {
    db.prepare_cached("SELECT count(*) FROM (SELECT 1 FROM orders LIMIT 1)")?
        .query_row([], |_| Ok(()))?;
    Ok(())
}

fn configure(db: &Connection) -> Result<(), StoreError> {
    db.busy_handler(Some(wait_for_lock))?;
    db.set_prepared_statement_cache_capacity(CACHED_STATEMENTS);
    db.pragma_update(None, "foreign_keys", true)?;
    db.pragma_update(None, "trusted_schema", false)?;
    Ok(())
}

fn wait_for_lock(tries: i32) -> bool {
    if tries >= LOCK_WAIT_MS {
        return false;
    }
    thread::sleep(LOCK_POLL);
    true
}

fn migrate(db: &mut Connection) -> Result<(), StoreError> {
    match Migrations::from_slice(MIGRATIONS).to_latest(db) {
        Ok(()) => Ok(()),
        Err(rusqlite_migration::Error::MigrationDefinition(
            MigrationDefinitionError::DatabaseTooFarAhead,
        )) => {
            tracing::warn!(
                "a newer version of Tiffin has migrated the store; this version continues with the tables that it knows"
            );
            Ok(())
        }
        Err(rusqlite_migration::Error::RusqliteError { err, .. }) => Err(err.into()),
        Err(error) => Err(StoreError::Failed(format!("migration: {error}"))),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_migrations_are_valid() {
        Migrations::from_slice(MIGRATIONS).validate().unwrap();
    }

    #[test]
    fn a_database_of_a_newer_version_opens() {
        let data = tempfile::tempdir().unwrap();
        let file = data.path().join("tiffin.db");
        let db = open_migrated(&file).unwrap();
        db.pragma_update(None, "user_version", 999).unwrap();
        drop(db);
        let db = open_migrated(&file).unwrap();
        check_readable(&db).unwrap();
    }

    #[test]
    fn replicas_that_start_together_create_one_database() {
        let data = tempfile::tempdir().unwrap();
        let file = data.path().join("tiffin.db");
        std::thread::scope(|scope| {
            let opening: Vec<_> = (0..12)
                .map(|_| scope.spawn(|| open_migrated(&file).map(|db| check_readable(&db))))
                .collect();
            for opened in opening {
                opened.join().unwrap().unwrap().unwrap();
            }
        });
    }

    #[test]
    fn a_read_only_connection_cannot_write() {
        let data = tempfile::tempdir().unwrap();
        let file = data.path().join("tiffin.db");
        let _writing = open_migrated(&file).unwrap();
        let read_only = open_read_only(&file).unwrap();
        assert!(read_only.execute("DELETE FROM places", []).is_err());
    }
}
