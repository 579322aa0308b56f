//! The supervisor of an installation: starts the replicas and the front-end servers, restarts those that end or hang, and ends all of
//! them at Ctrl-C or when the program ends that was started on top of them. Knows nothing of builds.

use std::collections::BTreeSet;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::process::{Child, ExitStatus};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{self, Receiver, RecvTimeoutError, Sender};
use std::time::{Duration, Instant};

use anyhow::{Context, bail};

use super::child::{ChildProcess, OutputLine, ProcessSpec, read_tail};
use super::watchdog::HANG_TIMEOUT;

/// Time for a replica to open and migrate its store on a slow disk.
const START_TIMEOUT: Duration = Duration::from_secs(30);
/// Time for orders in flight to be completed; then processes are killed.
const STOP_TIMEOUT: Duration = Duration::from_secs(15);
const CHECK_INTERVAL: Duration = Duration::from_millis(100);
/// Back-off of restarts, doubled at each: a process that repeatedly ends at once must not keep the machine busy.
const MIN_RESTART_DELAY: Duration = Duration::from_millis(500);
const MAX_RESTART_DELAY: Duration = Duration::from_secs(10);
/// Run time after which the back-off is reset, so that the next restart is immediate.
const BACKOFF_RESET_AFTER: Duration = Duration::from_secs(20);
/// Lines of the log in the message about a process that did not start.
const LOG_TAIL_LINES: usize = 8;

/// What to run, and where.
pub struct Plan {
    pub binaries: PathBuf,
    pub replicas: u16,
    /// Addresses of the front-end servers, the first server's first.
    pub addresses: Vec<SocketAddr>,
    pub data: PathBuf,
    pub logs: PathBuf,
}

/// Access to an installation whose processes all serve.
pub struct Installation {
    /// URL of a front-end server.
    pub url: String,
    /// The operator's password, if this start created it.
    pub password: Option<String>,
}

struct SupervisedProcess {
    spec: ProcessSpec,
    child: Option<ChildProcess>,
    restart_delay: Duration,
    restart_at: Instant,
}

/// The processes of an installation, and the lines that they print.
struct Supervisor {
    processes: Vec<SupervisedProcess>,
    line_sender: Sender<OutputLine>,
    lines: Receiver<OutputLine>,
    interrupted: Arc<AtomicBool>,
}

/// Runs the installation until Ctrl-C, or until the program ends that `on_ready` starts, if it does. Returns that program's exit status.
pub fn run(
    plan: &Plan,
    on_ready: impl FnOnce(&Installation) -> anyhow::Result<Option<Child>>,
) -> anyhow::Result<Option<ExitStatus>> {
    let interrupted = Arc::new(AtomicBool::new(false));
    for signal in [signal_hook::consts::SIGINT, signal_hook::consts::SIGTERM] {
        signal_hook::flag::register(signal, Arc::clone(&interrupted))
            .context("cannot listen for Ctrl-C")?;
    }
    let mut supervisor = Supervisor::new(plan, interrupted);
    let result = supervisor.run(on_ready);
    println!("\nStopping: orders in flight are completed first.");
    supervisor.stop();
    result
}

fn process_specs(plan: &Plan) -> Vec<ProcessSpec> {
    let data = plan.data.display().to_string();
    let replicas = (1..=plan.replicas).map(|number| {
        let name = format!("replica-{number}");
        ProcessSpec {
            program: plan.binaries.join("backend"),
            arguments: ["--data", &data, "--id", &name].map(str::to_owned).to_vec(),
            log: plan.logs.join(format!("{name}.log")),
            name,
        }
    });
    let servers = (1..).zip(&plan.addresses).map(|(number, address)| {
        let name = format!("server-{number}");
        let address = address.to_string();
        ProcessSpec {
            program: plan.binaries.join("server"),
            arguments: ["--data", &data, "--id", &name, "--listen", &address]
                .map(str::to_owned)
                .to_vec(),
            log: plan.logs.join(format!("{name}.log")),
            name,
        }
    });
    replicas.chain(servers).collect()
}

impl Supervisor {
    fn new(plan: &Plan, interrupted: Arc<AtomicBool>) -> Self {
        let (line_sender, lines) = mpsc::channel();
        Self {
            processes: process_specs(plan)
                .into_iter()
                .map(SupervisedProcess::new)
                .collect(),
            line_sender,
            lines,
            interrupted,
        }
    }

    fn run(
        &mut self,
        on_ready: impl FnOnce(&Installation) -> anyhow::Result<Option<Child>>,
    ) -> anyhow::Result<Option<ExitStatus>> {
        let Some(installation) = self.start()? else {
            return Ok(None);
        };
        let mut program = on_ready(&installation)?;
        loop {
            if self.is_interrupted() {
                return Ok(None);
            }
            let status = program.as_mut().map(Child::try_wait).transpose()?;
            if let Some(status) = status.flatten() {
                return Ok(Some(status));
            }
            if let Ok(OutputLine {
                line: Some(line), ..
            }) = self.lines.recv_timeout(CHECK_INTERVAL)
            {
                println!("{line}");
            }
            for process in &mut self.processes {
                process.check(&self.line_sender)?;
            }
        }
    }

