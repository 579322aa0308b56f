//! The registry of one machine: a SQLite file that every process opens.
//!
//! Every method is one short transaction on a blocking thread. Changes of other processes are noticed by polling
//! `PRAGMA data_version` on a connection of its own, which reads a few bytes of shared memory.

mod file;
mod look;
mod schema;

use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use async_trait::async_trait;
use model::status::AdminState;
use process::clock::SharedClock;
use rusqlite::{OptionalExtension, Transaction, TransactionBehavior, named_params, params};
use tokio::sync::watch;
use uuid::Uuid;

use crate::watcher::Watcher;
use crate::{Lease, NewRegistration, Registration, Registry, RegistryError, Role, in_ms};
use file::{Opened, RegistryFile};
use look::Look;
use schema::{COLUMNS, admin_state_from, admin_state_text, role_text};

const DAY_MS: i64 = 24 * 60 * 60 * 1000;

/// How long a row outlives its lease. Ids that were drawn at random never come back; without an end their rows would be there for
/// ever. So long, because a process with another clock must not take away what lives by everybody else's.
const ROW_KEPT_MS: i64 = DAY_MS;

/// The same where the operator wants something of the replica.
const ADMIN_STATE_KEPT_MS: i64 = 30 * DAY_MS;

pub struct SqliteRegistry {
    shared: Arc<Shared>,
    watcher: Watcher,
}

struct Shared {
    file: RegistryFile,
    opened: Mutex<Option<Opened>>,
    lease_ms: i64,
    clock: SharedClock,
}

enum Failure {
    Registry(RegistryError),
    Sqlite(rusqlite::Error),
}

impl From<RegistryError> for Failure {
    fn from(error: RegistryError) -> Self {
        Self::Registry(error)
    }
}

impl From<rusqlite::Error> for Failure {
    fn from(error: rusqlite::Error) -> Self {
        Self::Sqlite(error)
    }
}

impl SqliteRegistry {
    /// Opens `path`, and makes the file and its folder where they are missing. Blocks; meant for the start of a process.
    ///
    /// Processes that share the file must share a clock: one that goes by another hour takes living leases for dead ones, or
    /// the reverse.
    ///
    /// # Errors
    /// [`RegistryError::Unavailable`] if the file can be neither opened nor made.
    pub fn open(path: &Path, lease: Duration, clock: SharedClock) -> Result<Self, RegistryError> {
        let (file, opened) = RegistryFile::create(path)?;
        let mut look = Look::new(file.clone(), Arc::clone(&clock));
        let watcher = Watcher::start(move || look.has_changed()).map_err(|error| {
            RegistryError::Unavailable(format!("no thread to watch it: {error}"))
        })?;
        let shared = Arc::new(Shared {
            file,
            opened: Mutex::new(Some(opened)),
            lease_ms: in_ms(lease),
            clock,
        });
        Ok(Self { shared, watcher })
    }

    async fn write<T: Send + 'static>(
        &self,
        work: impl FnOnce(&Transaction<'_>, i64) -> Result<T, Failure> + Send + 'static,
    ) -> Result<T, RegistryError> {
        // Takes the lock at once: a transaction that took it after reading could not wait for it.
        self.transaction(TransactionBehavior::Immediate, work).await
    }

    /// One transaction on a blocking thread; `work` gets the time at which the transaction holds its lock.
    async fn transaction<T: Send + 'static>(
        &self,
        behavior: TransactionBehavior,
        work: impl FnOnce(&Transaction<'_>, i64) -> Result<T, Failure> + Send + 'static,
    ) -> Result<T, RegistryError> {
        let shared = Arc::clone(&self.shared);
        tokio::task::spawn_blocking(move || shared.transaction(behavior, work))
            .await
            .map_err(|error| RegistryError::Unavailable(format!("interrupted: {error}")))?
    }
}

