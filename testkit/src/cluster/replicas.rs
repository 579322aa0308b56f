//! Operations on the replicas of a cluster, by number from 1.

use anyhow::Context;
use rustix::process::{Pid, Signal};

use super::ids::replica_id;
use super::{CLOCK_OFFSET, Cluster};
use crate::child::Child;
use crate::procfs::ProcessStat;

impl Cluster {
    /// Starts a replica.
    ///
    /// # Errors
    /// If it does not start.
    pub async fn start_replica(&mut self, number: u16) -> anyhow::Result<()> {
        self.start_replica_with_skew(number, 0).await
    }

    /// Starts a replica whose clock is `ahead_ms` ahead of the others'.
    ///
    /// # Errors
    /// If it does not start.
    pub async fn start_replica_with_skew(
        &mut self,
        number: u16,
        ahead_ms: i64,
    ) -> anyhow::Result<()> {
        let id = replica_id(number);
        let mut arguments = vec!["--id".to_owned(), id.clone()];
        if let Some(network) = &mut self.network {
            let advertised = network.add_replica(number).await?;
            arguments.extend(["--advertise".to_owned(), advertised.to_string()]);
        }
        let mut environment = self.environment.clone();
        environment.insert(
            CLOCK_OFFSET.to_owned(),
            (self.clock_offset_ms + ahead_ms).to_string(),
        );
        let log = self.folder.path().join(format!("{id}.log"));
        let child = Child::start("backend", &arguments, &environment, &log).await?;
        if let Some(network) = &self.network {
            network
                .replica(number)?
                .set_upstream(child.address.parse()?);
        }
        self.replicas.insert(number, child);
        Ok(())
    }

    /// Returns the address that a replica serves at, not that of its proxy.
    ///
    /// # Errors
    /// If it does not run.
    pub fn replica_address(&self, number: u16) -> anyhow::Result<&str> {
        Ok(&self.replica(number)?.address)
    }

    /// Returns the resident memory of a replica in kilobytes.
    ///
    /// # Errors
    /// If it does not run.
    pub fn replica_memory_kb(&self, number: u16) -> anyhow::Result<u64> {
        self.replica(number)?.memory_kb()
    }

    /// Returns the process id of a replica.
    ///
    /// # Errors
    /// If it does not run.
    pub fn replica_pid(&self, number: u16) -> anyhow::Result<Pid> {
        self.replica(number)?.pid()
    }

    /// Reads a file of `/proc/PID` of a replica.
    ///
    /// # Errors
    /// If it does not run.
    pub fn replica_proc_file(&self, number: u16, file: &str) -> anyhow::Result<String> {
        self.replica(number)?.read_proc_file(file)
    }

    /// Reads the `/proc/PID/stat` of a replica.
    ///
    /// # Errors
    /// If it does not run.
    pub fn replica_stat(&self, number: u16) -> anyhow::Result<ProcessStat> {
        self.replica(number)?.stat()
    }

    /// Returns whether a replica that this cluster did not end has ended.
    ///
    /// # Errors
    /// If it was never started, or was killed or terminated.
    pub fn has_ended(&mut self, number: u16) -> anyhow::Result<bool> {
        self.replica_mut(number)?.has_ended()
    }

    /// Returns whether a replica's process has ended, whatever ended it.
    #[must_use]
    pub fn is_dead(&self, number: u16) -> bool {
        self.replica_stat(number)
            .map_or(true, |stat| stat.is_zombie())
    }

    /// Returns whether a replica's process is stopped (SIGSTOP).
    #[must_use]
    pub fn is_stopped(&self, number: u16) -> bool {
        self.replica_stat(number)
            .is_ok_and(|stat| stat.is_stopped())
    }

    /// Makes every later write of a replica to a file fail, as on a full disk, or allows them again.
    ///
    /// # Errors
    /// If it does not run.
    pub fn set_disk_full(&self, number: u16, full: bool) -> anyhow::Result<()> {
        self.replica(number)?.set_disk_full(full)
    }

    /// Sends SIGKILL and waits for the end of the process.
    ///
    /// # Errors
    /// If it does not run.
    pub async fn kill(&mut self, number: u16) -> anyhow::Result<()> {
        self.remove_replica(number)?.kill().await
    }

    /// Sends SIGTERM, waits for the end of the process, and returns whether it exited with success.
    ///
    /// # Errors
    /// If it does not run.
    pub async fn terminate(&mut self, number: u16) -> anyhow::Result<bool> {
        self.remove_replica(number)?.terminate().await
    }

    /// Stops the process (SIGSTOP), as a machine that swaps would.
    ///
    /// # Errors
    /// If it does not run.
    pub fn hang(&self, number: u16) -> anyhow::Result<()> {
        self.replica(number)?.signal(Signal::STOP)
    }

    /// Resumes a stopped process. Returns whether it was still alive: other processes end one that holds a lock that they need.
    ///
    /// # Errors
    /// If it was never started, or was killed or terminated.
    pub fn resume(&mut self, number: u16) -> anyhow::Result<bool> {
        let child = self.replica_mut(number)?;
        if child.has_ended()? {
            return Ok(false);
        }
        child.signal(Signal::CONT)?;
        Ok(true)
    }

    fn replica(&self, number: u16) -> anyhow::Result<&Child> {
        self.replicas
            .get(&number)
            .with_context(|| format!("{} does not run", replica_id(number)))
    }

    fn replica_mut(&mut self, number: u16) -> anyhow::Result<&mut Child> {
        self.replicas
            .get_mut(&number)
            .with_context(|| format!("{} does not run", replica_id(number)))
    }

    fn remove_replica(&mut self, number: u16) -> anyhow::Result<Child> {
        if let Some(network) = &mut self.network {
            network.remove_replica(number);
        }
        self.replicas
            .remove(&number)
            .with_context(|| format!("{} does not run", replica_id(number)))
    }
}
