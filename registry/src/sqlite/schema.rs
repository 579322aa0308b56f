//! The tables of `registry.db` and how their rows are read. Knows nothing of leases.

use model::status::AdminState;
use rusqlite::types::Type;
use rusqlite::{Connection, Row};
use rusqlite_migration::{M, MigrationDefinitionError, Migrations};

use crate::{Registration, Role};

/// Only ever added to: two versions run side by side while replicas are replaced.
const MIGRATIONS: &[M<'_>] = &[
    M::up(
        "CREATE TABLE registration (
        role TEXT NOT NULL CHECK (role IN ('replica', 'server')),
        id TEXT NOT NULL,
        -- Who may heartbeat it; null once it was given up.
        token TEXT,
        address TEXT NOT NULL,
        version TEXT NOT NULL,
        started_at_ms INTEGER NOT NULL,
        process_id INTEGER NOT NULL,
        position INTEGER NOT NULL UNIQUE,
        registered_at_ms INTEGER NOT NULL,
        expires_at_ms INTEGER NOT NULL,
        -- Outlives the lease, and so does the row for as long as this is not 'up'.
        admin_state TEXT NOT NULL DEFAULT 'up' CHECK (admin_state IN ('up', 'draining', 'down')),
        PRIMARY KEY (role, id)
    ) STRICT, WITHOUT ROWID;

    -- One row.
    CREATE TABLE counter (
        -- The highest ever given, which no removal of registrations may lower.
        last_position INTEGER NOT NULL,
        -- Grows with every change, heartbeats aside, so that one that was undone again before anybody looked is noticed.
        revision INTEGER NOT NULL
    ) STRICT;
    INSERT INTO counter (last_position, revision) VALUES (0, 0);",
    ),
    // Null for replicas, and for whoever was registered by a version that knows nothing of it.
    M::up("ALTER TABLE registration ADD COLUMN public_url TEXT;"),
];

/// Brings the file to the newest schema; leaves a newer one as it is.
pub fn migrate(connection: &mut Connection) -> Result<(), rusqlite_migration::Error> {
    match Migrations::from_slice(MIGRATIONS).to_latest(connection) {
        Err(rusqlite_migration::Error::MigrationDefinition(
            MigrationDefinitionError::DatabaseTooFarAhead,
        )) => {
            tracing::info!("the registry was made by a newer version, which this one can share");
            Ok(())
        }
        done => done,
    }
}

/// The columns of [`read`], in its order.
pub const COLUMNS: &str = "id, role, address, version, started_at_ms, process_id, position, \
                           registered_at_ms, expires_at_ms, admin_state, public_url";

/// A row of [`COLUMNS`].
pub fn read(row: &Row<'_>) -> rusqlite::Result<Registration> {
    let id: String = row.get(0)?;
    let role: String = row.get(1)?;
    let admin_state: String = row.get(9)?;
    let role = role_from(&role).ok_or_else(|| unreadable(1, "role", &id, &role))?;
    let admin_state = admin_state_from(&admin_state)
        .ok_or_else(|| unreadable(9, "admin_state", &id, &admin_state))?;
    Ok(Registration {
        role,
        address: row.get(2)?,
        version: row.get(3)?,
        started_at_ms: row.get(4)?,
        process_id: row.get(5)?,
        position: row.get(6)?,
        registered_at_ms: row.get(7)?,
        expires_at_ms: row.get(8)?,
        admin_state,
        public_url: row.get(10)?,
        id,
    })
}

fn unreadable(index: usize, column: &str, id: &str, value: &str) -> rusqlite::Error {
    let told = format!("table registration, column {column}, key {id}: `{value}` is unknown");
    rusqlite::Error::FromSqlConversionFailure(index, Type::Text, told.into())
}

pub fn role_text(role: Role) -> &'static str {
    match role {
        Role::Replica => "replica",
        Role::Server => "server",
    }
}

fn role_from(text: &str) -> Option<Role> {
    [Role::Replica, Role::Server]
        .into_iter()
        .find(|role| role_text(*role) == text)
}

pub fn admin_state_text(admin_state: AdminState) -> &'static str {
    match admin_state {
        AdminState::Up => "up",
        AdminState::Draining => "draining",
        AdminState::Down => "down",
    }
}

pub fn admin_state_from(text: &str) -> Option<AdminState> {
    [AdminState::Up, AdminState::Draining, AdminState::Down]
        .into_iter()
        .find(|state| admin_state_text(*state) == text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_migrations_are_well_formed() {
        Migrations::from_slice(MIGRATIONS).validate().unwrap();
    }

    #[test]
    fn a_row_of_an_older_version_reads_without_what_came_later() {
        let mut connection = Connection::open_in_memory().unwrap();
        Migrations::from_slice(&MIGRATIONS[..1])
            .to_latest(&mut connection)
            .unwrap();
        let insert = "INSERT INTO registration (role, id, token, address, version, started_at_ms, process_id, position,
                                                registered_at_ms, expires_at_ms)
                      VALUES ('server', ?1, 't', '127.0.0.1:8080', '0.1.0', 1, 2, ?2, 4, 5)";
        connection.execute(insert, ("before", 3)).unwrap();
        migrate(&mut connection).unwrap();
        // The older version goes on beside the newer one.
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
    fn a_file_of_a_newer_version_is_shared_as_it_is() {
        let mut connection = Connection::open_in_memory().unwrap();
        migrate(&mut connection).unwrap();
        connection.pragma_update(None, "user_version", 7).unwrap();
        migrate(&mut connection).unwrap();
    }
}
