//! What stands in front of the replicas: Tiffin's front-end server, or a proxy of Debian's with the same task, tuned by hand.

use std::collections::HashMap;
use std::fmt::Write as _;
use std::net::SocketAddr;
use std::path::Path;
use std::process::Stdio;
use std::time::Duration;

use anyhow::Context;
use rustix::process::{Pid, Signal, WaitId, WaitIdOptions, kill_process, waitid};
use testkit::child::{self, Child};
use testkit::wait;
use tokio::net::{TcpListener, TcpStream};
use tokio::process::{Child as Process, Command};

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    Tiffin,
    HaProxy,
    Nginx,
}

pub enum Front {
    Tiffin(Child),
    Proxy(Proxy),
}

/// A proxy's process, asked to end when dropped: killed, its workers would live on.
pub struct Proxy {
    process: Process,
    address: SocketAddr,
}

impl Drop for Proxy {
    fn drop(&mut self) {
        let id = self.process.id().and_then(|id| i32::try_from(id).ok());
        let Some(pid) = id.and_then(Pid::from_raw) else {
            return;
        };
        if kill_process(pid, Signal::TERM).is_ok() {
            // Left for the runtime to collect.
            let _ = waitid(
                WaitId::Pid(pid),
                WaitIdOptions::EXITED | WaitIdOptions::NOWAIT,
            );
        }
    }
}

/// Where Debian puts them.
const HAPROXY: &str = "/usr/sbin/haproxy";
const NGINX: &str = "/usr/sbin/nginx";

impl Kind {
    pub fn name(self) -> &'static str {
        match self {
            Self::Tiffin => "Tiffin",
            Self::HaProxy => "HAProxy",
            Self::Nginx => "nginx",
        }
    }

    /// Tiffin, and the proxies that are installed; says which are not.
    pub fn present() -> Vec<Self> {
        let mut present = vec![Self::Tiffin];
        for (kind, program) in [(Self::HaProxy, HAPROXY), (Self::Nginx, NGINX)] {
            if Path::new(program).exists() {
                present.push(kind);
            } else {
                println!(
                    "{} is left out: {program} is not there (apt install haproxy nginx-light)",
                    kind.name()
                );
            }
        }
        present
    }

    /// Starts it in front of `replicas`, with the files that it needs in `folder`.
    pub async fn start(
        self,
        replicas: &[String],
        credential: &str,
        environment: &HashMap<String, String>,
        folder: &Path,
    ) -> anyhow::Result<Front> {
        let port = free_port().await?;
        let address = SocketAddr::from(([127, 0, 0, 1], port));
        let (program, arguments, configuration) = match self {
            Self::Tiffin => {
                let listen = ["--listen".to_owned(), address.to_string()];
                let log = folder.join("server.log");
                let child = Child::start("server", &listen, environment, &log).await?;
                return Ok(Front::Tiffin(child));
            }
            Self::HaProxy => {
                let file = folder.join("haproxy.cfg");
                let arguments = vec!["-db".to_owned(), "-f".to_owned(), text(&file)];
                (
                    HAPROXY,
                    arguments,
                    (file, haproxy(port, replicas, credential)),
                )
            }
            Self::Nginx => {
                let file = folder.join("nginx.conf");
                let prefix = text(folder);
                let arguments = ["-p", &prefix, "-e", "stderr", "-c", &text(&file)];
                let arguments = arguments.map(str::to_owned).to_vec();
                (NGINX, arguments, (file, nginx(port, replicas, credential)))
            }
        };
        std::fs::write(&configuration.0, configuration.1)?;
        let log = std::fs::File::create(folder.join("proxy.log"))?;
        let process = Command::new(program)
            .args(arguments)
            .stdin(Stdio::null())
            .stdout(log.try_clone()?)
            .stderr(log)
            .kill_on_drop(true)
            .spawn()
            .with_context(|| format!("cannot start {program}"))?;
        let serves = wait::until(self.name(), Duration::from_secs(10), || async {
            TcpStream::connect(address).await.ok()
        });
        serves.await.with_context(|| {
            std::fs::read_to_string(folder.join("proxy.log")).unwrap_or_default()
        })?;
        Ok(Front::Proxy(Proxy { process, address }))
    }
}

impl Front {
    pub fn address(&self) -> anyhow::Result<SocketAddr> {
        match self {
            Self::Tiffin(child) => Ok(child.address.trim_start_matches("http://").parse()?),
            Self::Proxy(proxy) => Ok(proxy.address),
        }
    }