    /// Starts all processes and waits until each has printed that it serves; returns `None` if Ctrl-C came first.
    fn start(&mut self) -> anyhow::Result<Option<Installation>> {
        for process in &mut self.processes {
            process.start(&self.line_sender)?;
        }
        let deadline = Instant::now() + START_TIMEOUT;
        let mut starting: BTreeSet<String> = self
            .processes
            .iter()
            .map(|process| process.spec.name.clone())
            .collect();
        let mut installation = Installation {
            url: String::new(),
            password: None,
        };
        while !starting.is_empty() {
            if self.is_interrupted() {
                return Ok(None);
            }
            if Instant::now() > deadline {
                bail!(
                    "{} did not start within {} s",
                    starting.into_iter().collect::<Vec<_>>().join(", "),
                    START_TIMEOUT.as_secs()
                );
            }
            match self.lines.recv_timeout(CHECK_INTERVAL) {
                Ok(OutputLine {
                    name,
                    line: Some(line),
                }) => {
                    if let Some(password) = line.strip_prefix("operator password: ") {
                        installation.password = Some(password.to_owned());
                    } else if let Some((_, address)) = line.split_once(" serves at ") {
                        if address.starts_with("http") {
                            installation.url = address.trim().trim_end_matches('/').to_owned();
                        }
                        starting.remove(&name);
                        println!("{line}");
                    }
                }
                Ok(OutputLine { name, line: None }) if starting.contains(&name) => {
                    return Err(self.start_failure(&name));
                }
                Ok(_) | Err(RecvTimeoutError::Timeout) => {}
                Err(RecvTimeoutError::Disconnected) => bail!("all processes ended at once"),
            }
        }
        Ok(Some(installation))
    }

    /// Describes a process that ended before it served.
    fn start_failure(&self, name: &str) -> anyhow::Error {
        let mut specs = self.processes.iter().map(|process| &process.spec);
        match specs.find(|spec| spec.name == name) {
            Some(spec) => anyhow::anyhow!(
                "{name} did not start; the end of its log, {}:\n{}",
                spec.log.display(),
                read_tail(&spec.log, LOG_TAIL_LINES)
            ),
            None => anyhow::anyhow!("{name} did not start"),
        }
    }

    /// Ends all processes. The front-end servers get the signal first, so that no request is sent to a replica that is ending.
    fn stop(&mut self) {
        let deadline = Instant::now() + STOP_TIMEOUT;
        let last_started_first = self.processes.iter_mut().rev();
        let mut children: Vec<&mut ChildProcess> = last_started_first
            .filter_map(|process| process.child.as_mut())
            .collect();
        for child in &children {
            child.terminate();
        }
        for child in &mut children {
            child.wait_or_kill(deadline);
        }
    }

    fn is_interrupted(&self) -> bool {
        self.interrupted.load(Ordering::Relaxed)
    }
}

impl SupervisedProcess {
    fn new(spec: ProcessSpec) -> Self {
        Self {
            spec,
            child: None,
            restart_delay: Duration::ZERO,
            restart_at: Instant::now(),
        }
    }

    fn start(&mut self, lines: &Sender<OutputLine>) -> anyhow::Result<()> {
        self.child = Some(self.spec.start(lines)?);
        Ok(())
    }

    /// Kills the process if it hangs; if it has ended, reports that and restarts it after its delay.
    fn check(&mut self, lines: &Sender<OutputLine>) -> anyhow::Result<()> {
        if let Some(child) = &mut self.child {
            let Some(status) = child.exit_status()? else {
                if child.kill_if_hung()? {
                    println!(
                        "{} sent no heartbeat for {} s and is killed",
                        self.spec.name,
                        HANG_TIMEOUT.as_secs()
                    );
                }
                return Ok(());
            };
            self.restart_delay = if child.started.elapsed() > BACKOFF_RESET_AFTER {
                Duration::ZERO
            } else {
                (self.restart_delay * 2).clamp(MIN_RESTART_DELAY, MAX_RESTART_DELAY)
            };
            self.restart_at = Instant::now() + self.restart_delay;
            self.child = None;
            println!(
                "{} ended ({status}); restarting it{}. Its log: {}",
                self.spec.name,
                if self.restart_delay.is_zero() {
                    String::new()
                } else {
                    format!(" in {:.1} s", self.restart_delay.as_secs_f32())
                },
                self.spec.log.display()
            );
        }
        if Instant::now() >= self.restart_at {
            self.start(lines)
        } else {
            Ok(())
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_replica_and_each_front_end_server_has_its_own_process() {
        let specs = process_specs(&Plan {
            binaries: "bin".into(),
            replicas: 2,
            addresses: ["127.0.0.1:8080", "127.0.0.1:8081"]
                .map(|address| address.parse().unwrap())
                .to_vec(),
            data: "data".into(),
            logs: "logs".into(),
        });
        let names: Vec<&str> = specs.iter().map(|spec| spec.name.as_str()).collect();
        assert_eq!(names, ["replica-1", "replica-2", "server-1", "server-2"]);
        let last = specs.last().unwrap();
        assert_eq!(
            last.arguments,
            [
                "--data",
                "data",
                "--id",
                "server-2",
                "--listen",
                "127.0.0.1:8081"
            ]
        );
    }
}
