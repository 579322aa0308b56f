//! The front-end servers of a cluster: numbered from 1, each at one address for as long as the cluster lives.

use std::collections::HashMap;
use std::path::Path;

use anyhow::Context;
use rustix::process::Signal;
use tokio::net::TcpSocket;

use super::Cluster;
use crate::child::Child;

pub(super) struct FrontEnd {
    /// Bound and never listened on: while the server is away nobody else is given its port.
    _port: TcpSocket,
    name: String,
    url: String,
    /// Absent while it is away.
    child: Option<Child>,
    hangs: bool,
}

impl FrontEnd {
    pub(super) async fn start(
        number: usize,
        environment: &HashMap<String, String>,
        folder: &Path,
    ) -> anyhow::Result<Self> {
        let port = TcpSocket::new_v4()?;
        port.set_reuseaddr(true)?;
        port.bind("127.0.0.1:0".parse()?)?;
        let mut server = Self {
            name: format!("server-{number}"),
            url: format!("http://{}", port.local_addr()?),
            _port: port,
            child: None,
            hangs: false,
        };
        server.run(environment, folder).await?;
        Ok(server)
    }

    async fn run(
        &mut self,
        environment: &HashMap<String, String>,
        folder: &Path,
    ) -> anyhow::Result<()> {
        let arguments = ["--listen", self.address(), "--id", &self.name].map(str::to_owned);
        let log = folder.join(format!("{}.log", self.name));
        let child = Child::start("server", &arguments, environment, &log).await?;
        self.child = Some(child);
        self.hangs = false;
        Ok(())
    }

    /// `127.0.0.1:PORT`.
    pub(super) fn address(&self) -> &str {
        self.url.trim_start_matches("http://")
    }

    fn child(&self) -> anyhow::Result<&Child> {
        let child = self.child.as_ref();
        child.with_context(|| format!("{} does not run", self.name))
    }

    fn answers(&self) -> bool {
        self.child.is_some() && !self.hangs
    }
}

impl Cluster {
    /// `http://127.0.0.1:PORT` of the first front-end server.
    #[must_use]
    pub fn url(&self) -> &str {
        &self.servers[0].url
    }

    /// Of one that was neither killed nor stopped.
    pub(super) fn answering_url(&self) -> &str {
        let mut servers = self.servers.iter();
        let answering = servers.find(|server| server.answers());
        &answering.unwrap_or(&self.servers[0]).url
    }

    /// Starts another front-end server beside those that there are; gives where it is.
    ///
    /// # Errors
    /// If it does not start.
    pub async fn start_server(&mut self) -> anyhow::Result<String> {
        let number = self.servers.len() + 1;
        let server = FrontEnd::start(number, &self.environment, self.folder.path()).await?;
        let url = server.url.clone();
        self.servers.push(server);
        Ok(url)
    }

    /// Starts one that was killed, where it was.
    ///
    /// # Errors
    /// If it does not start.
    pub async fn start_server_again(&mut self, number: u16) -> anyhow::Result<()> {
        let server = self.servers.get_mut(usize::from(number) - 1);
        let server = server.context("a front-end server of this cluster")?;
        server.run(&self.environment, self.folder.path()).await
    }

    /// `kill -9`.
    ///
    /// # Errors
    /// If it does not run.
    pub async fn kill_server(&mut self, number: u16) -> anyhow::Result<()> {
        let server = self.server_mut(number)?;
        let child = server.child.take();
        child.context("the server does not run")?.kill().await
    }

    /// Stops it where it is, as a machine that swaps would.
    ///
    /// # Errors
    /// If it does not run.
    pub fn hang_server(&mut self, number: u16) -> anyhow::Result<()> {
        let server = self.server_mut(number)?;
        server.child()?.signal(Signal::STOP)?;
        server.hangs = true;
        Ok(())
    }

    /// Lets a stopped one go on; tells whether it still lives, for the others end one that holds the registry's lock.
    ///
    /// # Errors
    /// If it was never started, or taken away.
    pub fn resume_server(&mut self, number: u16) -> anyhow::Result<bool> {
        if self.server_has_ended(number)? {
            return Ok(false);
        }
        let server = self.server_mut(number)?;
        server.child()?.signal(Signal::CONT)?;
        server.hangs = false;
        Ok(true)
    }

    /// Whether one that nobody ended has ended.
    ///
    /// # Errors
    /// If it was killed.
    pub fn server_has_ended(&mut self, number: u16) -> anyhow::Result<bool> {
        let server = self.server_mut(number)?;
        let child = server.child.as_mut();
        child.context("the server was killed")?.has_ended()
    }

    /// A file of `/proc` about a front-end server.
    ///
    /// # Errors
    /// If it does not run.
    pub fn server_proc(&self, number: u16, file: &str) -> anyhow::Result<String> {
        let server = self.servers.get(usize::from(number) - 1);
        let server = server.context("a front-end server of this cluster")?;
        server.child()?.proc(file)
    }

    /// Resident memory of the first front-end server in kilobytes.
    ///
    /// # Errors
    /// If it does not run.
    pub fn server_memory_kb(&self) -> anyhow::Result<u64> {
        self.servers[0].child()?.memory_kb()
    }

    fn server_mut(&mut self, number: u16) -> anyhow::Result<&mut FrontEnd> {
        let server = self.servers.get_mut(usize::from(number) - 1);
        server.context("a front-end server of this cluster")
    }
}
