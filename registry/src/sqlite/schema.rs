//! The tables of `registry.db` and their migrations. Knows nothing of leases.

use rusqlite::Connection;
use rusqlite_migration::{M, MigrationDefinitionError, Migrations};

/// The migrations, oldest first. New ones only extend the schema: two versions share the file while replicas are replaced.
const MIGRATIONS: &[M<'_>] = &[
    M::up(
        "CREATE TABLE registration (
        role TEXT NOT NULL CHECK (role IN ('replica', 'server')),
        id TEXT NOT NULL,
        -- The token of the lease; null once its holder has ended it.
        token TEXT,
        address TEXT NOT NULL,
        version TEXT NOT NULL,
        started_at_ms INTEGER NOT NULL,
        process_id INTEGER NOT NULL,
        position INTEGER NOT NULL UNIQUE,
        registered_at_ms INTEGER NOT NULL,
        expires_at_ms INTEGER NOT NULL,
        -- Outlives the lease; a row whose state is not 'up' is kept longer.
        admin_state TEXT NOT NULL DEFAULT 'up' CHECK (admin_state IN ('up', 'draining', 'down')),
        PRIMARY KEY (role, id)
    ) STRICT, WITHOUT ROWID;

    -- One row.
    CREATE TABLE counter (
        -- The highest position ever assigned; deleting registrations does not lower it.
        last_position INTEGER NOT NULL,
        -- Increases with every change except heartbeats, so that a change that is undone before the next poll is detected.
        revision INTEGER NOT NULL
    ) STRICT;
    INSERT INTO counter (last_position, revision) VALUES (0, 0);",
    ),
    // Null for replicas, and for processes of versions before this migration.
    M::up("ALTER TABLE registration ADD COLUMN public_url TEXT;"),
];

/// Migrates the file to this version's schema; leaves a newer schema unchanged.
pub fn migrate(connection: &mut Connection) -> Result<(), rusqlite_migration::Error> {
    match Migrations::from_slice(MIGRATIONS).to_latest(connection) {
        Err(rusqlite_migration::Error::MigrationDefinition(
            MigrationDefinitionError::DatabaseTooFarAhead,
        )) => {
            tracing::info!(
                "the registry has the schema of a newer version, with which this version is compatible"
            );
            Ok(())
        }
        result => result,
    }
}

#[cfg(test)]
mod tests {
    use super::super::rows::{COLUMNS, read};
    use super::*;
    use crate::Registration;

    #[test]
    fn the_migrations_are_well_formed() {
        Migrations::from_slice(MIGRATIONS).validate().unwrap();
    }

    #[test]
    fn a_row_of_an_older_version_reads_with_nulls_for_newer_columns() {
        let mut connection = Connection::open_in_memory().unwrap();
        Migrations::from_slice(&MIGRATIONS[..1])
            .to_latest(&mut connection)
            .unwrap();
        let insert = "INSERT INTO registration (role, id, token, address, version, started_at_ms, process_id, position,
                                                registered_at_ms, expires_at_ms)
                      VALUES ('server', ?1, 't', '127.0.0.1:8080', '0.1.0', 1, 2, ?2, 4, 5)";
        connection.execute(insert, ("before", 3)).unwrap();
        migrate(&mut connection).unwrap();
        // A process of the older version still writes rows.
        connection.execute(insert, ("after", 4)).unwrap();
        let mut query = connection
            .prepare(&format!("SELECT {COLUMNS} FROM registration"))
            .unwrap();
        let rows: Vec<Registration> = query
            .query_map([], read)
            .unwrap()
            .collect::<Result<_, _>>()
            .unwrap();
        assert_eq!(rows.len(), 2);
        assert!(rows.iter().all(|row| row.public_url.is_none()));
    }

    #[test]
    fn a_file_of_a_newer_version_is_left_unchanged() {
        let mut connection = Connection::open_in_memory().unwrap();
        migrate(&mut connection).unwrap();
        connection.pragma_update(None, "user_version", 7).unwrap();
        migrate(&mut connection).unwrap();
    }
}
