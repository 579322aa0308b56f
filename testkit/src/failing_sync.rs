//! A process whose disk does not take what it has written: every `fsync` fails, as on a disk that dies. `strace` does it.

use std::fmt::Display;
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::time::Duration;

use anyhow::Context;
use rustix::process::{Pid, Signal, kill_process};
use tokio::process::{Child, Command};

use crate::wait;

const ATTACHES_WITHIN: Duration = Duration::from_secs(10);

/// Lasts until it is ended.
pub struct FailingSync {
    strace: Child,
    told: PathBuf,
}

impl FailingSync {
    /// Begins; `told` is the file for what was made to fail. Nothing where there is no `strace`, or where it may not trace.
    ///
    /// # Errors
    /// If it neither attaches nor ends.
    pub async fn begin(process: Pid, told: &Path) -> anyhow::Result<Option<Self>> {
        let process = process.as_raw_nonzero();
        let spawned = Command::new("strace")
            .args(["-f", "-qq", "-p", &process.to_string()])
            .args(["-e", "trace=fsync,fdatasync"])
            .args(["-e", "inject=fsync,fdatasync:error=EIO"])
            .arg("-o")
            .arg(told)
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .kill_on_drop(true)
            .spawn();
        let Ok(mut strace) = spawned else {
            return Ok(None);
        };
        let attached = wait::until("strace to attach", ATTACHES_WITHIN, || {
            let ended = !matches!(strace.try_wait(), Ok(None));
            let seen = if ended {
                Some(false)
            } else {
                is_traced(process).then_some(true)
            };
            std::future::ready(seen)
        });
        Ok(attached.await?.then(|| Self {
            strace,
            told: told.to_owned(),
        }))
    }

    /// How many calls were made to fail.
    #[must_use]
    pub fn failed(&self) -> u64 {
        let told = std::fs::read_to_string(&self.told).unwrap_or_default();
        told.lines()
            .filter(|line| line.contains("(INJECTED)"))
            .count() as u64
    }

    /// Lets go of the process.
    ///
    /// # Errors
    /// If it does not.
    pub async fn end(mut self) -> anyhow::Result<()> {
        if let Some(id) = self.strace.id() {
            let strace = Pid::from_raw(i32::try_from(id)?).context("a process id")?;
            kill_process(strace, Signal::INT)?;
        }
        self.strace.wait().await?;
        Ok(())
    }
}

fn is_traced(process: impl Display) -> bool {
    let status = std::fs::read_to_string(format!("/proc/{process}/status")).unwrap_or_default();
    let tracer = status
        .lines()
        .find_map(|line| line.strip_prefix("TracerPid:"));
    tracer.is_some_and(|tracer| tracer.trim() != "0")
}
