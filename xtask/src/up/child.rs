//! One process under supervision: started, watched, ended by its process id.

use std::fs::OpenOptions;
use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, Command, ExitStatus, Stdio};
use std::sync::mpsc::Sender;
use std::thread;
use std::time::{Duration, Instant};

use anyhow::Context;
use rustix::process::{Pid, Signal, kill_process};

use super::watchdog::{PATIENCE, Watchdog};
use crate::command;

/// How to start it, once and again.
pub struct Recipe {
    pub name: String,
    pub program: PathBuf,
    pub arguments: Vec<String>,
    /// Gets its standard error.
    pub log: PathBuf,
}

/// A line that a child printed, or the end of its output.
pub struct Said {
    pub name: String,
    pub line: Option<String>,
}

pub struct Running {
    child: Child,
    /// Held open: the child ends when it closes, even where this process is killed.
    _stdin: Option<ChildStdin>,
    watchdog: Watchdog,
    pub started: Instant,
}

impl Recipe {
    pub fn start(&self, lines: &Sender<Said>) -> anyhow::Result<Running> {
        let log = OpenOptions::new()
            .create(true)
            .append(true)
            .open(&self.log)
            .with_context(|| format!("cannot write {}", self.log.display()))?;
        let watchdog = Watchdog::of(&self.name)?;
        let mut child = self
            .command()
            .env("NOTIFY_SOCKET", watchdog.path())
            .env("WATCHDOG_USEC", PATIENCE.as_micros().to_string())
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(log)
            .spawn()
            .with_context(|| format!("cannot start {}", self.program.display()))?;
        if let Some(stdout) = child.stdout.take() {
            let (name, lines) = (self.name.clone(), lines.clone());
            thread::spawn(move || {
                for line in BufReader::new(stdout).lines().map_while(Result::ok) {
                    let _ = lines.send(Said {
                        name: name.clone(),
                        line: Some(line),
                    });
                }
                let _ = lines.send(Said { name, line: None });
            });
        }
        Ok(Running {
            _stdin: child.stdin.take(),
            child,
            watchdog,
            started: Instant::now(),
        })
    }

    fn command(&self) -> Command {
        let mut command = command::program(&self.program);
        command
            .args(&self.arguments)
            .env("TIFFIN_EXIT_WITH_STDIN", "1");
        command
    }
}

impl Running {
    pub fn ended(&mut self) -> anyhow::Result<Option<ExitStatus>> {
        Ok(self.child.try_wait()?)
    }

    /// Kills it if it hangs; tells whether it did.
    pub fn end_if_it_hangs(&mut self) -> anyhow::Result<bool> {
        let hangs = self.watchdog.hangs(Instant::now());
        if hangs {
            self.child.kill()?;
        }
        Ok(hangs)
    }

    pub fn ask_to_end(&self) {
        if let Some(pid) = i32::try_from(self.child.id()).ok().and_then(Pid::from_raw) {
            // Fails only where it has ended already.
            let _ = kill_process(pid, Signal::TERM);
        }
    }

    /// Waits for its end until `deadline`, then kills it.
    pub fn end_by(&mut self, deadline: Instant) {
        while Instant::now() < deadline {
            if !matches!(self.child.try_wait(), Ok(None)) {
                return;
            }
            thread::sleep(Duration::from_millis(20));
        }
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// The last lines of a log, for the person who sees that something did not start.
pub fn tail(log: &Path, lines: usize) -> String {
    let text = std::fs::read_to_string(log).unwrap_or_default();
    let all: Vec<&str> = text.lines().collect();
    all[all.len().saturating_sub(lines)..].join("\n")
}
