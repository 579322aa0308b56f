//! Reads rows of the table `registration`, and converts their columns. Knows nothing of who holds a lease.

use model::status::AdminState;
use rusqlite::types::Type;
use rusqlite::{Connection, Row, params};

use crate::{Registration, Role};

/// The columns that [`read`] expects, in its order.
pub const COLUMNS: &str = "id, role, address, version, started_at_ms, process_id, position, \
                           registered_at_ms, expires_at_ms, admin_state, public_url";

/// Reads a row of [`COLUMNS`].
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
    let message = format!("table registration, column {column}, key {id}: `{value}` is unknown");
    rusqlite::Error::FromSqlConversionFailure(index, Type::Text, message.into())
}

/// The registrations whose leases have not expired, by position.
pub fn live(connection: &Connection, now_ms: i64) -> rusqlite::Result<Vec<Registration>> {
    expiring(connection, now_ms, i64::MAX)
}

/// The registrations whose leases expire after `after_ms` and no later than `until_ms` and were not ended, by position.
pub fn expiring(
    connection: &Connection,
    after_ms: i64,
    until_ms: i64,
) -> rusqlite::Result<Vec<Registration>> {
    connection
        .prepare_cached(&format!(
            "SELECT {COLUMNS} FROM registration
             WHERE expires_at_ms > ?1 AND expires_at_ms <= ?2 AND token IS NOT NULL ORDER BY position"
        ))?
        .query_map(params![after_ms, until_ms], read)?
        .collect()
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
