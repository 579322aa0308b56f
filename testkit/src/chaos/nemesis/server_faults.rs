//! Faults of front-end servers, one at a time, so that the other of two has none.

use anyhow::bail;

use super::fault_log::FaultLog;
use super::injection::{killed_evidence, wait_stopped};
use super::recovery::restart_crashed_servers;
use crate::chaos::fault_kind::FaultKind;
use crate::chaos::schedule::{FaultTarget, SERVERS, ScheduledFault};
use crate::cluster::Cluster;
use crate::cluster::ids::server_id;

/// A fault that is in force.
pub(super) struct ServerFault {
    /// Its number in the schedule.
    pub number: usize,
    kind: FaultKind,
    server: u16,
    began_us: u64,
    evidence: String,
}

impl ServerFault {
    pub(super) async fn inject(
        cluster: &mut Cluster,
        log: &mut FaultLog,
        number: usize,
        fault: &ScheduledFault,
    ) -> anyhow::Result<Self> {
        restart_crashed_servers(cluster, log, 1..=SERVERS).await?;
        let FaultTarget::Number(server) = fault.target else {
            bail!("a fault of a front-end server without its number");
        };
        let began_us = log.now_us();
        let evidence = match fault.kind {
            FaultKind::KillServer => {
                let pid = cluster.server_stat(server)?.pid;
                cluster.kill_server(server).await?;
                killed_evidence(pid)
            }
            FaultKind::HangServer => {
                cluster.hang_server(server)?;
                wait_stopped(|| cluster.server_stat(server)).await?
            }
            _ => bail!("{} is not a fault of a front-end server", fault.kind),
        };
        Ok(Self {
            number,
            kind: fault.kind,
            server,
            began_us,
            evidence,
        })
    }

    pub(super) async fn remove(
        self,
        cluster: &mut Cluster,
        log: &mut FaultLog,
    ) -> anyhow::Result<()> {
        let target = server_id(self.server);
        if self.kind == FaultKind::HangServer {
            // Other processes end one that holds the registry's lock, which counts as a kill as well.
            if !cluster.resume_server(self.server)? {
                cluster.restart_server(self.server).await?;
                let evidence = Some("it was ended by another process".to_owned());
                log.record(
                    FaultKind::KillServer,
                    target.clone(),
                    self.began_us,
                    evidence,
                )?;
            }
        } else {
            cluster.restart_server(self.server).await?;
        }
        log.record(self.kind, target, self.began_us, Some(self.evidence))
    }
}
