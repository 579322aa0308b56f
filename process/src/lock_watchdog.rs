//! Frees SQLite databases from locks held by stopped Tiffin processes, by ending those processes.
//!
//! A process that is stopped (`kill -STOP`, Ctrl-Z) in the middle of a commit keeps the write lock while it is stopped, and no other
//! process can write: no replica can place an order, and no process can extend its lease. The stopped process has lost its role by
//! then: its lease expires and its requests are retried elsewhere. The watchdog ends it with SIGKILL, which loses no committed data,
//! and the kernel releases the lock. The watchdog treats the creation lock, which serialises the creation of the database files at
//! start, in the same way. Linux only: on other systems no lock holders are found, and writes fail until the process continues.

use std::collections::BTreeSet;
use std::ffi::OsString;
use std::fs;
use std::io;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};
use std::sync::mpsc::{self, RecvTimeoutError};
use std::time::Duration;

use rustix::process::{Pid, Signal, kill_process};

use crate::thread::OwnedThread;

/// The byte of a database's WAL index (`-shm`) that WAL_WRITE_LOCK covers: <https://sqlite.org/walformat.html>, 2.3.
const WRITE_LOCK_BYTE: u64 = 120;
/// Interval between checks. One check takes tens of microseconds; longer, and writes wait longer behind a stopped process.
const CHECK_INTERVAL: Duration = Duration::from_millis(20);
/// The programs that the watchdog may end, in addition to the program that it runs in.
const TIFFIN_PROGRAMS: [&str; 2] = ["backend", "server"];

/// Checks the lock holders at intervals on its own thread until it is dropped. The locks are free again before the first request of
/// the stopped process has been retried on another replica.
pub struct LockWatchdog {
    /// Never sent on: dropping it ends the thread.
    _stop: mpsc::Sender<()>,
    _thread: OwnedThread,
}

impl LockWatchdog {
    /// Watches these databases, which need not exist yet. Calls `on_ended` with the id of each process that it has ended.
    ///
    /// # Errors
    /// If the system cannot start a thread.
    pub fn start(
        databases: &[PathBuf],
        on_ended: impl Fn(u32) + Send + 'static,
    ) -> io::Result<Self> {
        let files = LockFiles::of(databases);
        let (stop, stopped) = mpsc::channel();
        let thread = OwnedThread::start("lock-watchdog", move || {
            while stopped.recv_timeout(CHECK_INTERVAL) == Err(RecvTimeoutError::Timeout) {
                end_stopped_holders(&files).into_iter().for_each(&on_ended);
            }
        })?;
        Ok(Self {
            _stop: stop,
            _thread: thread,
        })
    }
}

/// The folder whose lock serialises the creation of a database's files.
#[must_use]
pub fn creation_lock_folder(database: &Path) -> &Path {
    match database.parent() {
        Some(folder) if !folder.as_os_str().is_empty() => folder,
        _ => Path::new("."),
    }
}

/// The files and folders whose locks the watchdog checks.
struct LockFiles {
    /// The WAL index of each database.
    indexes: Vec<PathBuf>,
    /// See [`creation_lock_folder`].
    folders: BTreeSet<PathBuf>,
}

impl LockFiles {
    fn of(databases: &[PathBuf]) -> Self {
        let index = |database: &PathBuf| {
            let mut index = OsString::from(database);
            index.push("-shm");
            index.into()
        };
        Self {
            indexes: databases.iter().map(index).collect(),
            folders: databases
                .iter()
                .map(|database| creation_lock_folder(database).to_owned())
                .collect(),
        }
    }
}

/// Ends the stopped Tiffin processes that hold a lock on `files`, and returns their ids.
fn end_stopped_holders(files: &LockFiles) -> BTreeSet<u32> {
    let inode = |path: &PathBuf| Some(fs::metadata(path).ok()?.ino());
    let indexes: Vec<u64> = files.indexes.iter().filter_map(inode).collect();
    let folders: Vec<u64> = files.folders.iter().filter_map(inode).collect();
    let locks = fs::read_to_string("/proc/locks").unwrap_or_default();
    lock_holders(&locks, &indexes, &folders)
        .filter(|holder| is_stopped_tiffin_process(*holder))
        .collect::<BTreeSet<i32>>()
        .into_iter()
        .filter_map(end)
        .collect()
}

fn is_stopped_tiffin_process(process_id: i32) -> bool {
    let stat = fs::read_to_string(format!("/proc/{process_id}/stat"));
    stat.is_ok_and(|stat| is_stopped(&stat))
        && program_name(&process_id.to_string()).is_some_and(|name| is_tiffin_program(&name))
}

fn end(process_id: i32) -> Option<u32> {
    let ended = Pid::from_raw(process_id)
        .is_some_and(|process| kill_process(process, Signal::KILL).is_ok());
    tracing::warn!(
        process_id,
        ended,
        "ended a stopped process that held a database lock, so that other processes can write"
    );
    ended.then_some(process_id.unsigned_abs())
}

fn is_tiffin_program(name: &str) -> bool {
    TIFFIN_PROGRAMS.contains(&name) || program_name("self").is_some_and(|own| own == name)
}

/// Parses `/proc/locks` and returns the ids of the processes that hold the write lock of an index, or the lock of a folder, with one
/// of these inodes. Lines are such as `3: POSIX  ADVISORY  WRITE 708 fd:00:1234 120 120`; an arrow before the kind marks a process
/// that waits for the lock.
fn lock_holders<'a>(
    locks: &'a str,
    indexes: &'a [u64],
    folders: &'a [u64],
) -> impl Iterator<Item = i32> + 'a {
    locks.lines().filter_map(|line| {
        let mut words = line.split_whitespace().skip(1);
        let kind = words.next()?;
        if words.nth(1)? != "WRITE" {
            return None;
        }
        let process_id = words.next()?.parse().ok()?;
        let inode = words.next()?.rsplit(':').next()?.parse::<u64>().ok()?;
        let holds = match kind {
            "POSIX" => {
                let from: u64 = words.next()?.parse().ok()?;
                let to: u64 = words.next()?.parse().ok()?;
                indexes.contains(&inode) && (from..=to).contains(&WRITE_LOCK_BYTE)
            }
            "FLOCK" => folders.contains(&inode),
            _ => false,
        };
        holds.then_some(process_id)
    })
}

/// Whether `/proc/PID/stat` reports the state `T`, stopped. The state follows the program's name, which may itself contain spaces
/// and brackets. The state `t`, stopped by a debugger, does not count: the process is being debugged, not abandoned.
fn is_stopped(stat: &str) -> bool {
    stat.rsplit_once(") ")
        .is_some_and(|(_, rest)| rest.starts_with('T'))
}

/// The file name of a process's program. The kernel reports a program file that has been replaced as `backend (deleted)`.
fn program_name(process: &str) -> Option<String> {
    let file = fs::read_link(format!("/proc/{process}/exe")).ok()?;
    let name = file.file_name()?.to_str()?;
    Some(name.strip_suffix(" (deleted)").unwrap_or(name).to_owned())
}

#[cfg(test)]
mod tests;
