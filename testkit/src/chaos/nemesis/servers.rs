//! Faults of front-end servers, one at a time, so that of two the other is left alone.

use anyhow::bail;

use super::Nemesis;
use super::strikes::{pid, stopped};
use crate::chaos::finding::Finding;
use crate::chaos::plan::{Aim, Kind, Planned, SERVERS};

pub(super) struct ServerFault {
    pub number: usize,
    kind: Kind,
    server: u16,
    began_us: u64,
    evidence: String,
}

impl Nemesis {
    pub(super) async fn begin_server_fault(
        &mut self,
        number: usize,
        fault: &Planned,
    ) -> anyhow::Result<()> {
        self.find_spontaneous_server_ends().await?;
        let Aim::Number(server) = fault.aim else {
            bail!("a fault of a front-end server names it");
        };
        let began_us = self.journal.now_us();
        let evidence = match fault.kind {
            Kind::KillServer => {
                let status = self.cluster.server_proc(server, "stat")?;
                self.cluster.kill_server(server).await?;
                format!("process {} was killed and waited for", pid(&status))
            }
            Kind::HangServer => {
                self.cluster.hang_server(server)?;
                stopped(|| self.cluster.server_proc(server, "status")).await?
            }
            _ => bail!("{} is no fault of front-end servers", fault.kind),
        };
        self.server_fault = Some(ServerFault {
            number,
            kind: fault.kind,
            server,
            began_us,
            evidence,
        });
        Ok(())
    }

    pub(super) async fn end_server_fault(&mut self, fault: ServerFault) -> anyhow::Result<()> {
        let target = server_name(fault.server);
        if fault.kind == Kind::HangServer {
            // The others end one that holds the registry's lock, and then it was killed as well.
            if !self.cluster.resume_server(fault.server)? {
                self.cluster.start_server_again(fault.server).await?;
                let evidence = Some("it was ended by the others".to_owned());
                self.record(Kind::KillServer, target.clone(), fault.began_us, evidence)?;
            }
        } else {
            self.cluster.start_server_again(fault.server).await?;
        }
        self.record(fault.kind, target, fault.began_us, Some(fault.evidence))
    }

    /// Front-end servers that are not to be ended by anything, and were.
    pub(super) async fn find_spontaneous_server_ends(&mut self) -> anyhow::Result<()> {
        for number in 1..=SERVERS {
            if self.cluster.server_has_ended(number)? {
                self.findings.push(Finding::NotRecovered {
                    what: format!(
                        "{} ended although nobody had asked it to",
                        server_name(number)
                    ),
                });
                self.cluster.start_server_again(number).await?;
            }
        }
        Ok(())
    }
}

/// As faults name it.
pub(in crate::chaos) fn server_name(number: u16) -> String {
    format!("server-{number}")
}
