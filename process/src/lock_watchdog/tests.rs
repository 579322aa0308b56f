//! Lock holders are found, and a process that is stopped while it holds a lock is ended.

use std::fs::File;
use std::io::{BufRead, BufReader, Read};
use std::os::unix::process::ExitStatusExt;
use std::process::{Command, Stdio};
use std::time::Duration;

use rusqlite::Connection;
use rustix::process::{WaitId, WaitIdOptions, waitid};

use super::*;

/// Environment variable for the child process that will be stopped: the path that it locks.
const LOCK_PATH: &str = "TIFFIN_TEST_LOCK_WATCHDOG";
/// Printed by the child process once it holds the lock.
const LOCKED: &str = "has the lock";
/// Deadline for the child process to be ended.
const DEADLINE: Duration = Duration::from_secs(20);

fn begin_write(database: &Path) -> Connection {
    let connection = Connection::open(database).unwrap();
    connection.busy_timeout(DEADLINE).unwrap();
    connection.execute_batch("BEGIN IMMEDIATE").unwrap();
    connection
}

fn report_lock_and_wait() {
    println!("{LOCKED}");
    let _ = std::io::stdin().read(&mut [0]);
}

/// Runs the named test again as a child process that locks `lock_path`, then stops the child. Asserts that the watchdog ends the
/// child only once it is stopped, and that `take_lock` then succeeds.
fn assert_ended_when_stopped(
    test: &str,
    lock_path: &Path,
    database: &Path,
    take_lock: impl FnOnce(),
) {
    let (sender, ended_ids) = mpsc::channel();
    let databases = [database.with_file_name("missing.db"), database.to_owned()];
    let _watchdog = LockWatchdog::start(&databases, move |process_id| {
        sender.send(process_id).unwrap();
    });
    let mut child = Command::new(std::env::current_exe().unwrap())
        .args([test, "--nocapture"])
        .env(LOCK_PATH, lock_path)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let output = BufReader::new(child.stdout.take().unwrap()).lines();
    assert!(
        output
            .map_while(Result::ok)
            .any(|line| line.contains(LOCKED))
    );
    let ended = end_stopped_holders(&LockFiles::of(&databases));
    assert!(ended.is_empty(), "a running process was ended");
    assert!(ended_ids.try_recv().is_err());

    let pid = Pid::from_raw(i32::try_from(child.id()).unwrap()).unwrap();
    kill_process(pid, Signal::STOP).unwrap();
    // On a busy machine the watchdog may have ended the child before this wait begins.
    waitid(
        WaitId::Pid(pid),
        WaitIdOptions::STOPPED | WaitIdOptions::EXITED | WaitIdOptions::NOWAIT,
    )
    .unwrap();
    take_lock();
    assert_eq!(ended_ids.recv_timeout(DEADLINE), Ok(child.id()));
    assert_eq!(child.wait().unwrap().signal(), Some(Signal::KILL.as_raw()));
}

#[test]
fn a_stopped_holder_of_the_write_lock_is_ended() {
    if let Some(database) = std::env::var_os(LOCK_PATH) {
        let _locked = begin_write(Path::new(&database));
        return report_lock_and_wait();
    }
    let folder = tempfile::tempdir().unwrap();
    let database = folder.path().join("any.db");
    Connection::open(&database)
        .unwrap()
        .pragma_update(None, "journal_mode", "WAL")
        .unwrap();
    let test = "a_stopped_holder_of_the_write_lock_is_ended";
    assert_ended_when_stopped(test, &database, &database, || drop(begin_write(&database)));
}

#[test]
fn a_stopped_holder_of_the_creation_lock_is_ended() {
    if let Some(folder) = std::env::var_os(LOCK_PATH) {
        let folder = File::open(folder).unwrap();
        folder.lock().unwrap();
        return report_lock_and_wait();
    }
    let folder = tempfile::tempdir().unwrap();
    let test = "a_stopped_holder_of_the_creation_lock_is_ended";
    let database = folder.path().join("any.db");
    assert_ended_when_stopped(test, folder.path(), &database, || {
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
fn holders_are_found_by_inode_kind_and_byte() {
    let found = |locks, indexes: &[u64], folders: &[u64]| {
        lock_holders(locks, indexes, folders).collect::<Vec<_>>()
    };
    assert_eq!(found(LOCKS, &[77], &[]), [16]);
    assert_eq!(found(LOCKS, &[77, 78], &[]), [13, 16]);
    assert_eq!(found(LOCKS, &[], &[77]), [11]);
    assert!(found(LOCKS, &[79], &[79]).is_empty());
    assert!(found("nonsense\n\n", &[77], &[77]).is_empty());
}

#[test]
fn only_the_stopped_state_counts_as_stopped() {
    assert!(is_stopped("7 (back (e) nd) T 1 7"));
    for other in ["7 (T) S 1", "7 (backend) R 1", "7 (backend) t 1", ""] {
        assert!(!is_stopped(other), "{other}");
    }
}
