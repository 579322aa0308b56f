//! The SQL of staff accounts.

use std::sync::Arc;

use rusqlite::{Connection, OptionalExtension, Row, named_params};

use crate::store::{StaffAccount, StoreError};

pub(super) fn find_by_id(db: &Connection, id: i64) -> Result<Option<StaffAccount>, StoreError> {
    db.prepare_cached("SELECT * FROM staff_accounts WHERE id = :id")?
        .query_row(named_params! { ":id": id }, read_row)
        .optional()
        .map_err(StoreError::from)
}

pub(super) fn find_by_name(
    db: &Connection,
    restaurant: &str,
    name: &str,
) -> Result<Option<StaffAccount>, StoreError> {
    db.prepare_cached(
        "SELECT * FROM staff_accounts WHERE restaurant = :restaurant AND name = :name",
    )?
    .query_row(
        named_params! { ":restaurant": restaurant, ":name": name },
        read_row,
    )
    .optional()
    .map_err(StoreError::from)
}

/// Lists all accounts, by restaurant and name.
pub(super) fn list(db: &Connection) -> Result<Vec<StaffAccount>, StoreError> {
    let mut statement = db.prepare("SELECT * FROM staff_accounts ORDER BY restaurant, name")?;
    let accounts = statement.query_map([], read_row)?;
    accounts.collect::<Result<_, _>>().map_err(StoreError::from)
}

/// Adds an account. False: the restaurant has an account of that name already, which stays as it is.
pub(super) fn add(
    db: &Connection,
    restaurant: &str,
    name: &str,
    password_hash: &str,
    now_ms: i64,
) -> Result<bool, StoreError> {
    let added = db.execute(
        "INSERT INTO staff_accounts (restaurant, name, password_hash, created_at_ms)
         VALUES (:restaurant, :name, :password_hash, :now_ms)
         ON CONFLICT (restaurant, name) DO NOTHING",
        named_params! {
            ":restaurant": restaurant,
            ":name": name,
            ":password_hash": password_hash,
            ":now_ms": now_ms,
        },
    )?;
    Ok(added == 1)
}

/// Replaces an account's password. False: the restaurant has no account of that name.
pub(super) fn set_password(
    db: &Connection,
    restaurant: &str,
    name: &str,
    password_hash: &str,
) -> Result<bool, StoreError> {
    let changed = db.execute(
        "UPDATE staff_accounts SET password_hash = :password_hash
         WHERE restaurant = :restaurant AND name = :name",
        named_params! {
            ":restaurant": restaurant,
            ":name": name,
            ":password_hash": password_hash,
        },
    )?;
    Ok(changed == 1)
}

/// Removes an account. False: the restaurant has no account of that name.
pub(super) fn remove(db: &Connection, restaurant: &str, name: &str) -> Result<bool, StoreError> {
    let removed = db.execute(
        "DELETE FROM staff_accounts WHERE restaurant = :restaurant AND name = :name",
        named_params! { ":restaurant": restaurant, ":name": name },
    )?;
    Ok(removed == 1)
}

fn read_row(row: &Row<'_>) -> rusqlite::Result<StaffAccount> {
    Ok(StaffAccount {
        id: row.get("id")?,
        restaurant: row.get("restaurant")?,
        name: row.get("name")?,
        password_hash: Arc::from(row.get::<_, String>("password_hash")?),
    })
}
