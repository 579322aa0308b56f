//! What the group commit promises its callers.

use std::path::Path;

use futures_util::FutureExt;

use super::*;
use crate::store::sqlite::connection;

type Answered = oneshot::Receiver<Result<(), StoreError>>;

fn database(data: &Path) -> Connection {
    connection::open_migrated(&data.join("tiffin.db")).unwrap()
}

/// A write of one row into the cache of places; of the same postcode twice, the second fails.
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
) -> (Box<dyn Write>, Answered) {
    let (reply, answered) = oneshot::channel();
    let write = Pending {
        work: Some(work),
        outcome: None,
        reply,
    };
    (Box::new(write), answered)
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
    let (mut batch, answers): (Vec<_>, Vec<_>) = [
        pending(insert("one")),
        pending(half_then_fail),
        pending(insert("two")),
    ]
    .into_iter()
    .unzip();
    let committed = commit(&db, &mut batch);
    for write in batch {
        write.answer(&committed);
    }
    let answers: Vec<bool> = answers
        .into_iter()
        .map(|answered| answered.blocking_recv().unwrap().is_ok())
        .collect();
    assert_eq!(answers, [true, false, true]);
    assert_eq!(places(&db), ["one", "two"]);
}

#[test]
fn what_nobody_waits_for_is_not_begun() {
    let data = tempfile::tempdir().unwrap();
    let (queue, waiting) = mpsc::channel(2);
    let (unwanted, gone) = pending(insert("one"));
    let (wanted, answered) = pending(insert("two"));
    queue.blocking_send(unwanted).unwrap_or_default();
    queue.blocking_send(wanted).unwrap_or_default();
    drop((gone, queue));
    run(&database(data.path()), waiting);
    assert!(answered.blocking_recv().unwrap().is_ok());
    assert_eq!(places(&database(data.path())), ["two"]);
}

#[test]
fn when_the_commit_fails_nothing_is_acknowledged_and_nothing_is_there() {
    let data = tempfile::tempdir().unwrap();
    let db = database(data.path());
    // An event without its order, found out only by the commit.
    let spoils_the_commit = |db: &Connection| {
        db.execute_batch(
            "PRAGMA defer_foreign_keys = ON;
             INSERT INTO events (order_id, actor, to_state, at_ms) VALUES (99, 'customer', 'placed', 0);",
        )?;
        Ok(())
    };
    let (mut batch, answers): (Vec<_>, Vec<_>) =
        [pending(insert("one")), pending(spoils_the_commit)]
            .into_iter()
            .unzip();
    let committed = commit(&db, &mut batch);
    roll_back(&db);
    for write in batch {
        write.answer(&committed);
    }
    for answered in answers {
        let answer = answered.blocking_recv().unwrap();
        assert!(
            matches!(answer, Err(StoreError::Unavailable(_))),
            "{answer:?}"
        );
    }
    assert!(places(&db).is_empty());

    let (write, answered) = pending(insert("afterwards"));
    let mut batch = vec![write];
    let committed = commit(&db, &mut batch);
    batch.remove(0).answer(&committed);
    assert_eq!(answered.blocking_recv().unwrap(), Ok(()));
}

#[tokio::test]
async fn a_full_queue_refuses_at_once_and_what_was_taken_is_done_later() {
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
            Some(answer) => break answer,
        }
    };
    assert!(
        matches!(refused, Err(StoreError::Unavailable(_))),
        "{refused:?}"
    );
    assert!((QUEUE..=QUEUE + BATCH).contains(&waiting.len()));

    other.execute_batch("COMMIT").unwrap();
    let taken = waiting.len();
    for write in waiting {
        write.await.unwrap();
    }
    assert_eq!(places(&other).len(), taken);
}

#[tokio::test]
async fn a_lock_that_stays_is_given_up() {
    let data = tempfile::tempdir().unwrap();
    let writer = Writer::start(database(data.path())).unwrap();
    let other = database(data.path());
    other.execute_batch("BEGIN IMMEDIATE").unwrap();
    let answer = writer.write(insert("one")).await;
    assert!(
        matches!(answer, Err(StoreError::Unavailable(_))),
        "{answer:?}"
    );
    other.execute_batch("ROLLBACK").unwrap();
    writer.write(insert("two")).await.unwrap();
    assert_eq!(places(&other), ["two"]);
}
