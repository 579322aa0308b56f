//! A few connections that can only read, lent to one reader at a time. Readers never wait for the writer, nor it for them.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use rusqlite::Connection;
use tokio::sync::Semaphore;

use crate::store::StoreError;

/// Reads are short and the processors few; more would only wait for each other elsewhere.
pub(super) const CONNECTIONS: usize = 4;

/// Beyond this a 503 is kinder than waiting on.
const WAIT: Duration = Duration::from_secs(2);

pub(super) struct Readers {
    idle: Arc<Mutex<Vec<Connection>>>,
    /// One permit for each connection.
    permits: Arc<Semaphore>,
}

impl Readers {
    pub(super) fn new(connections: Vec<Connection>) -> Self {
        Self {
            permits: Arc::new(Semaphore::new(connections.len())),
            idle: Arc::new(Mutex::new(connections)),
        }
    }

    /// Runs `work` on one consistent view of the database.
    pub(super) async fn read<T, F>(&self, work: F) -> Result<T, StoreError>
    where
        T: Send + 'static,
        F: FnOnce(&Connection) -> Result<T, StoreError> + Send + 'static,
    {
        let waiting = tokio::time::timeout(WAIT, Arc::clone(&self.permits).acquire_owned());
        let Ok(Ok(permit)) = waiting.await else {
            return Err(StoreError::Unavailable(
                "all reading connections are busy".to_owned(),
            ));
        };
        let idle = Arc::clone(&self.idle);
        tokio::task::spawn_blocking(move || {
            // Declared first, so that it is given back after the connection.
            let _permit = permit;
            let borrowed = Borrowed::take(idle)?;
            let db = borrowed.connection()?;
            let view = db.unchecked_transaction()?;
            let found = work(db);
            view.finish()?;
            found
        })
        .await
        .unwrap_or_else(|error| {
            Err(StoreError::Failed(format!(
                "a read was broken off: {error}"
            )))
        })
    }
}

/// A connection that finds its way back, even from a panic.
struct Borrowed {
    connection: Option<Connection>,
    home: Arc<Mutex<Vec<Connection>>>,
}

impl Borrowed {
    fn take(home: Arc<Mutex<Vec<Connection>>>) -> Result<Self, StoreError> {
        let connection = home.lock().unwrap_or_else(PoisonError::into_inner).pop();
        Ok(Self { connection, home })
    }

    fn connection(&self) -> Result<&Connection, StoreError> {
        self.connection
            .as_ref()
            .ok_or_else(|| StoreError::Failed("a reading connection was lost".to_owned()))
    }
}

impl Drop for Borrowed {
    fn drop(&mut self) {
        if let Some(connection) = self.connection.take() {
            self.home
                .lock()
                .unwrap_or_else(PoisonError::into_inner)
                .push(connection);
        }
    }
}
