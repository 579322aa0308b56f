//! One front-end server of a cluster: a process that can be restarted at the same address.

use std::collections::HashMap;
use std::path::Path;

use anyhow::Context;
use rustix::process::Signal;
use tokio::net::TcpSocket;

use super::ids::server_id;
use crate::child::Child;
use crate::procfs::ProcessStat;

pub(super) struct FrontEndServer {
    /// Bound and never listened on, so that the system gives the port to no other socket while the server is down.
    _reserved_port: TcpSocket,
    id: String,
    program: String,
    url: String,
    /// `None` while it is down.
    child: Option<Child>,
    is_stopped: bool,
}

impl FrontEndServer {
    pub(super) async fn start(
        number: u16,
        program: &str,
        environment: &HashMap<String, String>,
        folder: &Path,
    ) -> anyhow::Result<Self> {
        let port = TcpSocket::new_v4()?;
        port.set_reuseaddr(true)?;
        port.bind("127.0.0.1:0".parse()?)?;
        let mut server = Self {
            id: server_id(number),
            program: program.to_owned(),
            url: format!("http://{}", port.local_addr()?),
            _reserved_port: port,
            child: None,
            is_stopped: false,
        };
        server.start_process(environment, folder).await?;
        Ok(server)
    }

    pub(super) async fn start_process(
        &mut self,
        environment: &HashMap<String, String>,
        folder: &Path,
    ) -> anyhow::Result<()> {
        let arguments = ["--listen", self.address(), "--id", &self.id].map(str::to_owned);
        let log = folder.join(format!("{}.log", self.id));
        let child = Child::start(&self.program, &arguments, environment, &log).await?;
        self.child = Some(child);
        self.is_stopped = false;
        Ok(())
    }

    /// `http://127.0.0.1:PORT`.
    pub(super) fn url(&self) -> &str {
        &self.url
    }

    /// `127.0.0.1:PORT`.
    pub(super) fn address(&self) -> &str {
        self.url.trim_start_matches("http://")
    }

    /// Whether it was neither killed nor stopped.
    pub(super) fn responds(&self) -> bool {
        self.child.is_some() && !self.is_stopped
    }

    pub(super) async fn kill(&mut self) -> anyhow::Result<()> {
        let child = self.child.take();
        child
            .with_context(|| format!("{} does not run", self.id))?
            .kill()
            .await
    }

    pub(super) fn stop(&mut self) -> anyhow::Result<()> {
        self.child()?.signal(Signal::STOP)?;
        self.is_stopped = true;
        Ok(())
    }

    /// Resumes a stopped process; returns whether it was still alive.
    pub(super) fn resume(&mut self) -> anyhow::Result<bool> {
        if self.has_ended()? {
            return Ok(false);
        }
        self.child()?.signal(Signal::CONT)?;
        self.is_stopped = false;
        Ok(true)
    }

    pub(super) fn has_ended(&mut self) -> anyhow::Result<bool> {
        let child = self.child.as_mut();
        child
            .with_context(|| format!("{} was killed", self.id))?
            .has_ended()
    }

    pub(super) fn stat(&self) -> anyhow::Result<ProcessStat> {
        self.child()?.stat()
    }

    pub(super) fn memory_kb(&self) -> anyhow::Result<u64> {
        self.child()?.memory_kb()
    }

    fn child(&self) -> anyhow::Result<&Child> {
        let child = self.child.as_ref();
        child.with_context(|| format!("{} does not run", self.id))
    }
}
