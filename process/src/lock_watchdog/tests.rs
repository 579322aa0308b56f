//! Who holds a lock, and a process that is stopped with one in its hand.

use std::fs::File;
use std::io::{BufRead, BufReader, Read};
use std::os::unix::process::ExitStatusExt;
use std::process::{Command, Stdio};
use std::time::Duration;

use rusqlite::Connection;
use rustix::process::{WaitId, WaitIdOptions, waitid};

use super::*;

/// Set for the process that will be stopped: what it locks.
const TO_LOCK: &str = "TIFFIN_TEST_LOCK_WATCHDOG";
const LOCKED: &str = "has the lock";
/// Longer than the other process may take to be ended.
const PATIENCE: Duration = Duration::from_secs(20);

fn locked(database: &Path) -> Connection {
    let connection = Connection::open(database).unwrap();
    connection.busy_timeout(PATIENCE).unwrap();
    connection.execute_batch("BEGIN IMMEDIATE").unwrap();
    connection
}

fn say_and_stand_still() {
    println!("{LOCKED}");
    let _ = std::io::stdin().read(&mut [0]);
}

/// Starts the test with this name again as a process that locks `what`, and stops it; it is to be ended, and not before.
fn is_ended_when_stopped(test: &str, what: &Path, database: &Path, free: impl FnOnce()) {
    let (tell, told) = mpsc::channel();
    let databases = [database.with_file_name("missing.db"), database.to_owned()];
    let _guard = LockWatchdog::start(&databases, move |process_id| {
        tell.send(process_id).unwrap();
    });
    let mut child = Command::new(std::env::current_exe().unwrap())
        .args([test, "--nocapture"])
        .env(TO_LOCK, what)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let said = BufReader::new(child.stdout.take().unwrap()).lines();
    assert!(said.map_while(Result::ok).any(|line| line.contains(LOCKED)));
    let ended = end_stopped_holders(&Watched::of(&databases));
    assert!(ended.is_empty(), "it is at work");
    assert!(told.try_recv().is_err());

    let pid = Pid::from_raw(i32::try_from(child.id()).unwrap()).unwrap();
    kill_process(pid, Signal::STOP).unwrap();
    waitid(
        WaitId::Pid(pid),
        WaitIdOptions::STOPPED | WaitIdOptions::NOWAIT,
    )
    .unwrap();
    free();
    assert_eq!(told.recv_timeout(PATIENCE), Ok(child.id()));
    assert_eq!(child.wait().unwrap().signal(), Some(Signal::KILL.as_raw()));
}

#[test]
fn who_has_the_write_lock_is_ended_and_others_can_write() {
    if let Some(database) = std::env::var_os(TO_LOCK) {
        let _locked = locked(Path::new(&database));
        return say_and_stand_still();
    }
    let folder = tempfile::tempdir().unwrap();
    let database = folder.path().join("any.db");
    Connection::open(&database)
        .unwrap()
        .pragma_update(None, "journal_mode", "WAL")
        .unwrap();
    let test = "who_has_the_write_lock_is_ended_and_others_can_write";
    is_ended_when_stopped(test, &database, &database, || drop(locked(&database)));
}

#[test]
fn who_has_the_turn_to_make_the_files_is_ended_and_others_have_theirs() {
    if let Some(folder) = std::env::var_os(TO_LOCK) {
        let folder = File::open(folder).unwrap();
        folder.lock().unwrap();
        return say_and_stand_still();
    }
    let folder = tempfile::tempdir().unwrap();
    let test = "who_has_the_turn_to_make_the_files_is_ended_and_others_have_theirs";
    let database = folder.path().join("any.db");
    is_ended_when_stopped(test, folder.path(), &database, || {
        File::open(folder.path()).unwrap().lock().unwrap();
    });
}

const LOCKS: &str = "\
1: FLOCK  ADVISORY  WRITE 11 fd:00:77 0 EOF
2: POSIX  ADVISORY  READ 12 fd:00:77 123 123
3: POSIX  ADVISORY  WRITE 13 fd:00:78 120 120
4: POSIX  ADVISORY  WRITE 14 fd:00:77 121 121
4: -> POSIX  ADVISORY  WRITE 15 fd:00:77 120 120
5: POSIX  ADVISORY  WRITE 16 fd:00:77 120 121
";

#[test]
fn holders_are_found_by_file_kind_and_byte() {
    let found = |locks, indexes: &[u64], folders: &[u64]| {
        holders(locks, indexes, folders).collect::<Vec<_>>()
    };
    assert_eq!(found(LOCKS, &[77], &[]), [16]);
    assert_eq!(found(LOCKS, &[77, 78], &[]), [13, 16]);
    assert_eq!(found(LOCKS, &[], &[77]), [11]);
    assert!(found(LOCKS, &[79], &[79]).is_empty());
    assert!(found("nonsense\n\n", &[77], &[77]).is_empty());
}

#[test]
fn stopped_is_told_from_running_sleeping_and_debugged() {
    assert!(is_stopped("7 (back (e) nd) T 1 7"));
    for other in ["7 (T) S 1", "7 (backend) R 1", "7 (backend) t 1", ""] {
        assert!(!is_stopped(other), "{other}");
    }
}