impl Shared {
    fn transaction<T>(
        &self,
        behavior: TransactionBehavior,
        work: impl FnOnce(&Transaction<'_>, i64) -> Result<T, Failure>,
    ) -> Result<T, RegistryError> {
        // A panic within a transaction rolls it back, so that the connection stays usable.
        let mut slot = self.opened.lock().unwrap_or_else(PoisonError::into_inner);
        let mut opened = match slot.take() {
            Some(opened) if self.file.may_keep(&opened) => opened,
            _ => self.file.reopen()?,
        };
        let checked = self.file.check(&opened);
        let done = checked.map_err(Failure::Registry).and_then(|()| {
            let transaction = opened.connection.transaction_with_behavior(behavior)?;
            let result = work(&transaction, self.clock.now_ms())?;
            transaction.commit()?;
            Ok(result)
        });
        match done {
            Ok(result) => {
                *slot = Some(opened);
                Ok(result)
            }
            Err(Failure::Registry(error)) => {
                *slot = Some(opened);
                Err(error)
            }
            // The next call opens the file afresh: whatever is wrong with this connection must not outlive its cause.
            Err(Failure::Sqlite(error)) => Err(self.file.unavailable(&error)),
        }
    }
}

fn advance_revision(transaction: &Transaction<'_>) -> rusqlite::Result<()> {
    transaction
        .execute("UPDATE counter SET revision = revision + 1", [])
        .map(drop)
}

/// Whether `lease` still holds its id.
fn judge(transaction: &Transaction<'_>, lease: &Lease, now_ms: i64) -> Result<AdminState, Failure> {
    let row: Option<(Option<String>, String)> = transaction
        .query_row(
            "SELECT token, admin_state FROM registration
             WHERE role = ?1 AND id = ?2 AND expires_at_ms > ?3",
            params![role_text(lease.role), lease.id, now_ms],
            |row| Ok((row.get(0)?, row.get(1)?)),
        )
        .optional()?;
    let id = lease.id.clone();
    match row {
        Some((Some(token), admin_state)) if token == lease.token => admin_state_from(&admin_state)
            .ok_or_else(|| {
                let what =
                    format!("table registration, column admin_state, key {id}: `{admin_state}`");
                RegistryError::Unavailable(what).into()
            }),
        Some((Some(_), _)) => Err(RegistryError::LeaseTaken { id }.into()),
        _ => Err(RegistryError::LeaseLost { id }.into()),
    }
}

#[async_trait]
impl Registry for SqliteRegistry {
    async fn register(&self, new: NewRegistration) -> Result<Lease, RegistryError> {
        let lease = Lease {
            id: new.id.clone(),
            role: new.role,
            token: Uuid::new_v4().to_string(),
        };
        let token = lease.token.clone();
        let lease_ms = self.shared.lease_ms;
        self.write(move |transaction, now_ms| {
            transaction.execute(
                "DELETE FROM registration WHERE expires_at_ms <= ?1
                 AND (admin_state = 'up' OR expires_at_ms <= ?2)",
                params![now_ms - ROW_KEPT_MS, now_ms - ADMIN_STATE_KEPT_MS],
            )?;
            let position: i64 = transaction.query_row(
                "UPDATE counter SET last_position = last_position + 1, revision = revision + 1
                 RETURNING last_position",
                [],
                |row| row.get(0),
            )?;
            transaction.execute(
                "INSERT INTO registration (role, id, token, address, version, started_at_ms, process_id, position,
                                           registered_at_ms, expires_at_ms, public_url)
                 VALUES (:role, :id, :token, :address, :version, :started_at_ms, :process_id, :position,
                         :now_ms, :expires_at_ms, :public_url)
                 ON CONFLICT (role, id) DO UPDATE SET
                     token = excluded.token, address = excluded.address, version = excluded.version,
                     started_at_ms = excluded.started_at_ms, process_id = excluded.process_id,
                     position = excluded.position, registered_at_ms = excluded.registered_at_ms,
                     expires_at_ms = excluded.expires_at_ms, public_url = excluded.public_url",
                named_params! {
                    ":role": role_text(new.role),
                    ":id": new.id,
                    ":token": token,
                    ":address": new.address,
                    ":public_url": new.public_url,
                    ":version": new.version,
                    ":started_at_ms": new.started_at_ms,
                    ":process_id": new.process_id,
                    ":position": position,
                    ":now_ms": now_ms,
                    ":expires_at_ms": now_ms.saturating_add(lease_ms),
                },
            )?;
            Ok(())
        })
        .await?;
        self.watcher.tell();
        Ok(lease)
    }

    async fn heartbeat(&self, lease: &Lease) -> Result<AdminState, RegistryError> {
        let lease = lease.clone();
        let lease_ms = self.shared.lease_ms;
        self.write(move |transaction, now_ms| {
            let admin_state = judge(transaction, &lease, now_ms)?;
            transaction.execute(
                "UPDATE registration SET expires_at_ms = ?1 WHERE role = ?2 AND id = ?3",
                params![
                    now_ms.saturating_add(lease_ms),
                    role_text(lease.role),
                    lease.id
                ],
            )?;
            Ok(admin_state)
        })
        .await
    }

    async fn deregister(&self, lease: &Lease) -> Result<(), RegistryError> {
        let lease = lease.clone();
        let ended = self
            .write(move |transaction, now_ms| {
                let ended = transaction.execute(
                    "UPDATE registration SET token = NULL, expires_at_ms = min(expires_at_ms, ?1)
                     WHERE role = ?2 AND id = ?3 AND token = ?4",
                    params![now_ms, role_text(lease.role), lease.id, lease.token],
                )?;
                if ended > 0 {
                    advance_revision(transaction)?;
                }
                Ok(ended)
            })
            .await?;
        if ended > 0 {
            self.watcher.tell();
        }
        Ok(())
    }

    async fn set_admin_state(
        &self,
        id: &str,
        admin_state: AdminState,
    ) -> Result<Registration, RegistryError> {
        let id = id.to_owned();
        let registration = self
            .write(move |transaction, now_ms| {
                let switched = transaction.query_row(
                    &format!(
                        "UPDATE registration SET admin_state = ?1
                         WHERE role = ?2 AND id = ?3 AND expires_at_ms > ?4 RETURNING {COLUMNS}"
                    ),
                    params![
                        admin_state_text(admin_state),
                        role_text(Role::Replica),
                        id,
                        now_ms
                    ],
                    schema::read,
                );
                let switched = switched
                    .optional()?
                    .ok_or(RegistryError::NotRegistered { id })?;
                advance_revision(transaction)?;
                Ok(switched)
            })
            .await?;
        self.watcher.tell();
        Ok(registration)
    }

    async fn snapshot(&self) -> Result<Vec<Registration>, RegistryError> {
        self.transaction(TransactionBehavior::Deferred, |transaction, now_ms| {
            Ok(look::living(transaction, now_ms)?)
        })
        .await
    }

    async fn recently_expired(&self, within: Duration) -> Result<Vec<Registration>, RegistryError> {
        self.transaction(TransactionBehavior::Deferred, move |transaction, now_ms| {
            let since_ms = now_ms.saturating_sub(in_ms(within));
            Ok(look::ending(transaction, since_ms, now_ms)?)
        })
        .await
    }

    fn changes(&self) -> watch::Receiver<u64> {
        self.watcher.changes()
    }
}
