//! Makes the planned faults, one after the other and several at once, and tells of each what shows that it happened.

mod recovery;
mod servers;
mod strikes;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use anyhow::{Context, bail};
use model::status::AdminState;
use rusqlite::Connection;
use tokio::time::{Instant, sleep_until};

use super::finding::Finding;
use super::history::{Fault, Journal, Record};
use super::plan::{Aim, Kind, Planned, Scope};
use crate::failing_sync::FailingSync;
use crate::providers::Mode;
use crate::proxy::Weather;
use crate::{Cluster, wait};
use servers::ServerFault;
pub(super) use servers::server_name;
use strikes::{clock_differs, kill, locked_registry, proxies, stopped, switch, weather};

/// So long another replica may take to be there before one is taken away.
const SPARE_WITHIN: Duration = Duration::from_secs(10);
/// So long what was done may take to show.
const SHOWS_WITHIN: Duration = Duration::from_secs(10);
/// So much longer a fault lasts that has shown no effect yet. The others wait meanwhile, and a blackout waits for nobody.
const EFFECT_WITHIN: Duration = Duration::from_secs(2);
/// A front-end server that was disappointed by a replica again and again leaves it for up to a minute.
const RECOVERED_WITHIN: Duration = Duration::from_secs(90);
/// How far ahead the other clock is: enough for a slot to have begun, little enough for the shops to be open still.
const CLOCK_AHEAD_MS: i64 = 90_000;

pub struct Nemesis {
    pub cluster: Cluster,
    journal: Arc<Journal>,
    replicas: u16,
    active: Vec<Active>,
    server_fault: Option<ServerFault>,
    registry_lock: Option<Mutex<Connection>>,
    /// Replicas that ended although nobody had asked them to, and the like.
    pub findings: Vec<Finding>,
    /// By kind: how many happened, how many were begun.
    pub made: BTreeMap<String, (u32, u32)>,
    /// Why some kinds are not made here.
    pub left_out: BTreeSet<&'static str>,
}

/// A fault that lasts.
struct Active {
    number: usize,
    kind: Kind,
    replica: Option<u16>,
    began_us: u64,
    /// What was counted when it began.
    before: u64,
    evidence: Option<String>,
    failing_sync: Option<FailingSync>,
}

enum Step {
    Begin,
    End,
}

impl Nemesis {
    #[must_use]
    pub fn new(cluster: Cluster, replicas: u16, journal: Arc<Journal>) -> Self {
        Self {
            cluster,
            journal,
            replicas,
            active: Vec::new(),
            server_fault: None,
            registry_lock: None,
            findings: Vec::new(),
            made: BTreeMap::new(),
            left_out: BTreeSet::new(),
        }
    }

    /// Makes all that begins before `end`, ends all of it, and waits until everything is well again. Where the machine is slow
    /// the order stays and the rest comes later.
    ///
    /// # Errors
    /// If a part cannot be broken or mended as planned.
    pub async fn run(&mut self, planned: &[Planned], end: Duration) -> anyhow::Result<()> {
        let start = Instant::now();
        let mut steps: Vec<(Duration, usize, Step)> = Vec::new();
        for (number, fault) in planned.iter().enumerate() {
            steps.push((fault.begins, number, Step::Begin));
            steps.push((fault.ends, number, Step::End));
        }
        // Stable: what lasts no time begins before it ends.
        steps.sort_by_key(|(at, number, _)| (*at, *number));
        for (at, number, step) in steps {
            sleep_until(start + at).await;
            let fault = &planned[number];
            let told = || format!("{} ({:?})", fault.kind, fault.aim);
            match step {
                Step::Begin if start.elapsed() < end => {
                    self.begin(number, fault).await.with_context(told)?;
                }
                Step::Begin => {}
                Step::End => self.end(number).await.with_context(told)?,
            }
        }
        self.recover().await
    }

