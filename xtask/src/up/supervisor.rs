//! Starts the replicas and the front-end servers, starts again what dies or hangs, and ends all of it at Ctrl-C, or when what was
//! started on top of it ends.

use std::collections::BTreeSet;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::process::{Child, ExitStatus};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{self, Receiver, RecvTimeoutError, Sender};
use std::time::{Duration, Instant};

use anyhow::{Context, bail};

use super::child::{Recipe, Running, Said, tail};
use super::watchdog::PATIENCE;

/// Long enough for a replica to open and migrate its store on a slow disk.
const START_DEADLINE: Duration = Duration::from_secs(30);
/// Long enough for orders in flight to be finished.
const END_DEADLINE: Duration = Duration::from_secs(15);
const TICK: Duration = Duration::from_millis(100);
/// A process that dies at once again and again is started again more and more slowly.
const LONGEST_PAUSE: Duration = Duration::from_secs(10);
const HEALTHY_AFTER: Duration = Duration::from_secs(20);

pub struct Plan {
    pub binaries: PathBuf,
    pub replicas: u16,
    /// Of each front-end server, the first one's first.
    pub addresses: Vec<SocketAddr>,
    pub data: PathBuf,
    pub logs: PathBuf,
}

struct Process {
    recipe: Recipe,
    running: Option<Running>,
    pause: Duration,
    restart_at: Instant,
}

/// What can be said once all of them serve.
pub struct Started {
    /// Of the front-end server.
    pub url: String,
    /// The operator's, where this start made it.
    pub password: Option<String>,
}

/// Runs until Ctrl-C, or until the program ends that `begin` starts, if it does. Gives how that ended.
pub fn run(
    plan: &Plan,
    begin: impl FnOnce(&Started) -> anyhow::Result<Option<Child>>,
) -> anyhow::Result<Option<ExitStatus>> {
    let ended = Arc::new(AtomicBool::new(false));
    for signal in [signal_hook::consts::SIGINT, signal_hook::consts::SIGTERM] {
        signal_hook::flag::register(signal, Arc::clone(&ended))
            .context("cannot listen for Ctrl-C")?;
    }
    let (lines, said) = mpsc::channel();
    let mut processes: Vec<Process> = recipes(plan).into_iter().map(Process::new).collect();
    let outcome = start_all(&mut processes, &lines, &said, &ended).and_then(|started| {
        let Some(started) = started else {
            return Ok(None);
        };
        let mut on_top = begin(&started)?;
        keep_running(&mut processes, &lines, &said, || {
            if ended.load(Ordering::Relaxed) {
                return Ok(Some(None));
            }
            let over = on_top.as_mut().map(Child::try_wait).transpose()?;
            Ok(over.flatten().map(Some))
        })
    });
    println!("\nEnding: orders in flight are finished first.");
    end_all(&mut processes);
    outcome
}

