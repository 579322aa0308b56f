//! Frees the database's write lock from a replica that was stopped while it held it.
//!
//! A process that is stopped (`kill -STOP`, Ctrl-Z) in the middle of a commit keeps the lock for as long as it stands, and no
//! other replica could take an order. To everybody else it is as good as dead by then: its lease runs out, its requests have
//! moved on. It is made dead, which loses nothing, and the system gives the lock back. Linux only: elsewhere nobody is found,
//! and writes are refused until it goes on.

use std::ffi::OsString;
use std::fs;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};
use std::sync::mpsc::{self, RecvTimeoutError};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use model::status::EndedProcess;
use rustix::process::{Pid, Signal, kill_process};

use super::thread::Thread;
use crate::store::StoreError;

/// The byte of the log's index (`-shm`) whose lock is the right to write: <https://sqlite.org/walformat.html>, 2.3.
const WRITE_LOCK_BYTE: u64 = 120;

/// A look takes some tens of microseconds.
const LOOK_EVERY: Duration = Duration::from_millis(20);

pub(super) struct LockHolder {
    log_index: PathBuf,
}

/// Those that were ended, to be told.
type Ended = Mutex<Option<EndedProcess>>;

/// Looks who holds the lock for as long as it lives, on a thread of its own: the lock is free again before the first order that the
/// stopped replica had in hand has moved on to another.
pub(super) struct LockGuard {
    ended: Arc<Ended>,
    /// The thread ends with it.
    _living: mpsc::Sender<()>,
    _thread: Thread,
}

impl LockGuard {
    pub(super) fn start(holder: LockHolder) -> Result<Self, StoreError> {
        let ended = Arc::new(Ended::default());
        let (living, life) = mpsc::channel();
        let told = Arc::clone(&ended);
        let thread = Thread::start("store-guard", move || guard(&holder, &told, &life))?;
        Ok(Self {
            ended,
            _living: living,
            _thread: thread,
        })
    }

    /// The one that was ended last.
    pub(super) fn ended(&self) -> Option<EndedProcess> {
        *self.ended.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn guard(holder: &LockHolder, ended: &Ended, life: &mpsc::Receiver<()>) {
    while life.recv_timeout(LOOK_EVERY) == Err(RecvTimeoutError::Timeout) {
        // From before it is ended: who finds the lock free finds it told, too.
        let mut last = ended.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(process_id) = holder.end_if_stopped() {
            let count = last.map_or(0, |last| last.count) + 1;
            *last = Some(EndedProcess { process_id, count });
        }
    }
}

impl LockHolder {
    pub(super) fn of(database: &Path) -> Self {
        let mut name = OsString::from(database);
        name.push("-shm");
        Self {
            log_index: PathBuf::from(name),
        }
    }

    /// Ends the process that holds the write lock if it is a replica and stopped; tells which one that was.
    pub(super) fn end_if_stopped(&self) -> Option<u32> {
        let process_id = self.stopped_replica()?;
        let ended = Pid::from_raw(process_id)
            .is_some_and(|process| kill_process(process, Signal::KILL).is_ok());
        tracing::warn!(
            process_id,
            ended,
            "a stopped replica held the store's lock; it is ended, so that the others can write"
        );
        ended.then_some(process_id.unsigned_abs())
    }

    fn stopped_replica(&self) -> Option<i32> {
        let inode = fs::metadata(&self.log_index).ok()?.ino();
        let holder = holder(&fs::read_to_string("/proc/locks").ok()?, inode)?;
        let stopped = is_stopped(&fs::read_to_string(format!("/proc/{holder}/stat")).ok()?);
        (stopped && program(&holder.to_string())? == program("self")?).then_some(holder)
    }
}

/// The process that holds the write lock on the file with this inode, from the system's list of locks: lines such as
/// `3: POSIX  ADVISORY  WRITE 708 fd:00:1234 120 120`, where an arrow before the kind marks one that only waits.
fn holder(locks: &str, inode: u64) -> Option<i32> {
    locks.lines().find_map(|line| {
        let mut words = line.split_whitespace().skip(1);
        if words.next()? != "POSIX" || words.nth(1)? != "WRITE" {
            return None;
        }
        let process_id = words.next()?.parse().ok()?;
        let file = words.next()?.rsplit(':').next()?.parse::<u64>().ok()?;
        let from: u64 = words.next()?.parse().ok()?;
        let to: u64 = words.next()?.parse().ok()?;
        (file == inode && (from..=to).contains(&WRITE_LOCK_BYTE)).then_some(process_id)
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
mod tests {
    use super::*;

    const LOCKS: &str = "\
1: FLOCK  ADVISORY  WRITE 11 fd:00:77 0 EOF
2: POSIX  ADVISORY  READ 12 fd:00:77 123 123
3: POSIX  ADVISORY  WRITE 13 fd:00:78 120 120
4: POSIX  ADVISORY  WRITE 14 fd:00:77 121 121
4: -> POSIX  ADVISORY  WRITE 15 fd:00:77 120 120
5: POSIX  ADVISORY  WRITE 16 fd:00:77 120 121
";

    #[test]
    fn the_holder_is_found_by_file_kind_and_byte() {
        assert_eq!(holder(LOCKS, 77), Some(16));
        assert_eq!(holder(LOCKS, 78), Some(13));
        assert_eq!(holder(LOCKS, 79), None);
        assert_eq!(holder("nonsense\n\n", 77), None);
    }

    #[test]
    fn stopped_is_told_from_running_sleeping_and_debugged() {
        assert!(is_stopped("7 (back (e) nd) T 1 7"));
        for other in ["7 (T) S 1", "7 (backend) R 1", "7 (backend) t 1", ""] {
            assert!(!is_stopped(other), "{other}");
        }
    }
}