    async fn begin(&mut self, number: usize, fault: &Planned) -> anyhow::Result<()> {
        let scope = fault.kind.scope();
        if scope == Scope::Server {
            return self.begin_server_fault(number, fault).await;
        }
        if scope != Scope::Around {
            self.find_spontaneous_ends().await?;
        }
        let replica = match scope {
            Scope::Replica => match self.choose(fault).await {
                Some(replica) => Some(replica),
                None => return Ok(()),
            },
            Scope::Around | Scope::Everything | Scope::Server => None,
        };
        let began_us = self.journal.now_us();
        let before = self.counted(fault.kind, replica)?;
        let failing_sync = match (fault.kind, replica) {
            (Kind::NoSync, Some(replica)) => {
                let told = self.cluster.data().join(format!("strace-{number}.log"));
                let process = self.cluster.replica_pid(replica)?;
                let begun = FailingSync::begin(process, &told).await?;
                if begun.is_none() {
                    self.left_out
                        .insert("fsync does not fail: there is no strace, or it may not trace");
                    return Ok(());
                }
                begun
            }
            _ => None,
        };
        let evidence = self.strike(fault.kind, replica).await?;
        self.active.push(Active {
            number,
            kind: fault.kind,
            replica,
            began_us,
            before,
            evidence,
            failing_sync,
        });
        Ok(())
    }

    async fn end(&mut self, number: usize) -> anyhow::Result<()> {
        if let Some(fault) = self.server_fault.take_if(|fault| fault.number == number) {
            return self.end_server_fault(fault).await;
        }
        let Some(index) = self
            .active
            .iter()
            .position(|active| active.number == number)
        else {
            return Ok(());
        };
        let mut active = self.active.remove(index);
        if active.evidence.is_none() {
            active.evidence = self.counts_on(&active).await?;
        }
        if let Some(failing_sync) = active.failing_sync.take() {
            failing_sync.end().await?;
        }
        self.mend(active.kind, active.replica).await?;
        let target = active
            .replica
            .map_or_else(|| "all".to_owned(), |number| format!("replica-{number}"));
        self.record(active.kind, target, active.began_us, active.evidence)
    }

    fn record(
        &mut self,
        kind: Kind,
        target: String,
        began_us: u64,
        evidence: Option<String>,
    ) -> anyhow::Result<()> {
        let kind = kind.to_string();
        let made = self.made.entry(kind.clone()).or_default();
        made.0 += u32::from(evidence.is_some());
        made.1 += 1;
        self.journal.add(Record::Fault(Fault {
            kind,
            target,
            began_us,
            ended_us: self.journal.now_us(),
            evidence,
        }))
    }

    /// One that no other fault has, while another that no fault has is available.
    async fn choose(&mut self, fault: &Planned) -> Option<u16> {
        let taken: Vec<u16> = self
            .active
            .iter()
            .filter_map(|active| active.replica)
            .collect();
        let free: Vec<u16> = (1..=self.replicas)
            .filter(|number| !taken.contains(number))
            .collect();
        let wanted = match fault.aim {
            Aim::Number(number) => number,
            Aim::Primary => self.cluster.primary().await.ok()?,
        };
        let chosen = match free.iter().find(|&&number| number == wanted) {
            Some(wanted) => *wanted,
            // Another one is sent nothing that it would have to write.
            None if fault.kind == Kind::NoSync => return None,
            None => *free.first()?,
        };
        let cluster = &self.cluster;
        wait::until("a spare replica", SPARE_WITHIN, || async {
            let available = cluster.available().await.ok()?;
            let spare = free
                .iter()
                .any(|number| *number != chosen && available.contains(number));
            spare.then_some(())
        })
        .await
        .ok()?;
        Some(chosen)
    }

