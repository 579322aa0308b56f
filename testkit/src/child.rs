//! One real process: started, spoken of by its own first lines, ended by its process id.

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

/// A debug build on a busy machine with two cores.
const START_DEADLINE: Duration = Duration::from_secs(60);

pub struct Child {
    process: Process,
    /// Held open: the process ends when it closes, however the test died.
    _stdin: Option<ChildStdin>,
    _stdout: Lines<BufReader<ChildStdout>>,
    /// Where it serves: `127.0.0.1:40123` or `http://127.0.0.1:8080`.
    pub address: String,
    /// What it printed before it served.
    pub printed: Vec<String>,
}

impl Child {
    /// Starts `program` from the folder of the built binaries and waits until it prints `… serves at ADDRESS`.
    ///
    /// # Errors
    /// If it cannot be started or ends before it serves; with the end of its log.
    pub async fn start(
        program: &str,
        arguments: &[String],
        environment: &HashMap<String, String>,
        log: &Path,
    ) -> anyhow::Result<Self> {
        let path = binaries()?.join(program);
        if !path.exists() {
            bail!(
                "{} is not built; run `cargo build -p {program}`",
                path.display()
            );
        }
        let stderr = File::options().create(true).append(true).open(log)?;
        // A write that a limit forbids is to fail as one on a full disk does, and not to end the process by a signal.
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
        let mut stdout = BufReader::new(process.stdout.take().context("a piped output")?).lines();
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

    /// Sends a signal by process id.
    ///
    /// # Errors
    /// If it has ended.
    pub fn signal(&self, signal: Signal) -> anyhow::Result<()> {
        kill_process(self.pid()?, signal).context("cannot signal the process")
    }

    /// # Errors
    /// If it has ended.
    pub fn pid(&self) -> anyhow::Result<Pid> {
        let id = self.process.id().context("the process has ended")?;
        Pid::from_raw(i32::try_from(id)?).context("a process id")
    }

    /// From now on every write of it to a file fails, or none does any more.
    ///
    /// # Errors
    /// If it has ended.
    pub fn deny_disk(&self, denied: bool) -> anyhow::Result<()> {
        let limit = Rlimit {
            current: denied.then_some(0),
            maximum: None,
        };
        prlimit(Some(self.pid()?), Resource::Fsize, limit)
            .map(|_| ())
            .context("cannot limit the process")
    }

    /// A file of `/proc` about it.
    ///
    /// # Errors
    /// If it has ended.
    pub fn proc(&self, file: &str) -> anyhow::Result<String> {
        let path = format!("/proc/{}/{file}", self.pid()?.as_raw_nonzero());
        std::fs::read_to_string(&path).with_context(|| format!("cannot read {path}"))
    }

    /// # Errors
    /// If the system does not say.
    pub fn has_ended(&mut self) -> anyhow::Result<bool> {
        Ok(self.process.try_wait()?.is_some())
    }

    /// Resident memory in kilobytes, as the kernel tells it.
    ///
    /// # Errors
    /// If it has ended.
    pub fn memory_kb(&self) -> anyhow::Result<u64> {
        memory_kb(&self.proc("status")?)
    }

    /// Kills it as a power cut would, and waits until it is gone.
    ///
    /// # Errors
    /// If it has ended already.
    pub async fn kill(mut self) -> anyhow::Result<()> {
        self.signal(Signal::KILL)?;
        self.process.wait().await?;
        Ok(())
    }

    /// Asks it to end, waits for that, and tells whether it ended well.
    ///
    /// # Errors
    /// If it has ended already.
    pub async fn terminate(mut self) -> anyhow::Result<bool> {
        self.signal(Signal::TERM)?;
        Ok(self.process.wait().await?.success())
    }
}

impl Drop for Child {
    /// Gone when this returns: whoever removes its folder next must not find it writing there.
    fn drop(&mut self) {
        if let Ok(pid) = self.pid()
            && self.signal(Signal::KILL).is_ok()
        {
            // Left for the runtime to collect.
            let _ = waitid(
                WaitId::Pid(pid),
                WaitIdOptions::EXITED | WaitIdOptions::NOWAIT,
            );
        }
    }
}

/// Runs `program` from the folder of the built binaries to its end, and gives what it printed.
///
/// # Errors
/// If it cannot be started or fails; with its errors.
pub async fn run(
    program: &str,
    arguments: &[&str],
    environment: &HashMap<String, String>,
) -> anyhow::Result<String> {
    let output = Command::new(binaries()?.join(program))
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

/// The folder with the built `backend` and `server`: where this program or test itself was built, or `TIFFIN_BINARIES`.
fn binaries() -> anyhow::Result<PathBuf> {
    if let Some(given) = std::env::var_os("TIFFIN_BINARIES") {
        return Ok(PathBuf::from(given));
    }
    let own = std::env::current_exe()?;
    let folder = own.parent().context("a program lies in a folder")?;
    // Tests are built one folder below.
    let folder = if folder.ends_with("deps") {
        folder.parent().context("deps lies in a folder")?
    } else {
        folder
    };
    Ok(folder.to_path_buf())
}

/// Resident memory in kilobytes, from `/proc/PID/status`.
///
/// # Errors
/// If it is not told there.
pub fn memory_kb(status: &str) -> anyhow::Result<u64> {
    let line = status
        .lines()
        .find_map(|line| line.strip_prefix("VmRSS:"))
        .context("no VmRSS in its status")?;
    Ok(line.trim().trim_end_matches(" kB").parse()?)
}
