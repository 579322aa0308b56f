//! Fault injection: every `fsync` of a process fails with `EIO`, as on a failing disk. `strace` injects the error.

use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::time::Duration;

use anyhow::Context;
use rustix::process::{Pid, Signal, kill_process};
use tokio::process::{Child, Command};

use crate::{procfs, wait};

const ATTACH_TIMEOUT: Duration = Duration::from_secs(10);

/// An `strace` that is attached to a process; the fault lasts until [`FsyncFault::remove`].
pub struct FsyncFault {
    strace: Child,
    log: PathBuf,
}

impl FsyncFault {
    /// Attaches `strace` to a process; the failed calls are logged to `log`. Returns `None` where `strace` is not installed or may
    /// not trace.
    ///
    /// # Errors
    /// If `strace` neither attaches nor ends in time.
    pub async fn inject(process: Pid, log: &Path) -> anyhow::Result<Option<Self>> {
        let process = process.as_raw_nonzero();
        let spawned = Command::new("strace")
            .args(["-f", "-qq", "-p", &process.to_string()])
            .args(["-e", "trace=fsync,fdatasync"])
            .args(["-e", "inject=fsync,fdatasync:error=EIO"])
            .arg("-o")
            .arg(log)
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .kill_on_drop(true)
            .spawn();
        let Ok(mut strace) = spawned else {
            return Ok(None);
        };
        let attached = wait::until("strace to attach", ATTACH_TIMEOUT, || {
            let strace_ended = !matches!(strace.try_wait(), Ok(None));
            let attached = if strace_ended {
                Some(false)
            } else {
                is_traced(process.get()).then_some(true)
            };
            std::future::ready(attached)
        });
        Ok(attached.await?.then(|| Self {
            strace,
            log: log.to_owned(),
        }))
    }

    /// Returns how many calls have failed so far.
    #[must_use]
    pub fn failed_calls(&self) -> u64 {
        let log = std::fs::read_to_string(&self.log).unwrap_or_default();
        log.lines()
            .filter(|line| line.contains("(INJECTED)"))
            .count() as u64
    }

    /// Detaches `strace`, so that calls succeed again.
    ///
    /// # Errors
    /// If `strace` cannot be signalled or waited for.
    pub async fn remove(mut self) -> anyhow::Result<()> {
        if let Some(id) = self.strace.id() {
            let strace = Pid::from_raw(i32::try_from(id)?).context("strace has no process id")?;
            kill_process(strace, Signal::INT)?;
        }
        self.strace.wait().await?;
        Ok(())
    }
}

fn is_traced(pid: i32) -> bool {
    let status = std::fs::read_to_string(format!("/proc/{pid}/status")).unwrap_or_default();
    procfs::status_field(&status, "TracerPid").is_some_and(|tracer| tracer != "0")
}