    /// Does it; gives what shows it where that is to be seen at once.
    async fn strike(&mut self, kind: Kind, replica: Option<u16>) -> anyhow::Result<Option<String>> {
        let one = || replica.context("a fault of a replica has one");
        let cluster = &mut self.cluster;
        Ok(match kind {
            Kind::Kill => Some(kill(cluster, one()?).await?),
            Kind::Hang => {
                cluster.hang(one()?)?;
                let replica = one()?;
                Some(stopped(|| cluster.replica_proc(replica, "status")).await?)
            }
            Kind::SwitchDown => Some(switch(cluster, one()?, AdminState::Down).await?),
            Kind::Drain => Some(switch(cluster, one()?, AdminState::Draining).await?),
            Kind::Restart => self.restart(one()?, 0).await?,
            Kind::Clock => {
                self.restart(one()?, CLOCK_AHEAD_MS).await?;
                clock_differs(&self.cluster, one()?).await?
            }
            Kind::NoDisk => {
                cluster.deny_disk(one()?, true)?;
                let limits = cluster.replica_proc(one()?, "limits")?;
                let line = limits
                    .lines()
                    .find(|line| line.starts_with("Max file size"));
                line.filter(|line| line.split_whitespace().nth(3) == Some("0"))
                    .map(str::to_owned)
            }
            Kind::NoSync => None,
            Kind::Way(_) | Kind::ProviderWay(_) | Kind::CustomerWay(_) => {
                for proxy in proxies(cluster, kind, replica)? {
                    proxy.set(weather(kind));
                }
                None
            }
            Kind::Providers(mode) => {
                cluster.postcodes_io.set(mode);
                cluster.findthatpostcode.set(mode);
                None
            }
            Kind::RestartInTurn => {
                for number in 1..=self.replicas {
                    self.restart(number, 0).await?;
                    wait::until("the replica back", RECOVERED_WITHIN, || async {
                        let available = self.cluster.available().await.ok()?;
                        available.contains(&number).then_some(())
                    })
                    .await?;
                }
                Some(format!("{} ended well and came back", self.replicas))
            }
            Kind::Blackout => {
                for number in 1..=self.replicas {
                    cluster.kill(number).await?;
                }
                let gone = wait::until("no replica", SHOWS_WITHIN, || async {
                    let status = cluster.status().await.ok()?;
                    status.primary.is_none().then_some(())
                });
                gone.await.ok().map(|()| "nobody was primary".to_owned())
            }
            Kind::LockRegistry => {
                self.registry_lock = Some(Mutex::new(locked_registry(cluster)?));
                Some("the right to write was taken".to_owned())
            }
            Kind::KillServer | Kind::HangServer => bail!("{kind} is no fault of replicas"),
        })
    }

    async fn mend(&mut self, kind: Kind, replica: Option<u16>) -> anyhow::Result<()> {
        let one = || replica.context("a fault of a replica has one");
        let cluster = &mut self.cluster;
        match kind {
            Kind::Kill => cluster.start_replica(one()?).await,
            Kind::Hang => {
                // The others end one that holds a lock.
                if !cluster.resume(one()?)? {
                    cluster.start_replica(one()?).await?;
                }
                Ok(())
            }
            Kind::SwitchDown | Kind::Drain => {
                switch(cluster, one()?, AdminState::Up).await.map(|_| ())
            }
            Kind::Restart | Kind::Clock | Kind::RestartInTurn | Kind::NoSync => Ok(()),
            Kind::NoDisk => {
                self.find_spontaneous_ends().await?;
                self.cluster.deny_disk(one()?, false)
            }
            Kind::Way(_) | Kind::ProviderWay(_) | Kind::CustomerWay(_) => {
                for proxy in proxies(cluster, kind, replica)? {
                    proxy.set(Weather::Fair);
                }
                Ok(())
            }
            Kind::Providers(_) => {
                cluster.postcodes_io.set(Mode::Well);
                cluster.findthatpostcode.set(Mode::Well);
                Ok(())
            }
            Kind::Blackout => {
                for number in 1..=self.replicas {
                    cluster.start_replica(number).await?;
                }
                Ok(())
            }
            Kind::LockRegistry => {
                self.registry_lock = None;
                Ok(())
            }
            Kind::KillServer | Kind::HangServer => bail!("{kind} is no fault of replicas"),
        }
    }

    /// What grows when a fault of this kind takes effect, for those that do not show at once.
    fn counted(&self, kind: Kind, replica: Option<u16>) -> anyhow::Result<u64> {
        Ok(match kind {
            Kind::Providers(_) => {
                self.cluster.postcodes_io.asked() + self.cluster.findthatpostcode.asked()
            }
            _ => proxies(&self.cluster, kind, replica)?
                .iter()
                .map(|proxy| proxy.struck())
                .sum(),
        })
    }

    async fn counts_on(&self, active: &Active) -> anyhow::Result<Option<String>> {
        let what = match active.kind {
            Kind::Providers(_) => "questions to providers",
            Kind::Way(_) | Kind::ProviderWay(_) | Kind::CustomerWay(_) => "pieces or connections",
            Kind::NoSync => "failing calls",
            _ => return Ok(None),
        };
        let blackout = self.active.iter().any(|other| other.kind == Kind::Blackout);
        let within = if blackout {
            Duration::ZERO
        } else {
            EFFECT_WITHIN
        };
        let more = wait::until("an effect", within, || async {
            let now = match &active.failing_sync {
                Some(failing_sync) => failing_sync.failed(),
                None => self.counted(active.kind, active.replica).ok()?,
            };
            (now > active.before).then_some(now - active.before)
        });
        Ok(more.await.ok().map(|more| format!("{more} {what}")))
    }
}
