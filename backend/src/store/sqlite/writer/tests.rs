//! The guarantees of the group commit.

use std::path::Path;

use futures_util::FutureExt;

use super::*;
use crate::store::sqlite::connection;

type Reply = oneshot::Receiver<Result<(), StoreError>>;

fn database(data: &Path) -> Connection {
    connection::open_migrated(&data.join("tiffin.db")).unwrap()
}

/// A write that inserts one row into the geocoding cache. A second one with the same postcode fails.
fn insert(postcode: &str) -> impl FnOnce(&Connection) -> Result<(), StoreError> + Send + use<> {
    let postcode = postcode.to_owned();
    move |db| {
        db.execute(
            "INSERT INTO places (postcode, place, checked_at_ms) VALUES (?1, '{}', 0)",
            [postcode],
        )?;
        Ok(())
    }
}

fn pending(
    work: impl FnOnce(&Connection) -> Result<(), StoreError> + Send + 'static,
) -> (Box<dyn QueuedWrite>, Reply) {
    let (reply, received) = oneshot::channel();
    let write = PendingWrite {
        work: Some(work),
        result: None,
        reply,
    };
    (Box::new(write), received)
}

fn places(db: &Connection) -> Vec<String> {
    let mut statement = db
        .prepare("SELECT postcode FROM places ORDER BY postcode")
        .unwrap();
    let rows = statement.query_map([], |row| row.get(0)).unwrap();
    rows.collect::<Result<_, _>>().unwrap()
}

#[test]
fn a_write_that_fails_takes_no_neighbour_with_it() {
    let data = tempfile::tempdir().unwrap();
    let db = database(data.path());
    let half_then_fail = |db: &Connection| {
        insert("half")(db)?;
        insert("one")(db)
    };
    let (mut batch, replies): (Vec<_>, Vec<_>) = [
        pending(insert("one")),
        pending(half_then_fail),
        pending(insert("two")),
    ]
    .into_iter()
    .unzip();
    let committed = commit(&db, &mut batch);
    for write in batch {
        write.reply(&committed);
    }
    let replies: Vec<bool> = replies
        .into_iter()
        .map(|reply| reply.blocking_recv().unwrap().is_ok())
        .collect();
    assert_eq!(replies, [true, false, true]);
    assert_eq!(places(&db), ["one", "two"]);
}

#[test]
fn a_write_whose_caller_timed_out_is_skipped() {
    let data = tempfile::tempdir().unwrap();
    let (queue, queued) = mpsc::channel(2);
    let (abandoned, dropped_reply) = pending(insert("one"));
    let (awaited, reply) = pending(insert("two"));
    queue.blocking_send(abandoned).unwrap_or_default();
    queue.blocking_send(awaited).unwrap_or_default();
    drop((dropped_reply, queue));
    run(&database(data.path()), queued);
    assert!(reply.blocking_recv().unwrap().is_ok());
    assert_eq!(places(&database(data.path())), ["two"]);
}

#[test]
fn when_the_commit_fails_every_caller_gets_an_error_and_nothing_is_stored() {
    let data = tempfile::tempdir().unwrap();
    let db = database(data.path());
    // An event without its order: the foreign key is checked only by the commit.
    let fails_the_commit = |db: &Connection| {
        db.execute_batch(
            "PRAGMA defer_foreign_keys = ON;
             INSERT INTO events (order_id, actor, to_state, at_ms) VALUES (99, 'customer', 'placed', 0);",
        )?;
        Ok(())
    };
    let (mut batch, replies): (Vec<_>, Vec<_>) =
        [pending(insert("one")), pending(fails_the_commit)]
            .into_iter()
            .unzip();
    let committed = commit(&db, &mut batch);
    roll_back(&db);
    for write in batch {
        write.reply(&committed);
    }
    for reply in replies {
        let result = reply.blocking_recv().unwrap();
        assert!(
            matches!(result, Err(StoreError::Unavailable(_))),
            "{result:?}"
        );
    }
    assert!(places(&db).is_empty());

    let (write, reply) = pending(insert("afterwards"));
    let mut batch = vec![write];
    let committed = commit(&db, &mut batch);
    batch.remove(0).reply(&committed);
    assert_eq!(reply.blocking_recv().unwrap(), Ok(()));
}

#[tokio::test]
async fn a_full_queue_refuses_at_once_and_commits_the_queued_writes_later() {
    let data = tempfile::tempdir().unwrap();
    let writer = Writer::start(database(data.path())).unwrap();
    let other = database(data.path());
    other.execute_batch("BEGIN IMMEDIATE").unwrap();

    let mut waiting = Vec::new();
    let refused = loop {
        let postcode = waiting.len().to_string();
        let mut write = Box::pin(writer.write(insert(&postcode)));
        match (&mut write).now_or_never() {
            None => waiting.push(write),
            Some(result) => break result,
        }
    };
    assert!(
        matches!(refused, Err(StoreError::Unavailable(_))),
        "{refused:?}"
    );
    assert!((MAX_QUEUED..=MAX_QUEUED + MAX_BATCH).contains(&waiting.len()));

    other.execute_batch("COMMIT").unwrap();
    let queued = waiting.len();
    for write in waiting {
        write.await.unwrap();
    }
    assert_eq!(places(&other).len(), queued);
}

#[tokio::test]
async fn a_lock_that_is_not_released_times_out() {
    let data = tempfile::tempdir().unwrap();
    let writer = Writer::start(database(data.path())).unwrap();
    let other = database(data.path());
    other.execute_batch("BEGIN IMMEDIATE").unwrap();
    let result = writer.write(insert("one")).await;
    assert!(
        matches!(result, Err(StoreError::Unavailable(_))),
        "{result:?}"
    );
    other.execute_batch("ROLLBACK").unwrap();
    writer.write(insert("two")).await.unwrap();
    assert_eq!(places(&other), ["two"]);
}
