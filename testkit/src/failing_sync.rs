//! A process whose disk does not take what it has written: every `fsync` fails, as on a disk that dies. `strace` does it.

use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::time::Duration;

use anyhow::{Context, bail};
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
    /// Whether this machine has what it takes.
    pub async fn possible() -> bool {
        let asked = Command::new("strace")
            .arg("--version")
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .status();
        asked.await.is_ok_and(|status| status.success())
    }

    /// Begins; `told` is the file for what was made to fail.
    ///
    /// # Errors
    /// If this machine does not let one process trace another.
    pub async fn begin(process: Pid, told: &Path) -> anyhow::Result<Self> {
        let process = process.as_raw_nonzero();
        let mut strace = Command::new("strace")
            .args(["-f", "-qq", "-p", &process.to_string()])
            .args(["-e", "trace=fsync,fdatasync"])
            .args(["-e", "inject=fsync,fdatasync:error=EIO"])
            .arg("-o")
            .arg(told)
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .kill_on_drop(true)
            .spawn()
            .context("strace does not start")?;
        let status = format!("/proc/{process}/status");
        wait::until("strace to attach", ATTACHES_WITHIN, || async {
            let status = std::fs::read_to_string(&status).ok()?;
            let tracer = status.lines().find(|line| line.starts_with("TracerPid:"))?;
            (!tracer.ends_with("\t0")).then_some(())
        })
        .await?;
        if let Some(status) = strace.try_wait()? {
            bail!("strace ended at once ({status})");
        }
        Ok(Self {
            strace,
            told: told.to_owned(),
        })
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
