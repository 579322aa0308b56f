//! A pool of read-only connections, each used by one read at a time. Reads never wait for the writer, nor the writer for reads.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use rusqlite::Connection;
use tokio::sync::Semaphore;

use crate::store::StoreError;

/// Size of the pool. Reads are short and processors few; more connections would only wait for each other elsewhere.
pub(super) const CONNECTIONS: usize = 4;

/// How long a read waits for a connection. Longer, and callers wait in vain for an overloaded store; shorter, and a burst of reads
/// becomes 503 responses.
const CONNECTION_TIMEOUT: Duration = Duration::from_secs(2);

pub(super) struct ReaderPool {
    idle: Arc<Mutex<Vec<Connection>>>,
    /// One permit for each connection.
    permits: Arc<Semaphore>,
}

impl ReaderPool {
    pub(super) fn new(connections: Vec<Connection>) -> Self {
        Self {
            permits: Arc::new(Semaphore::new(connections.len())),
            idle: Arc::new(Mutex::new(connections)),
        }
    }

    /// Runs `work` on one consistent snapshot of the database.
    ///
    /// # Errors
    /// What `work` failed with; [`StoreError::Unavailable`] when all connections stay busy.
    pub(super) async fn read<T, F>(&self, work: F) -> Result<T, StoreError>
    where
        T: Send + 'static,
        F: FnOnce(&Connection) -> Result<T, StoreError> + Send + 'static,
    {
        let permit = tokio::time::timeout(
            CONNECTION_TIMEOUT,
            Arc::clone(&self.permits).acquire_owned(),
        );
        let Ok(Ok(permit)) = permit.await else {
            return Err(StoreError::Unavailable(
                "all read-only connections are busy".to_owned(),
            ));
        };
        let idle = Arc::clone(&self.idle);
        tokio::task::spawn_blocking(move || {
            // Declared first, and so released after the connection has returned to the pool.
            let _permit = permit;
            let pooled = PooledConnection::take(idle);
            let db = pooled.connection()?;
            let snapshot = db.unchecked_transaction()?;
            let result = work(db);
            snapshot.finish()?;
            result
        })
        .await
        .unwrap_or_else(|error| {
            Err(StoreError::Failed(format!(
                "a read panicked or was cancelled: {error}"
            )))
        })
    }
}

/// A connection that returns to the pool when dropped, also by a panic.
struct PooledConnection {
    connection: Option<Connection>,
    pool: Arc<Mutex<Vec<Connection>>>,
}

impl PooledConnection {
    fn take(pool: Arc<Mutex<Vec<Connection>>>) -> Self {
        let connection = pool.lock().unwrap_or_else(PoisonError::into_inner).pop();
        Self { connection, pool }
    }

    fn connection(&self) -> Result<&Connection, StoreError> {
        self.connection.as_ref().ok_or_else(|| {
            StoreError::Failed("a read-only connection is missing from the pool".to_owned())
        })
    }
}

impl Drop for PooledConnection {
    fn drop(&mut self) {
        if let Some(connection) = self.connection.take() {
            self.pool
                .lock()
                .unwrap_or_else(PoisonError::into_inner)
                .push(connection);
        }
    }
}