    fn process_id(&self) -> anyhow::Result<i32> {
        Ok(match self {
            Self::Tiffin(child) => child.pid()?.as_raw_nonzero().get(),
            Self::Proxy(proxy) => proxy.process.id().context("it has ended")?.try_into()?,
        })
    }

    /// Resident, in kilobytes; without the workers that it started.
    pub fn memory_kb(&self) -> anyhow::Result<u64> {
        child::memory_kb(&std::fs::read_to_string(format!(
            "/proc/{}/status",
            self.process_id()?
        ))?)
    }

    /// Of the process and of the workers that it started, in user and kernel mode.
    pub fn cpu_time(&self) -> anyhow::Result<Duration> {
        let main = self.process_id()?;
        let mut ticks = 0;
        for entry in std::fs::read_dir("/proc")? {
            // Not a process, or one that ended just now.
            let Ok(stat) = std::fs::read_to_string(entry?.path().join("stat")) else {
                continue;
            };
            let one = Stat::of(&stat)?;
            if one.pid == main || one.parent == main {
                ticks += one.ticks;
            }
        }
        let seconds = ticks as f64 / rustix::param::clock_ticks_per_second() as f64;
        Ok(Duration::from_secs_f64(seconds))
    }
}

/// Of `/proc/PID/stat`; see proc(5).
struct Stat {
    pid: i32,
    parent: i32,
    /// Of processor time.
    ticks: u64,
}

impl Stat {
    fn of(text: &str) -> anyhow::Result<Self> {
        // The program's name stands in brackets and may hold anything.
        let (before, after) = text.rsplit_once(')').context("a name in brackets")?;
        let fields: Vec<&str> = after.split_whitespace().collect();
        let field = |number: usize| fields.get(number - 3).context("a field of stat");
        Ok(Self {
            pid: before.split(' ').next().context("a process id")?.parse()?,
            parent: field(4)?.parse()?,
            ticks: field(14)?.parse::<u64>()? + field(15)?.parse::<u64>()?,
        })
    }
}

/// Quick health checks, requests sent again after 50 ms without an answer: what passes most rows.
fn haproxy(port: u16, replicas: &[String], credential: &str) -> String {
    let mut text = format!(
        "global\n  maxconn 8000\n  nbthread 2\ndefaults\n  mode http\n  timeout connect 50ms\n  timeout client 20s\n  timeout server 50ms\n  timeout queue 2s\n  retries 6\n  retry-on all-retryable-errors\n  option redispatch 1\n  http-reuse always\n  option httpchk GET /health/live\nfrontend in\n  bind 127.0.0.1:{port}\n  default_backend replicas\nbackend replicas\n  balance first\n  http-request set-header tiffin-credential {credential}\n"
    );
    for (index, replica) in replicas.iter().enumerate() {
        let _ = writeln!(
            text,
            "  server r{index} {replica} check inter 100ms fall 2 rise 2 on-marked-down shutdown-sessions observe layer7 error-limit 5 on-error mark-down"
        );
    }
    text
}

fn nginx(port: u16, replicas: &[String], credential: &str) -> String {
    let mut servers = String::new();
    for (index, replica) in replicas.iter().enumerate() {
        let backup = if index == 0 { "" } else { " backup" };
        let _ = writeln!(
            servers,
            "    server {replica} max_fails=3 fail_timeout=1s{backup};"
        );
    }
    format!(
        "daemon off;\nworker_processes 2;\npid nginx.pid;\nerror_log stderr error;\nevents {{ worker_connections 8000; }}\nhttp {{\n  access_log off;\n  client_body_temp_path body; proxy_temp_path proxy; fastcgi_temp_path fastcgi; uwsgi_temp_path uwsgi; scgi_temp_path scgi;\n  upstream replicas {{\n{servers}    keepalive 256;\n  }}\n  server {{\n    listen 127.0.0.1:{port} backlog=4096;\n    keepalive_requests 1000000;\n    location / {{\n      proxy_pass http://replicas;\n      proxy_http_version 1.1;\n      proxy_set_header Connection \"\";\n      proxy_set_header tiffin-credential {credential};\n      proxy_connect_timeout 50ms;\n      proxy_read_timeout 50ms;\n      proxy_next_upstream error timeout http_503 non_idempotent;\n      proxy_next_upstream_tries 6;\n    }}\n  }}\n}}\n"
    )
}

fn text(path: &Path) -> String {
    path.display().to_string()
}

/// Free a moment ago; the proxies cannot say which one they took.
pub async fn free_port() -> anyhow::Result<u16> {
    let listener = TcpListener::bind("127.0.0.1:0").await?;
    Ok(listener.local_addr()?.port())
}
