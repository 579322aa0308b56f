//! Group commit: one thread takes all queued writes, commits them as one transaction, and only then replies to their callers.
//!
//! One fsync serves many writes. Each write has its own savepoint, so that a failing write does not fail its neighbours. No caller
//! gets a reply before the commit, and when the commit fails every caller gets an error. Knows nothing of orders.

use std::time::Duration;

use process::thread::OwnedThread;
use rusqlite::Connection;
use tokio::sync::mpsc::error::TrySendError;
use tokio::sync::{mpsc, oneshot};

use crate::store::StoreError;

/// Writes in one transaction at most. More would save little of an fsync's time and keep other replicas from the lock for longer.
const MAX_BATCH: usize = 256;

/// Queued writes at most. At thousands of writes a second the full queue is a fraction of a second of waiting; beyond that a quick
/// 503 serves the caller better.
const MAX_QUEUED: usize = 1_024;

/// How long a caller waits for the commit. Long enough for another process's lock and a slow disk; the write may still be committed
/// afterwards, which is why callers retry with the same key.
const CALLER_TIMEOUT: Duration = Duration::from_secs(8);

pub(super) struct Writer {
    /// Dropping the sender ends the thread, which first commits what is queued.
    queue: mpsc::Sender<Box<dyn QueuedWrite>>,
    _thread: OwnedThread,
}

impl Writer {
    pub(super) fn start(db: Connection) -> Result<Self, StoreError> {
        let (queue, queued) = mpsc::channel(MAX_QUEUED);
        let thread =
            OwnedThread::start("store-writer", move || run(&db, queued)).map_err(|error| {
                StoreError::Unavailable(format!("cannot start the writer: {error}"))
            })?;
        Ok(Self {
            queue,
            _thread: thread,
        })
    }

    /// Runs `work` inside a transaction and returns what it returned, once that is committed.
    ///
    /// # Errors
    /// What `work` failed with; [`StoreError::Unavailable`] when the queue is full, or the commit failed or is not known to
    /// have succeeded.
    pub(super) async fn write<T, F>(&self, work: F) -> Result<T, StoreError>
    where
        T: Send + 'static,
        F: FnOnce(&Connection) -> Result<T, StoreError> + Send + 'static,
    {
        let (reply, result) = oneshot::channel();
        let write = Box::new(PendingWrite {
            work: Some(work),
            result: None,
            reply,
        });
        match self.queue.try_send(write) {
            Ok(()) => {}
            Err(TrySendError::Full(_)) => {
                return Err(StoreError::Unavailable(format!(
                    "{MAX_QUEUED} writes are queued already"
                )));
            }
            Err(TrySendError::Closed(_)) => return Err(writer_ended()),
        }
        match tokio::time::timeout(CALLER_TIMEOUT, result).await {
            Ok(Ok(result)) => result,
            Ok(Err(_)) => Err(writer_ended()),
            Err(_) => Err(StoreError::Unavailable(format!(
                "no commit within {} s",
                CALLER_TIMEOUT.as_secs()
            ))),
        }
    }

    /// # Errors
    /// [`StoreError::Unavailable`] when the thread has ended.
    pub(super) fn check_running(&self) -> Result<(), StoreError> {
        if self.queue.is_closed() {
            return Err(writer_ended());
        }
        Ok(())
    }
}

fn writer_ended() -> StoreError {
    StoreError::Unavailable("the writer has ended".to_owned())
}

/// A write in the queue: runs inside the transaction and replies after the commit.
trait QueuedWrite: Send {
    /// Whether the caller still waits for the reply.
    fn has_caller(&self) -> bool;

    /// Runs the write. False: its savepoint must be rolled back.
    fn apply(&mut self, db: &Connection) -> bool;

    /// Replies to the caller with the write's result, or with the error of the commit.
    fn reply(self: Box<Self>, committed: &Result<(), StoreError>);
}

struct PendingWrite<T, F> {
    work: Option<F>,
    result: Option<Result<T, StoreError>>,
    reply: oneshot::Sender<Result<T, StoreError>>,
}

impl<T, F> QueuedWrite for PendingWrite<T, F>
where
    T: Send,
    F: FnOnce(&Connection) -> Result<T, StoreError> + Send,
{
    fn has_caller(&self) -> bool {
        !self.reply.is_closed()
    }

    fn apply(&mut self, db: &Connection) -> bool {
        self.result = self.work.take().map(|work| work(db));
        matches!(self.result, Some(Ok(_)))
    }

    fn reply(self: Box<Self>, committed: &Result<(), StoreError>) {
        let result = match (committed, self.result) {
            (Err(error), _) => Err(error.clone()),
            (Ok(()), Some(result)) => result,
            (Ok(()), None) => Err(StoreError::Failed("a write was never run".to_owned())),
        };
        // The caller may have given up. Its write is committed all the same, and a retry finds it by its key.
        drop(self.reply.send(result));
    }
}

fn run(db: &Connection, mut queued: mpsc::Receiver<Box<dyn QueuedWrite>>) {
    let mut batch = Vec::with_capacity(MAX_BATCH);
    while queued.blocking_recv_many(&mut batch, MAX_BATCH) > 0 {
        // Skip writes whose caller has timed out: the caller retries with the same key.
        batch.retain(|write| write.has_caller());
        if batch.is_empty() {
            continue;
        }
        let committed = commit(db, &mut batch);
        if let Err(error) = &committed {
            tracing::error!(%error, writes = batch.len(), "a batch of writes was not committed");
            roll_back(db);
        }
        for write in batch.drain(..) {
            write.reply(&committed);
        }
    }
}

fn commit(db: &Connection, batch: &mut [Box<dyn QueuedWrite>]) -> Result<(), StoreError> {
    let failed = |error: rusqlite::Error| StoreError::Unavailable(error.to_string());
    // IMMEDIATE takes the write lock now, while SQLite can wait for it; a lock taken at the first write could fail at once.
    execute(db, "BEGIN IMMEDIATE").map_err(failed)?;
    for write in batch {
        execute(db, "SAVEPOINT queued_write").map_err(failed)?;
        if !write.apply(db) {
            // Some failures, such as a full disk, end the whole transaction.
            if db.is_autocommit() {
                return Err(StoreError::Unavailable(
                    "a failing write ended the transaction".to_owned(),
                ));
            }
            execute(db, "ROLLBACK TO queued_write").map_err(failed)?;
        }
        execute(db, "RELEASE queued_write").map_err(failed)?;
    }
    execute(db, "COMMIT").map_err(failed)
}

fn roll_back(db: &Connection) {
    if !db.is_autocommit()
        && let Err(error) = execute(db, "ROLLBACK")
    {
        tracing::error!(%error, "a transaction could not be rolled back");
    }
}

fn execute(db: &Connection, sql: &'static str) -> rusqlite::Result<()> {
    db.prepare_cached(sql)?.execute([]).map(|_| ())
}

#[cfg(test)]
mod tests;
