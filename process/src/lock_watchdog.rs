//! Frees a SQLite database's write lock from a process of ours that was stopped while it held it.
//!
//! A process that is stopped (`kill -STOP`, Ctrl-Z) in the middle of a commit keeps the lock for as long as it stands, and nobody
//! else can write: no replica could take an order, and no process keep its lease. To everybody else it is as good as dead by then:
//! its lease runs out, its requests have moved on. It is made dead, which loses nothing, and the system gives the lock back. The same
//! where it stands while it has its turn to make the files, for which others that start wait. Linux only: elsewhere nobody is found,
//! and writes fail until it goes on.

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

/// The byte of a database's index (`-shm`) whose lock is the right to write: <https://sqlite.org/walformat.html>, 2.3.
const WRITE_LOCK_BYTE: u64 = 120;
/// A look takes some tens of microseconds.
const LOOK_EVERY: Duration = Duration::from_millis(20);
/// The programs that may be ended, beside the one that looks.
const OURS: [&str; 2] = ["backend", "server"];

/// Looks who holds the locks for as long as it lives, on a thread of its own: they are free again before the first request that the
/// stopped process had in hand has moved on to another.
pub struct LockWatchdog {
    /// The thread ends with it.
    _living: mpsc::Sender<()>,
    _thread: OwnedThread,
}

impl LockWatchdog {
    /// Watches these databases, which need not be there yet. `ended` gets the number of each process that it has ended.
    ///
    /// # Errors
    /// If the system gives no thread.
    pub fn start(databases: &[PathBuf], ended: impl Fn(u32) + Send + 'static) -> io::Result<Self> {
        let watched = Watched::of(databases);
        let (living, life) = mpsc::channel();
        let thread = OwnedThread::start("lock-watchdog", move || {
            while life.recv_timeout(LOOK_EVERY) == Err(RecvTimeoutError::Timeout) {
                end_stopped_holders(&watched).into_iter().for_each(&ended);
            }
        })?;
        Ok(Self {
            _living: living,
            _thread: thread,
        })
    }
}

/// The folder whose lock is the turn to make a database's files.
#[must_use]
pub fn creation_lock_folder(database: &Path) -> &Path {
    match database.parent() {
        Some(folder) if !folder.as_os_str().is_empty() => folder,
        _ => Path::new("."),
    }
}

/// What of the databases must not stay locked.
struct Watched {
    indexes: Vec<PathBuf>,
    folders: BTreeSet<PathBuf>,
}

impl Watched {
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

/// Ends the processes that hold what is watched if they are ours and stopped; tells which ones that were.
fn end_stopped_holders(watched: &Watched) -> BTreeSet<u32> {
    let inode = |path: &PathBuf| Some(fs::metadata(path).ok()?.ino());
    let indexes: Vec<u64> = watched.indexes.iter().filter_map(inode).collect();
    let folders: Vec<u64> = watched.folders.iter().filter_map(inode).collect();
    let locks = fs::read_to_string("/proc/locks").unwrap_or_default();
    holders(&locks, &indexes, &folders)
        .filter(|holder| is_stopped_and_ours(*holder))
        .collect::<BTreeSet<i32>>()
        .into_iter()
        .filter_map(end)
        .collect()
}

fn is_stopped_and_ours(process_id: i32) -> bool {
    let state = fs::read_to_string(format!("/proc/{process_id}/stat"));
    state.is_ok_and(|state| is_stopped(&state))
        && program(&process_id.to_string()).is_some_and(|name| is_ours(&name))
}

fn end(process_id: i32) -> Option<u32> {
    let ended = Pid::from_raw(process_id)
        .is_some_and(|process| kill_process(process, Signal::KILL).is_ok());
    tracing::warn!(
        process_id,
        ended,
        "a stopped process held a database's lock; it is ended, so that the others can write"
    );
    ended.then_some(process_id.unsigned_abs())
}

fn is_ours(name: &str) -> bool {
    OURS.contains(&name) || program("self").is_some_and(|own| own == name)
}

/// The processes that hold the write lock of an index, or the lock of a folder, with one of these inodes, from the system's list of
/// locks: lines such as `3: POSIX  ADVISORY  WRITE 708 fd:00:1234 120 120`, where an arrow before the kind marks one that only waits.
fn holders<'a>(
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
        let file = words.next()?.rsplit(':').next()?.parse::<u64>().ok()?;
        let holds = match kind {
            "POSIX" => {
                let from: u64 = words.next()?.parse().ok()?;
                let to: u64 = words.next()?.parse().ok()?;
                indexes.contains(&file) && (from..=to).contains(&WRITE_LOCK_BYTE)
            }
            "FLOCK" => folders.contains(&file),
            _ => false,
        };
        holds.then_some(process_id)
    })
}

/// From `/proc/PID/stat`: the state stands behind the name, which may itself hold spaces and brackets. `t`, held by a
/// debugger, is somebody at work and no fault.
fn is_stopped(stat: &str) -> bool {
    stat.rsplit_once(") ")
        .is_some_and(|(_, rest)| rest.starts_with('T'))
}

/// The name of a process's program; a file that was replaced meanwhile is told as `backend (deleted)`.
fn program(process: &str) -> Option<String> {
    let file = fs::read_link(format!("/proc/{process}/exe")).ok()?;
    let name = file.file_name()?.to_str()?;
    Some(name.strip_suffix(" (deleted)").unwrap_or(name).to_owned())
}

#[cfg(test)]
mod tests;
