//! The registry of one machine: a SQLite file that every process opens.
//!
//! Every method is one short transaction on a blocking thread. A separate connection polls `PRAGMA data_version`, which reads a few
//! bytes of shared memory, to detect changes made by other processes.

mod change_detector;
mod file;
mod rows;
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

use crate::change_watcher::ChangeWatcher;
use crate::{Lease, NewRegistration, Registration, Registry, RegistryError, Role, to_ms};
use change_detector::ChangeDetector;
use file::{OpenFile, RegistryFile};
use rows::{COLUMNS, admin_state_from, admin_state_text, role_text};

const DAY_MS: i64 = 24 * 60 * 60 * 1000;

/// Time for which a row is kept after its lease has expired. Random ids are never registered again, so that their rows must be
/// deleted; shorter, and a process whose clock is ahead could delete live registrations.
const ROW_RETENTION_MS: i64 = DAY_MS;

/// Time for which a row with an admin state other than `up` is kept after its lease has expired.
const ADMIN_STATE_RETENTION_MS: i64 = 30 * DAY_MS;

/// A [`Registry`] in a SQLite file.
pub struct SqliteRegistry {
    shared: Arc<Shared>,
    watcher: ChangeWatcher,
}

struct Shared {
    file: RegistryFile,
    open_file: Mutex<Option<OpenFile>>,
    lease_ms: i64,
    clock: SharedClock,
}

/// Why a transaction failed; see [`Shared::transaction`] for the difference.
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
    /// Opens `path`, and creates the file and its folder if they are missing. Blocks, so call it only at the start of a process.
    ///
    /// Processes that share the file must have synchronised clocks: a process whose clock differs treats live leases as expired, or
    /// the reverse.
    ///
    /// # Errors
    /// [`RegistryError::Unavailable`] if the file can be neither opened nor created.
    pub fn open(path: &Path, lease: Duration, clock: SharedClock) -> Result<Self, RegistryError> {
        let (file, open_file) = RegistryFile::create(path)?;
        let mut detector = ChangeDetector::new(file.clone(), Arc::clone(&clock));
        let watcher = ChangeWatcher::start(move || detector.has_changed()).map_err(|error| {
            RegistryError::Unavailable(format!("cannot start the thread that watches it: {error}"))
        })?;
        let shared = Arc::new(Shared {
            file,
            open_file: Mutex::new(Some(open_file)),
            lease_ms: to_ms(lease),
            clock,
        });
        Ok(Self { shared, watcher })
    }

    async fn write<T: Send + 'static>(
        &self,
        work: impl FnOnce(&Transaction<'_>, i64) -> Result<T, Failure> + Send + 'static,
    ) -> Result<T, RegistryError> {
        // Takes the write lock first: SQLite does not wait for the lock in a transaction that has already read.
        self.transaction(TransactionBehavior::Immediate, work).await
    }

    /// Runs one transaction on a blocking thread; `work` receives the time at which the transaction holds its lock.
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
        // A panic in a transaction rolls it back, so the connection stays usable.
        let mut slot = self
            .open_file
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        let mut open_file = match slot.take() {
            Some(open_file) if self.file.is_current_or_missing(&open_file) => open_file,
            _ => self.file.reopen()?,
        };
        let checked = self.file.check(&open_file);
        let result = checked.map_err(Failure::Registry).and_then(|()| {
            let transaction = open_file.connection.transaction_with_behavior(behavior)?;
            let value = work(&transaction, self.clock.now_ms())?;
            transaction.commit()?;
            Ok(value)
        });
        match result {
            Ok(value) => {
                *slot = Some(open_file);
                Ok(value)
            }
            Err(Failure::Registry(error)) => {
                *slot = Some(open_file);
                Err(error)
            }
            // Drops the connection, so that the next call opens the file again: a fault of the connection must not outlast its
            // cause.
            Err(Failure::Sqlite(error)) => Err(self.file.unavailable(&error)),
        }
    }
}

fn advance_revision(transaction: &Transaction<'_>) -> rusqlite::Result<()> {
    transaction
        .execute("UPDATE counter SET revision = revision + 1", [])
        .map(drop)
}

/// The admin state of the registration that `lease` holds, or an error if the lease no longer holds its id.
fn check_lease(
    transaction: &Transaction<'_>,
    lease: &Lease,
    now_ms: i64,
) -> Result<AdminState, Failure> {
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
                let message =
                    format!("table registration, column admin_state, key {id}: `{admin_state}`");
                RegistryError::Unavailable(message).into()
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
                params![now_ms - ROW_RETENTION_MS, now_ms - ADMIN_STATE_RETENTION_MS],
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
        self.watcher.notify();
        Ok(lease)
    }

    async fn heartbeat(&self, lease: &Lease) -> Result<AdminState, RegistryError> {
        let lease = lease.clone();
        let lease_ms = self.shared.lease_ms;
        self.write(move |transaction, now_ms| {
            let admin_state = check_lease(transaction, &lease, now_ms)?;
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
            self.watcher.notify();
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
                let updated = transaction.query_row(
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
                    rows::read,
                );
                let updated = updated
                    .optional()?
                    .ok_or(RegistryError::NotRegistered { id })?;
                advance_revision(transaction)?;
                Ok(updated)
            })
            .await?;
        self.watcher.notify();
        Ok(registration)
    }

    async fn snapshot(&self) -> Result<Vec<Registration>, RegistryError> {
        self.transaction(TransactionBehavior::Deferred, |transaction, now_ms| {
            Ok(rows::live(transaction, now_ms)?)
        })
        .await
    }

    async fn recently_expired(&self, within: Duration) -> Result<Vec<Registration>, RegistryError> {
        self.transaction(TransactionBehavior::Deferred, move |transaction, now_ms| {
            let since_ms = now_ms.saturating_sub(to_ms(within));
            Ok(rows::expiring(transaction, since_ms, now_ms)?)
        })
        .await
    }

    fn changes(&self) -> watch::Receiver<u64> {
        self.watcher.changes()
    }
}