fn recipes(plan: &Plan) -> Vec<Recipe> {
    let data = plan.data.display().to_string();
    let replicas = (1..=plan.replicas).map(|number| {
        let name = format!("replica-{number}");
        Recipe {
            program: plan.binaries.join("backend"),
            arguments: ["--data", &data, "--id", &name].map(str::to_owned).to_vec(),
            log: plan.logs.join(format!("{name}.log")),
            name,
        }
    });
    let servers = (1..).zip(&plan.addresses).map(|(number, address)| {
        let name = format!("server-{number}");
        let address = address.to_string();
        Recipe {
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

impl Process {
    fn new(recipe: Recipe) -> Self {
        Self {
            recipe,
            running: None,
            pause: Duration::ZERO,
            restart_at: Instant::now(),
        }
    }

    fn start(&mut self, lines: &Sender<Said>) -> anyhow::Result<()> {
        self.running = Some(self.recipe.start(lines)?);
        Ok(())
    }

    /// Ends it where it hangs; notes an end, says so, and starts it again after its pause.
    fn tend(&mut self, lines: &Sender<Said>) -> anyhow::Result<()> {
        if let Some(running) = &mut self.running {
            let Some(status) = running.ended()? else {
                if running.end_if_it_hangs()? {
                    println!(
                        "{} has not moved for {} s and is killed",
                        self.recipe.name,
                        PATIENCE.as_secs()
                    );
                }
                return Ok(());
            };
            self.pause = if running.started.elapsed() > HEALTHY_AFTER {
                Duration::ZERO
            } else {
                (self.pause * 2).clamp(Duration::from_millis(500), LONGEST_PAUSE)
            };
            self.restart_at = Instant::now() + self.pause;
            self.running = None;
            println!(
                "{} ended ({status}); starting it again{}. Its log: {}",
                self.recipe.name,
                if self.pause.is_zero() {
                    String::new()
                } else {
                    format!(" in {:.1} s", self.pause.as_secs_f32())
                },
                self.recipe.log.display()
            );
        }
        if Instant::now() >= self.restart_at {
            self.start(lines)
        } else {
            Ok(())
        }
    }
}

/// Starts all and waits until each says that it serves; `None` where Ctrl-C came first.
fn start_all(
    processes: &mut [Process],
    lines: &Sender<Said>,
    said: &Receiver<Said>,
    ended: &AtomicBool,
) -> anyhow::Result<Option<Started>> {
    for process in &mut *processes {
        process.start(lines)?;
    }
    let deadline = Instant::now() + START_DEADLINE;
    let mut waiting: BTreeSet<String> = processes
        .iter()
        .map(|process| process.recipe.name.clone())
        .collect();
    let (mut password, mut url) = (None, String::new());
    while !waiting.is_empty() {
        if ended.load(Ordering::Relaxed) {
            return Ok(None);
        }
        if Instant::now() > deadline {
            bail!(
                "{} did not start within {} s",
                names(&waiting),
                START_DEADLINE.as_secs()
            );
        }
        match said.recv_timeout(TICK) {
            Ok(Said {
                name,
                line: Some(line),
            }) => {
                if let Some(made) = line.strip_prefix("operator password: ") {
                    password = Some(made.to_owned());
                } else if let Some((_, address)) = line.split_once(" serves at ") {
                    if address.starts_with("http") {
                        url = address.trim().trim_end_matches('/').to_owned();
                    }
                    waiting.remove(&name);
                    println!("{line}");
                }
            }
            Ok(Said { name, line: None }) if waiting.contains(&name) => {
                let log = processes
                    .iter()
                    .find(|process| process.recipe.name == name)
                    .map(|process| &process.recipe.log);
                let log = log.context("a process that spoke is one of ours")?;
                bail!(
                    "{name} did not start; the end of its log, {}:\n{}",
                    log.display(),
                    tail(log, 8)
                );
            }
            Ok(_) | Err(RecvTimeoutError::Timeout) => {}
            Err(RecvTimeoutError::Disconnected) => bail!("every process ended at once"),
        }
    }
    Ok(Some(Started { url, password }))
}

/// Until `over` has something to give.
fn keep_running<T>(
    processes: &mut [Process],
    lines: &Sender<Said>,
    said: &Receiver<Said>,
    mut over: impl FnMut() -> anyhow::Result<Option<T>>,
) -> anyhow::Result<T> {
    loop {
        if let Some(over) = over()? {
            return Ok(over);
        }
        if let Ok(Said {
            line: Some(line), ..
        }) = said.recv_timeout(TICK)
        {
            println!("{line}");
        }
        for process in &mut *processes {
            process.tend(lines)?;
        }
    }
}

/// The server first, so that nobody is sent to a replica that is going; then the replicas, side by side.
fn end_all(processes: &mut [Process]) {
    let deadline = Instant::now() + END_DEADLINE;
    for process in processes.iter_mut().rev() {
        if let Some(running) = &process.running {
            running.ask_to_end();
        }
    }
    for process in processes.iter_mut().rev() {
        if let Some(running) = &mut process.running {
            running.end_by(deadline);
        }
    }
}

fn names(all: &BTreeSet<String>) -> String {
    all.iter()
        .map(String::as_str)
        .collect::<Vec<_>>()
        .join(", ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_replica_and_each_front_end_server_is_a_process_of_its_own() {
        let recipes = recipes(&Plan {
            binaries: "bin".into(),
            replicas: 2,
            addresses: ["127.0.0.1:8080", "127.0.0.1:8081"]
                .map(|address| address.parse().unwrap())
                .to_vec(),
            data: "data".into(),
            logs: "logs".into(),
        });
        let names: Vec<&str> = recipes.iter().map(|recipe| recipe.name.as_str()).collect();
        assert_eq!(names, ["replica-1", "replica-2", "server-1", "server-2"]);
        let last = recipes.last().unwrap();
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
