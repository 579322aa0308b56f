//! One real process of a test: started, observed through `/proc`, signalled and ended by its process id.

use std::collections::HashMap;
use std::fs::File;
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::time::Duration;

use anyhow::{Context, bail};
use process::shutdown::EXIT_WITH_STDIN;
use rustix::process::{
    Pid, Resource, Rlimit, Signal, WaitId, WaitIdOptions, kill_process, prlimit, waitid,
};
use tokio::io::{AsyncBufReadExt, BufReader, Lines};
use tokio::process::{Child as Process, ChildStdin, ChildStdout, Command};
use tokio::time::timeout;

use crate::procfs::{self, ProcessStat};

/// Start deadline for a debug build on a busy machine with two cores.
const START_DEADLINE: Duration = Duration::from_secs(60);

/// A running process, killed when dropped.
pub struct Child {
    process: Process,
    /// Held open: the process exits when it closes, so that it cannot outlive a crashed test.
    _stdin: Option<ChildStdin>,
    _stdout: Lines<BufReader<ChildStdout>>,
    /// The address that it serves at: `127.0.0.1:40123` or `http://127.0.0.1:8080`.
    pub address: String,
    /// The lines that it printed before it served.
    pub printed: Vec<String>,
}

impl Child {
    /// Starts `program` from the folder of built binaries and waits until it prints `… serves at ADDRESS`. Its standard error is
    /// appended to the file `log`.
    ///
    /// # Errors
    /// If it cannot be started, or ends before it serves; the message includes its log.
    pub async fn start(
        program: &str,
        arguments: &[String],
        environment: &HashMap<String, String>,
        log: &Path,
    ) -> anyhow::Result<Self> {
        let path = binary_folder()?.join(program);
        if !path.exists() {
            bail!(
                "{} is not built; run `cargo build -p {program}`",
                path.display()
            );
        }
        let stderr = File::options().create(true).append(true).open(log)?;
        // SIGXFSZ is ignored, so that a write over RLIMIT_FSIZE fails as on a full disk instead of ending the process.
        let mut process = Command::new("/bin/sh")
            .args(["-c", "trap '' XFSZ; exec \"$0\" \"$@\""])
            .arg(&path)
            .args(arguments)
            .envs(environment)
            .env(EXIT_WITH_STDIN, "1")
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(stderr)
            .kill_on_drop(true)
            .spawn()
            .with_context(|| format!("cannot start {}", path.display()))?;
        let mut stdout =
            BufReader::new(process.stdout.take().context("stdout is not piped")?).lines();
        let mut printed = Vec::new();
        let address = timeout(START_DEADLINE, async {
            while let Some(line) = stdout.next_line().await? {
                if let Some((_, address)) = line.split_once(" serves at ") {
                    return Ok(address.trim().to_owned());
                }
                printed.push(line);
            }
            let log = std::fs::read_to_string(log).unwrap_or_default();
            bail!("{program} ended before it served; its log:\n{log}")
        })
        .await
        .with_context(|| format!("{program} did not serve in time"))??;
        Ok(Self {
            _stdin: process.stdin.take(),
            process,
            _stdout: stdout,
            address,
            printed,
        })
    }

    /// Sends a signal.
    ///
    /// # Errors
    /// If the process has ended.
    pub fn signal(&self, signal: Signal) -> anyhow::Result<()> {
        kill_process(self.pid()?, signal).context("cannot signal the process")
    }

    /// Returns the process id.
    ///
    /// # Errors
    /// If the process has ended.
    pub fn pid(&self) -> anyhow::Result<Pid> {
        let id = self.process.id().context("the process has ended")?;
        Pid::from_raw(i32::try_from(id)?).context("the process id is zero")
    }

    /// Makes every later write of the process to a file fail (`RLIMIT_FSIZE` of zero), or allows them again.
    ///
    /// # Errors
    /// If the process has ended.
    pub fn set_disk_full(&self, full: bool) -> anyhow::Result<()> {
        let limit = Rlimit {
            current: full.then_some(0),
            maximum: None,
        };
        prlimit(Some(self.pid()?), Resource::Fsize, limit)
            .map(|_| ())
            .context("cannot limit the process")
    }

