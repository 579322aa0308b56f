//! A replica that is stopped with the lock in its hand.

use std::io::{BufRead, BufReader, Read};
use std::os::unix::process::ExitStatusExt;
use std::process::{Command, Stdio};

use model::status::EndedProcess;
use rusqlite::Connection;
use rustix::process::{Pid, Signal, WaitId, WaitIdOptions, kill_process, waitid};

use super::super::stopped::LockHolder;
use super::*;

/// Set for the process that will be stopped: the folder of the store.
const DATA: &str = "TIFFIN_TEST_STOPPED_DATA";
const LOCKED: &str = "has the lock";

fn take_the_lock_and_keep_it(data: &Path) {
    let db = Connection::open(data.join("tiffin.db")).unwrap();
    db.execute_batch("BEGIN IMMEDIATE").unwrap();
    println!("{LOCKED}");
    let _ = std::io::stdin().read(&mut [0]);
}

#[tokio::test]
async fn it_is_ended_and_the_write_goes_through() {
    // This test starts itself again as the process that is stopped.
    if let Some(data) = std::env::var_os(DATA) {
        return take_the_lock_and_keep_it(Path::new(&data));
    }
    let data = tempfile::tempdir().unwrap();
    let store = SqliteStore::open(data.path()).unwrap();
    let mut child = Command::new(std::env::current_exe().unwrap())
        .args(["it_is_ended_and_the_write_goes_through", "--nocapture"])
        .env(DATA, data.path())
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let said = BufReader::new(child.stdout.take().unwrap()).lines();
    assert!(said.map_while(Result::ok).any(|line| line.contains(LOCKED)));

    let holder = LockHolder::of(&data.path().join("tiffin.db"));
    assert_eq!(holder.end_if_stopped(), None, "it is at work");
    assert_eq!(store.ended(), None);

    let pid = Pid::from_raw(i32::try_from(child.id()).unwrap()).unwrap();
    kill_process(pid, Signal::STOP).unwrap();
    waitid(
        WaitId::Pid(pid),
        WaitIdOptions::STOPPED | WaitIdOptions::NOWAIT,
    )
    .unwrap();
    let placement = store
        .place_order("key-of-the-order", body("any"), new_order(SHOP))
        .await;
    placed(placement.unwrap());
    let told = EndedProcess {
        process_id: child.id(),
        count: 1,
    };
    assert_eq!(store.ended(), Some(told));
    assert_eq!(child.wait().unwrap().signal(), Some(Signal::KILL.as_raw()));
}
