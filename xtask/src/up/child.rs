//! One supervised process: how to start it, whether it runs, and how to end it by its process id. Knows nothing of the other
//! processes.

use std::fs::OpenOptions;
use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, ExitStatus, Stdio};
use std::sync::mpsc::Sender;
use std::thread;
use std::time::{Duration, Instant};

use anyhow::Context;
use rustix::process::{Pid, Signal, kill_process};

use super::watchdog::{HANG_TIMEOUT, Watchdog};
use crate::command;

/// Interval of the checks whether a process has ended.
const EXIT_POLL_INTERVAL: Duration = Duration::from_millis(20);

/// How to start a process, the first time and after each end.
pub struct ProcessSpec {
    pub name: String,
    pub program: PathBuf,
    pub arguments: Vec<String>,
    /// File for the process's standard error.
    pub log: PathBuf,
}

/// A line that a process printed, or the end of its output.
pub struct OutputLine {
    pub name: String,
    pub line: Option<String>,
}

/// A process that was started and whose end has not been seen yet.
pub struct ChildProcess {
    child: Child,
    /// Held open: the process ends when it closes, even if the supervisor is killed.
    _stdin: Option<ChildStdin>,
    watchdog: Watchdog,
    pub started: Instant,
}

impl ProcessSpec {
    pub fn start(&self, lines: &Sender<OutputLine>) -> anyhow::Result<ChildProcess> {
        let log = OpenOptions::new()
            .create(true)
            .append(true)
            .open(&self.log)
            .with_context(|| format!("cannot write {}", self.log.display()))?;
        let watchdog = Watchdog::bind(&self.name)?;
        let mut child = command::program(&self.program)
            .args(&self.arguments)
            .env("TIFFIN_EXIT_WITH_STDIN", "1")
            .env("NOTIFY_SOCKET", watchdog.path())
            .env("WATCHDOG_USEC", HANG_TIMEOUT.as_micros().to_string())
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(log)
            .spawn()
            .with_context(|| format!("cannot start {}", self.program.display()))?;
        if let Some(stdout) = child.stdout.take() {
            let (name, lines) = (self.name.clone(), lines.clone());
            thread::spawn(move || {
                for line in BufReader::new(stdout).lines().map_while(Result::ok) {
                    let _ = lines.send(OutputLine {
                        name: name.clone(),
                        line: Some(line),
                    });
                }
                let _ = lines.send(OutputLine { name, line: None });
            });
        }
        Ok(ChildProcess {
            _stdin: child.stdin.take(),
            child,
            watchdog,
            started: Instant::now(),
        })
    }
}

impl ChildProcess {
    /// Returns the exit status if the process has ended.
    pub fn exit_status(&mut self) -> anyhow::Result<Option<ExitStatus>> {
        Ok(self.child.try_wait()?)
    }

    /// Kills the process if it hangs; returns whether it did.
    pub fn kill_if_hung(&mut self) -> anyhow::Result<bool> {
        let hangs = self.watchdog.hangs(Instant::now());
        if hangs {
            self.child.kill()?;
        }
        Ok(hangs)
    }

    /// Requests a graceful end.
    pub fn terminate(&self) {
        if let Some(pid) = i32::try_from(self.child.id()).ok().and_then(Pid::from_raw) {
            // Fails only if the process has ended already.
            let _ = kill_process(pid, Signal::TERM);
        }
    }

    /// Waits for the end of the process until `deadline`, then kills it.
    pub fn wait_or_kill(&mut self, deadline: Instant) {
        while Instant::now() < deadline {
            if !matches!(self.child.try_wait(), Ok(None)) {
                return;
            }
            thread::sleep(EXIT_POLL_INTERVAL);
        }
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Reads the last lines of a log, for the message about a process that did not start.
pub fn read_tail(log: &Path, lines: usize) -> String {
    let text = std::fs::read_to_string(log).unwrap_or_default();
    let all: Vec<&str> = text.lines().collect();
    all[all.len().saturating_sub(lines)..].join("\n")
}
