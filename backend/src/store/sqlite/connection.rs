//! Opening connections: what every one of them is told, and the migrations.

use std::fs::File;
use std::path::Path;
use std::thread;
use std::time::Duration;

use rusqlite::{Connection, OpenFlags};
use rusqlite_migration::{M, MigrationDefinitionError, Migrations};

use crate::store::StoreError;

/// Applied in this order, each once. They expand what is there and never take away what the version before reads or
/// writes, because two versions run side by side while replicas are replaced.
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

/// How long a connection waits for another process's lock before it gives up. Longer, and a customer waits for an answer
/// that the gateway has given up on; shorter, and a burst on another replica shows as an outage.
const LOCK_WAIT_MS: i32 = 3_000;

/// SQLite's own pauses grow to 100 ms, which starves a replica beside a busy one.
const LOCK_POLL: Duration = Duration::from_millis(1);

/// Statements in use on one connection are fewer; none is ever compiled twice.
const CACHED_STATEMENTS: usize = 64;

/// The log shrinks back to this after a burst.
const LOG_BYTES: i64 = 64 * 1024 * 1024;

/// A connection that reads and writes, on a database that has been made or migrated as far as this version knows.
pub(super) fn open_migrated(file: &Path) -> Result<Connection, StoreError> {
    let unavailable = |what: &str, error: &dyn std::fmt::Display| {
        StoreError::Unavailable(format!("cannot {what} {}: {error}", file.display()))
    };
    // Replicas that start together take turns: switching to WAL and migrating are not safe to do twice at once. The system
    // drops the lock with the process, however it ends.
    let lock_file = file.with_extension("db.lock");
    let lock = File::create(&lock_file).map_err(|error| unavailable("make the lock of", &error))?;
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
    // An acknowledged order is on the disk, not on its way there.
    db.pragma_update(None, "synchronous", "FULL")?;
    db.pragma_update(None, "journal_size_limit", LOG_BYTES)?;
    migrate(&mut db)?;
    Ok(db)
}

/// A connection that can only read. The database must have been opened for writing before.
pub(super) fn open_reading(file: &Path) -> Result<Connection, StoreError> {
    let db = Connection::open_with_flags(
        file,
        OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX,
    )?;
    configure(&db)?;
    Ok(db)
}

/// Whether the database answers at all.
pub(super) fn answers(db: &Connection) -> Result<(), StoreError> {
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
                "the store was migrated by a newer version of Tiffin; this version goes on with what it knows of it"
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
    fn a_database_of_a_newer_version_is_opened_all_the_same() {
        let data = tempfile::tempdir().unwrap();
        let file = data.path().join("tiffin.db");
        let db = open_migrated(&file).unwrap();
        db.pragma_update(None, "user_version", 999).unwrap();
        drop(db);
        let db = open_migrated(&file).unwrap();
        answers(&db).unwrap();
    }

    #[test]
    fn replicas_that_start_together_make_one_database() {
        let data = tempfile::tempdir().unwrap();
        let file = data.path().join("tiffin.db");
        std::thread::scope(|scope| {
            let opening: Vec<_> = (0..12)
                .map(|_| scope.spawn(|| open_migrated(&file).map(|db| answers(&db))))
                .collect();
            for opened in opening {
                opened.join().unwrap().unwrap().unwrap();
            }
        });
    }

    #[test]
    fn a_reading_connection_cannot_write() {
        let data = tempfile::tempdir().unwrap();
        let file = data.path().join("tiffin.db");
        let _writing = open_migrated(&file).unwrap();
        let reading = open_reading(&file).unwrap();
        assert!(reading.execute("DELETE FROM places", []).is_err());
    }
}