    /// Reads a file of `/proc/PID`.
    ///
    /// # Errors
    /// If the process has ended.
    pub fn read_proc_file(&self, file: &str) -> anyhow::Result<String> {
        let path = format!("/proc/{}/{file}", self.pid()?.as_raw_nonzero());
        std::fs::read_to_string(&path).with_context(|| format!("cannot read {path}"))
    }

    /// Reads the process's `/proc/PID/stat`.
    ///
    /// # Errors
    /// If the process has ended and was collected.
    pub fn stat(&self) -> anyhow::Result<ProcessStat> {
        ProcessStat::parse(&self.read_proc_file("stat")?)
    }

    /// Returns whether the process has ended, and collects it.
    ///
    /// # Errors
    /// If the system call fails.
    pub fn has_ended(&mut self) -> anyhow::Result<bool> {
        Ok(self.process.try_wait()?.is_some())
    }

    /// Returns the resident memory in kilobytes.
    ///
    /// # Errors
    /// If the process has ended.
    pub fn memory_kb(&self) -> anyhow::Result<u64> {
        procfs::resident_kb(&self.read_proc_file("status")?)
    }

    /// Sends SIGKILL and waits for the end of the process.
    ///
    /// # Errors
    /// If it has already ended.
    pub async fn kill(mut self) -> anyhow::Result<()> {
        self.signal(Signal::KILL)?;
        self.process.wait().await?;
        Ok(())
    }

    /// Sends SIGTERM, waits for the end of the process, and returns whether it exited with success.
    ///
    /// # Errors
    /// If it has already ended.
    pub async fn terminate(mut self) -> anyhow::Result<bool> {
        self.signal(Signal::TERM)?;
        Ok(self.process.wait().await?.success())
    }
}

impl Drop for Child {
    /// Kills the process and blocks until it has ended: a folder that is removed afterwards must not be written to any more.
    fn drop(&mut self) {
        if let Ok(pid) = self.pid()
            && self.signal(Signal::KILL).is_ok()
        {
            wait_without_collecting(pid);
        }
    }
}

/// Blocks until a child process has ended and leaves the collecting to the runtime.
pub fn wait_without_collecting(pid: Pid) {
    // Fails only where the runtime has collected it already.
    let _ = waitid(
        WaitId::Pid(pid),
        WaitIdOptions::EXITED | WaitIdOptions::NOWAIT,
    );
}

/// Runs `program` from the folder of built binaries to its end, and returns its standard output.
///
/// # Errors
/// If it cannot be started or fails; the message includes its standard error.
pub async fn run(
    program: &str,
    arguments: &[&str],
    environment: &HashMap<String, String>,
) -> anyhow::Result<String> {
    let output = Command::new(binary_folder()?.join(program))
        .args(arguments)
        .envs(environment)
        .stdin(Stdio::null())
        .kill_on_drop(true)
        .output();
    let output = timeout(START_DEADLINE, output)
        .await
        .with_context(|| format!("{program} did not end in time"))??;
    if !output.status.success() {
        bail!("{program}: {}", String::from_utf8_lossy(&output.stderr));
    }
    Ok(String::from_utf8(output.stdout)?)
}

/// Returns the folder of the built `backend` and `server`: `TIFFIN_BINARIES`, or the one that this program was built into.
fn binary_folder() -> anyhow::Result<PathBuf> {
    if let Some(folder) = std::env::var_os("TIFFIN_BINARIES") {
        return Ok(PathBuf::from(folder));
    }
    let own = std::env::current_exe()?;
    let folder = own.parent().context("the program has no parent folder")?;
    // cargo builds tests into the subfolder `deps`.
    let folder = if folder.ends_with("deps") {
        folder.parent().context("`deps` has no parent folder")?
    } else {
        folder
    };
    Ok(folder.to_path_buf())
}
