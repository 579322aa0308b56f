//! Group commit: one thread takes what has queued up, commits it as one transaction, and only then answers.
//!
//! One fsync serves many writes. Each write has its savepoint, so that one that fails takes nobody with it; nothing is
//! answered before the commit, and when the commit fails nothing is acknowledged. Knows nothing of orders.

use std::time::Duration;

use process::thread::OwnedThread;
use rusqlite::Connection;
use tokio::sync::mpsc::error::TrySendError;
use tokio::sync::{mpsc, oneshot};

use crate::store::StoreError;

/// Writes in one transaction. More would save little of an fsync's time and hold the lock longer against other replicas.
const BATCH: usize = 256;

/// Writes that may wait. At thousands a second this is a fraction of a second; beyond it a quick 503 is kinder than a queue.
const QUEUE: usize = 1_024;

/// How long a caller waits. It covers waiting for another process's lock and a slow disk; the write may still be committed
/// afterwards, which is why callers repeat by key.
const ANSWER_WITHIN: Duration = Duration::from_secs(8);

pub(super) struct Writer {
    /// The thread ends with it.
    queue: mpsc::Sender<Box<dyn Write>>,
    _thread: OwnedThread,
}

impl Writer {
    pub(super) fn start(db: Connection) -> Result<Self, StoreError> {
        let (queue, waiting) = mpsc::channel(QUEUE);
        let thread =
            OwnedThread::start("store-writer", move || run(&db, waiting)).map_err(|error| {
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
        let (reply, answer) = oneshot::channel();
        let write = Box::new(Pending {
            work: Some(work),
            outcome: None,
            reply,
        });
        match self.queue.try_send(write) {
            Ok(()) => {}
            Err(TrySendError::Full(_)) => {
                return Err(StoreError::Unavailable(format!(
                    "{QUEUE} writes are waiting already"
                )));
            }
            Err(TrySendError::Closed(_)) => return Err(has_ended()),
        }
        match tokio::time::timeout(ANSWER_WITHIN, answer).await {
            Ok(Ok(outcome)) => outcome,
            Ok(Err(_)) => Err(has_ended()),
            Err(_) => Err(StoreError::Unavailable(format!(
                "no commit within {} s",
                ANSWER_WITHIN.as_secs()
            ))),
        }
    }

    pub(super) fn running(&self) -> Result<(), StoreError> {
        if self.queue.is_closed() {
            return Err(has_ended());
        }
        Ok(())
    }
}

fn has_ended() -> StoreError {
    StoreError::Unavailable("the writer has ended".to_owned())
}

/// One write on its way: run inside the transaction, answered after it.
trait Write: Send {
    /// Somebody waits for the answer.
    fn is_wanted(&self) -> bool;

    /// False: roll back to before this write.
    fn apply(&mut self, db: &Connection) -> bool;

    fn answer(self: Box<Self>, committed: &Result<(), StoreError>);
}

struct Pending<T, F> {
    work: Option<F>,
    outcome: Option<Result<T, StoreError>>,
    reply: oneshot::Sender<Result<T, StoreError>>,
}

impl<T, F> Write for Pending<T, F>
where
    T: Send,
    F: FnOnce(&Connection) -> Result<T, StoreError> + Send,
{
    fn is_wanted(&self) -> bool {
        !self.reply.is_closed()
    }

    fn apply(&mut self, db: &Connection) -> bool {
        self.outcome = self.work.take().map(|work| work(db));
        matches!(self.outcome, Some(Ok(_)))
    }

    fn answer(self: Box<Self>, committed: &Result<(), StoreError>) {
        let outcome = match (committed, self.outcome) {
            (Err(error), _) => Err(error.clone()),
            (Ok(()), Some(outcome)) => outcome,
            (Ok(()), None) => Err(StoreError::Failed("a write was never run".to_owned())),
        };
        // The caller may have gone; what was asked is done all the same, and is found by its key.
        drop(self.reply.send(outcome));
    }
}

fn run(db: &Connection, mut waiting: mpsc::Receiver<Box<dyn Write>>) {
    let mut batch = Vec::with_capacity(BATCH);
    while waiting.blocking_recv_many(&mut batch, BATCH) > 0 {
        // Whoever gave up waiting asks again, of us or of another: what they asked for would be work for nothing.
        batch.retain(|write| write.is_wanted());
        if batch.is_empty() {
            continue;
        }
        let committed = commit(db, &mut batch);
        if let Err(error) = &committed {
            tracing::error!(%error, writes = batch.len(), "nothing of a batch of writes was committed");
            roll_back(db);
        }
        for write in batch.drain(..) {
            write.answer(&committed);
        }
    }
}

fn commit(db: &Connection, batch: &mut [Box<dyn Write>]) -> Result<(), StoreError> {
    let failed = |error: rusqlite::Error| StoreError::Unavailable(error.to_string());
    // Immediate: a lock that is taken at the first write instead could fail where it can no longer be waited for.
    statement(db, "BEGIN IMMEDIATE").map_err(failed)?;
    for write in batch {
        statement(db, "SAVEPOINT one_write").map_err(failed)?;
        if !write.apply(db) {
            // Some failures, a full disk for one, end the whole transaction.
            if db.is_autocommit() {
                return Err(StoreError::Unavailable(
                    "a failing write ended the transaction".to_owned(),
                ));
            }
            statement(db, "ROLLBACK TO one_write").map_err(failed)?;
        }
        statement(db, "RELEASE one_write").map_err(failed)?;
    }
    statement(db, "COMMIT").map_err(failed)
}

fn roll_back(db: &Connection) {
    if !db.is_autocommit()
        && let Err(error) = statement(db, "ROLLBACK")
    {
        tracing::error!(%error, "a transaction could not be rolled back");
    }
}

fn statement(db: &Connection, sql: &'static str) -> rusqlite::Result<()> {
    db.prepare_cached(sql)?.execute([]).map(|_| ())
}

#[cfg(test)]
mod tests;
