//! The reverse proxy before the replicas: Tiffin's front-end server, or HAProxy or nginx from Debian with a hand-tuned
//! configuration for the same task.

use std::collections::HashMap;
use std::net::SocketAddr;
use std::path::Path;
use std::process::Stdio;
use std::time::Duration;

use anyhow::Context;
use rustix::process::{Pid, Signal, kill_process};
use testkit::child::{Child, wait_without_collecting};
use testkit::procfs::{self, ProcessStat};
use testkit::wait;
use tokio::net::{TcpListener, TcpStream};
use tokio::process::{Child as Process, Command};

use crate::proxy_configuration::{haproxy, nginx};
use crate::server_build::ServerBuild;

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ReverseProxyKind {
    Tiffin(ServerBuild),
    HaProxy,
    Nginx,
}

pub enum ReverseProxy {
    Tiffin(Child),
    External(ExternalProxy),
}

/// The process of HAProxy or nginx. Gets SIGTERM when dropped: after SIGKILL its workers would live on.
pub struct ExternalProxy {
    process: Process,
    address: SocketAddr,
}

impl Drop for ExternalProxy {
    fn drop(&mut self) {
        let id = self.process.id().and_then(|id| i32::try_from(id).ok());
        let Some(pid) = id.and_then(Pid::from_raw) else {
            return;
        };
        if kill_process(pid, Signal::TERM).is_ok() {
            wait_without_collecting(pid);
        }
    }
}

/// The paths of the Debian packages.
const HAPROXY: &str = "/usr/sbin/haproxy";
const NGINX: &str = "/usr/sbin/nginx";

impl ReverseProxyKind {
    pub fn name(&self) -> &str {
        match self {
            Self::Tiffin(build) => &build.name,
            Self::HaProxy => "HAProxy",
            Self::Nginx => "nginx",
        }
    }

    pub fn is_tiffin(&self) -> bool {
        matches!(self, Self::Tiffin(_))
    }

    /// Lists this build with the `others` to compare it with or, where there are none, with the installed proxies; prints which of
    /// these are missing.
    pub fn compared(others: &[ServerBuild]) -> Vec<Self> {
        if !others.is_empty() {
            return ServerBuild::with_present(others)
                .map(Self::Tiffin)
                .collect();
        }
        let mut installed = vec![Self::Tiffin(ServerBuild::default())];
        for (kind, program) in [(Self::HaProxy, HAPROXY), (Self::Nginx, NGINX)] {
            if Path::new(program).exists() {
                installed.push(kind);
            } else {
                println!(
                    "{} is left out: {program} is not installed (apt install haproxy nginx-light)",
                    kind.name()
                );
            }
        }
        installed
    }

    /// Starts the proxy before `replicas`, with its files in `folder`.
    pub async fn start(
        &self,
        replicas: &[String],
        credential: &str,
        environment: &HashMap<String, String>,
        folder: &Path,
    ) -> anyhow::Result<ReverseProxy> {
        let port = free_port().await?;
        let address = SocketAddr::from(([127, 0, 0, 1], port));
        let (program, arguments, configuration) = match self {
            Self::Tiffin(build) => {
                let listen = ["--listen".to_owned(), address.to_string()];
                let log = folder.join("server.log");
                let child = Child::start(&build.program, &listen, environment, &log).await?;
                return Ok(ReverseProxy::Tiffin(child));
            }
            Self::HaProxy => {
                let file = folder.join("haproxy.cfg");
                let arguments = vec!["-db".to_owned(), "-f".to_owned(), path_text(&file)];
                (
                    HAPROXY,
                    arguments,
                    (file, haproxy(port, replicas, credential)),
                )
            }
            Self::Nginx => {
                let file = folder.join("nginx.conf");
                let prefix = path_text(folder);
                let arguments = ["-p", &prefix, "-e", "stderr", "-c", &path_text(&file)];
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
        let listening = wait::until(self.name(), Duration::from_secs(10), || async {
            TcpStream::connect(address).await.ok()
        });
        listening.await.with_context(|| {
            std::fs::read_to_string(folder.join("proxy.log")).unwrap_or_default()
        })?;
        Ok(ReverseProxy::External(ExternalProxy { process, address }))
    }
}

impl ReverseProxy {
    pub fn address(&self) -> anyhow::Result<SocketAddr> {
        match self {
            Self::Tiffin(child) => Ok(child.address.trim_start_matches("http://").parse()?),
            Self::External(proxy) => Ok(proxy.address),
        }
    }

    fn process_id(&self) -> anyhow::Result<i32> {
        Ok(match self {
            Self::Tiffin(child) => child.pid()?.as_raw_nonzero().get(),
            Self::External(proxy) => proxy
                .process
                .id()
                .context("the proxy has ended")?
                .try_into()?,
        })
    }

    /// Returns the resident memory in kilobytes, without that of worker processes.
    pub fn memory_kb(&self) -> anyhow::Result<u64> {
        procfs::resident_kb(&std::fs::read_to_string(format!(
            "/proc/{}/status",
            self.process_id()?
        ))?)
    }

    /// Returns the CPU time, user and kernel, of the process and of its workers.
    pub fn cpu_time(&self) -> anyhow::Result<Duration> {
        let main = self.process_id()?;
        let mut ticks = 0;
        for entry in std::fs::read_dir("/proc")? {
            // The entry is not a process, or one that has just ended.
            let Ok(stat) = std::fs::read_to_string(entry?.path().join("stat")) else {
                continue;
            };
            let stat = ProcessStat::parse(&stat)?;
            if stat.pid == main || stat.parent_pid == main {
                ticks += stat.cpu_ticks;
            }
        }
        let seconds = ticks as f64 / rustix::param::clock_ticks_per_second() as f64;
        Ok(Duration::from_secs_f64(seconds))
    }
}

fn path_text(path: &Path) -> String {
    path.display().to_string()
}

/// Finds a free port. The external proxies cannot report a port that the system picks, so another process may take it first.
pub async fn free_port() -> anyhow::Result<u16> {
    let listener = TcpListener::bind("127.0.0.1:0").await?;
    Ok(listener.local_addr()?.port())
}
