//! Operations on the front-end servers of a cluster: numbered from 1, each at one address for as long as the cluster lives.

use anyhow::Context;

use super::Cluster;
use super::front_end_server::FrontEndServer;
use crate::procfs::ProcessStat;

impl Cluster {
    /// Returns the URL of the first front-end server, `http://127.0.0.1:PORT`.
    #[must_use]
    pub fn url(&self) -> &str {
        self.servers[0].url()
    }

    /// Returns the URL of the first front-end server that was neither killed nor stopped.
    pub(super) fn responding_url(&self) -> &str {
        let mut servers = self.servers.iter();
        let responding = servers.find(|server| server.responds());
        responding.unwrap_or(&self.servers[0]).url()
    }

    /// Starts another front-end server beside the existing ones; returns its URL.
    ///
    /// # Errors
    /// If it does not start.
    pub async fn start_server(&mut self) -> anyhow::Result<String> {
        let number = u16::try_from(self.servers.len() + 1)?;
        let (environment, folder) = (&self.environment, self.folder.path());
        let server =
            FrontEndServer::start(number, &self.server_program, environment, folder).await?;
        let url = server.url().to_owned();
        self.servers.push(server);
        Ok(url)
    }

    /// Starts a killed front-end server again at its address.
    ///
    /// # Errors
    /// If it does not start.
    pub async fn restart_server(&mut self, number: u16) -> anyhow::Result<()> {
        let server = self.servers.get_mut(usize::from(number) - 1);
        let server = server.context("no such front-end server")?;
        server
            .start_process(&self.environment, self.folder.path())
            .await
    }

    /// Sends SIGKILL and waits for the end of the process.
    ///
    /// # Errors
    /// If it does not run.
    pub async fn kill_server(&mut self, number: u16) -> anyhow::Result<()> {
        self.server_mut(number)?.kill().await
    }

    /// Stops the process (SIGSTOP), as a machine that swaps would.
    ///
    /// # Errors
    /// If it does not run.
    pub fn hang_server(&mut self, number: u16) -> anyhow::Result<()> {
        self.server_mut(number)?.stop()
    }

    /// Resumes a stopped process. Returns whether it was still alive: other processes end one that holds the registry's lock.
    ///
    /// # Errors
    /// If it was never started, or was killed.
    pub fn resume_server(&mut self, number: u16) -> anyhow::Result<bool> {
        self.server_mut(number)?.resume()
    }

    /// Returns whether a process that this cluster did not end has ended.
    ///
    /// # Errors
    /// If it was killed.
    pub fn server_has_ended(&mut self, number: u16) -> anyhow::Result<bool> {
        self.server_mut(number)?.has_ended()
    }

    /// Reads the `/proc/PID/stat` of a front-end server.
    ///
    /// # Errors
    /// If it does not run.
    pub fn server_stat(&self, number: u16) -> anyhow::Result<ProcessStat> {
        let server = self.servers.get(usize::from(number) - 1);
        server.context("no such front-end server")?.stat()
    }

    /// Returns the resident memory of the first front-end server in kilobytes.
    ///
    /// # Errors
    /// If it does not run.
    pub fn server_memory_kb(&self) -> anyhow::Result<u64> {
        self.servers[0].memory_kb()
    }

    fn server_mut(&mut self, number: u16) -> anyhow::Result<&mut FrontEndServer> {
        let server = self.servers.get_mut(usize::from(number) - 1);
        server.context("no such front-end server")
    }
}
