//! The nemesis: injects the scheduled faults, several at once, removes them, and records each with the evidence of its effect.

pub mod fault_log;

mod injection;
mod recovery;
mod server_faults;

use std::sync::{Arc, Mutex};
use std::time::Duration;

use anyhow::{Context, bail};
use model::status::AdminState;
use rusqlite::Connection;
use tokio::time::{Instant, sleep_until};

use super::fault_kind::{FaultKind, Scope};
use super::history::HistoryRecorder;
use super::schedule::{FaultTarget, SERVERS, ScheduledFault};
use crate::cluster::Cluster;
use crate::cluster::ids::replica_id;
use crate::fault_proxy::Toxic;
use crate::fsync_fault::FsyncFault;
use crate::providers::ProviderMode;
use crate::wait;
use fault_log::FaultLog;
use injection::{
    CLOCK_AHEAD_MS, check_clock_skew, effect_count, fill_disk, kill_replica, lock_registry,
    set_admin_state, set_toxic, toxic_of, wait_no_primary, wait_stopped,
};
use recovery::{
    RECOVERY_TIMEOUT, restart_crashed_replicas, restart_crashed_servers, restart_replica,
    wait_for_recovery,
};
use server_faults::ServerFault;

/// Deadline for another replica to be available before a fault takes one away.
const SPARE_TIMEOUT: Duration = Duration::from_secs(10);
/// Extension of a fault that has had no effect yet. The other faults wait meanwhile; a total outage is not extended.
const EFFECT_TIMEOUT: Duration = Duration::from_secs(2);

pub struct Nemesis {
    pub cluster: Cluster,
    pub log: FaultLog,
    replicas: u16,
    active: Vec<ActiveFault>,
    server_fault: Option<ServerFault>,
    registry_lock: Option<Mutex<Connection>>,
}

/// A fault that is in force, other than of a front-end server.
struct ActiveFault {
    /// Its number in the schedule.
    number: usize,
    kind: FaultKind,
    replica: Option<u16>,
    began_us: u64,
    /// The effect counter when it began.
    effects_before: u64,
    evidence: Option<String>,
    fsync_fault: Option<FsyncFault>,
}

enum Step {
    Inject,
    Remove,
}

impl Nemesis {
    #[must_use]
    pub fn new(cluster: Cluster, replicas: u16, history: Arc<HistoryRecorder>) -> Self {
        Self {
            cluster,
            log: FaultLog::new(history),
            replicas,
            active: Vec::new(),
            server_fault: None,
            registry_lock: None,
        }
    }

    /// Injects all faults that begin before `end`, removes all of them, and waits for the recovery. On a slow machine the order
    /// stays the same and faults come later.
    ///
    /// # Errors
    /// If a fault cannot be injected or removed as scheduled.
    pub async fn run(&mut self, schedule: &[ScheduledFault], end: Duration) -> anyhow::Result<()> {
        let start = Instant::now();
        let mut steps: Vec<(Duration, usize, Step)> = Vec::new();
        for (number, fault) in schedule.iter().enumerate() {
            steps.push((fault.begins, number, Step::Inject));
            steps.push((fault.ends, number, Step::Remove));
        }
        // A stable sort keeps the injection of a fault without duration before its removal.
        steps.sort_by_key(|(at, number, _)| (*at, *number));
        for (at, number, step) in steps {
            sleep_until(start + at).await;
            let fault = &schedule[number];
            let description = || format!("{} ({:?})", fault.kind, fault.target);
            match step {
                Step::Inject if start.elapsed() < end => {
                    self.inject(number, fault).await.with_context(description)?;
                }
                Step::Inject => {}
                Step::Remove => self.remove(number).await.with_context(description)?,
            }
        }
        self.restart_crashed_replicas().await?;
        restart_crashed_servers(&mut self.cluster, &mut self.log, 1..=SERVERS).await?;
        wait_for_recovery(&self.cluster, &mut self.log, self.replicas).await;
        Ok(())
    }

    async fn inject(&mut self, number: usize, fault: &ScheduledFault) -> anyhow::Result<()> {
        let replica = match fault.kind.scope() {
            Scope::Server => {
                let fault =
                    ServerFault::inject(&mut self.cluster, &mut self.log, number, fault).await?;
                self.server_fault = Some(fault);
                return Ok(());
            }
            Scope::Environment => None,
            Scope::Cluster => {
                self.restart_crashed_replicas().await?;
                None
            }
            Scope::Replica => {
                self.restart_crashed_replicas().await?;
                match self.choose_replica(fault).await {
                    Some(replica) => Some(replica),
                    None => return Ok(()),
                }
            }
        };
        let began_us = self.log.now_us();
        let effects_before = effect_count(&self.cluster, fault.kind, replica)?;
        let fsync_fault = match (fault.kind, replica) {
            (FaultKind::FsyncFailure, Some(replica)) => {
                let calls = format!("strace-{number}.log");
                let calls = self.cluster.data_folder().join(calls);
                let process = self.cluster.replica_pid(replica)?;
                let fsync_fault = FsyncFault::inject(process, &calls).await?;
                if fsync_fault.is_none() {
                    self.log
                        .skipped
                        .insert("no fsync failures: strace is not installed or may not trace");
                    return Ok(());
                }
                fsync_fault
            }
            _ => None,
        };
        let evidence = self.inject_kind(fault.kind, replica).await?;
        self.active.push(ActiveFault {
            number,
            kind: fault.kind,
            replica,
            began_us,
            effects_before,
            evidence,
            fsync_fault,
        });
        Ok(())
    }

    async fn remove(&mut self, number: usize) -> anyhow::Result<()> {
        if let Some(fault) = self.server_fault.take_if(|fault| fault.number == number) {
            return fault.remove(&mut self.cluster, &mut self.log).await;
        }
        // A fault without a suitable replica was not injected.
        let Some(index) = self
            .active
            .iter()
            .position(|active| active.number == number)
        else {
            return Ok(());
        };
        let mut active = self.active.remove(index);
        if active.evidence.is_none() {
            active.evidence = self.wait_for_effect(&active).await;
        }
        if let Some(fsync_fault) = active.fsync_fault.take() {
            fsync_fault.remove().await?;
        }
        self.remove_kind(active.kind, active.replica).await?;
        let target = active.replica.map_or_else(|| "all".to_owned(), replica_id);
        self.log
            .record(active.kind, target, active.began_us, active.evidence)
    }

    /// Chooses a replica without a fault, and waits until another replica without a fault is available. Returns `None` where there
    /// is no such replica.
    async fn choose_replica(&mut self, fault: &ScheduledFault) -> Option<u16> {
        let taken: Vec<u16> = self
            .active
            .iter()
            .filter_map(|active| active.replica)
            .collect();
        let free: Vec<u16> = (1..=self.replicas)
            .filter(|number| !taken.contains(number))
            .collect();
        let target = match fault.target {
            FaultTarget::Number(number) => number,
            FaultTarget::Primary => self.cluster.primary().await.ok()?,
        };
        let chosen = match free.iter().find(|&&number| number == target) {
            Some(target) => *target,
            // Only the primary receives writes, so that fsync failures have no effect on another replica.
            None if fault.kind == FaultKind::FsyncFailure => return None,
            None => *free.first()?,
        };
        let cluster = &self.cluster;
        wait::until("a spare replica", SPARE_TIMEOUT, || async {
            let available = cluster.available().await.ok()?;
            let is_spare = |number: &u16| *number != chosen && available.contains(number);
            free.iter().any(is_spare).then_some(())
        })
        .await
        .ok()?;
        Some(chosen)
    }

    /// Injects a fault; returns the evidence where the effect is immediate.
    async fn inject_kind(
        &mut self,
        kind: FaultKind,
        replica: Option<u16>,
    ) -> anyhow::Result<Option<String>> {
        let number = || replica.context("a fault of a replica without its number");
        let (cluster, log) = (&mut self.cluster, &mut self.log);
        Ok(match kind {
            FaultKind::Kill => Some(kill_replica(cluster, number()?).await?),
            FaultKind::Hang => {
                let number = number()?;
                cluster.hang(number)?;
                Some(wait_stopped(|| cluster.replica_stat(number)).await?)
            }
            FaultKind::SwitchDown => {
                Some(set_admin_state(cluster, number()?, AdminState::Down).await?)
            }
            FaultKind::Drain => {
                Some(set_admin_state(cluster, number()?, AdminState::Draining).await?)
            }
            FaultKind::Restart => restart_replica(cluster, log, number()?, 0).await?,
            FaultKind::ClockSkew => {
                restart_replica(cluster, log, number()?, CLOCK_AHEAD_MS).await?;
                Some(check_clock_skew(cluster, number()?).await?)
            }
            FaultKind::DiskFull => fill_disk(cluster, number()?)?,
            FaultKind::FsyncFailure => None,
            FaultKind::ReplicaLink(_) | FaultKind::ProviderLink(_) | FaultKind::CustomerLink(_) => {
                set_toxic(cluster, kind, replica, toxic_of(kind))?;
                None
            }
            FaultKind::Providers(mode) => {
                cluster.set_provider_mode(mode);
                None
            }
            FaultKind::RollingRestart => {
                for number in 1..=self.replicas {
                    restart_replica(cluster, log, number, 0).await?;
                    wait::until("the restarted replica", RECOVERY_TIMEOUT, || async {
                        let available = cluster.available().await.ok()?;
                        available.contains(&number).then_some(())
                    })
                    .await?;
                }
                Some(format!("{} exited and came back", self.replicas))
            }
            FaultKind::TotalOutage => {
                for number in 1..=self.replicas {
                    cluster.kill(number).await?;
                }
                wait_no_primary(cluster).await
            }
            FaultKind::LockRegistry => {
                self.registry_lock = Some(Mutex::new(lock_registry(cluster)?));
                Some("the write lock was taken".to_owned())
            }
            FaultKind::KillServer | FaultKind::HangServer => {
                bail!("{kind} is not a fault of replicas")
            }
        })
    }

    async fn remove_kind(&mut self, kind: FaultKind, replica: Option<u16>) -> anyhow::Result<()> {
        let number = || replica.context("a fault of a replica without its number");
        let cluster = &mut self.cluster;
        match kind {
            FaultKind::Kill => cluster.start_replica(number()?).await,
            FaultKind::Hang => {
                // Other processes end one that holds a lock.
                if !cluster.resume(number()?)? {
                    cluster.start_replica(number()?).await?;
                }
                Ok(())
            }
            FaultKind::SwitchDown | FaultKind::Drain => {
                set_admin_state(cluster, number()?, AdminState::Up)
                    .await
                    .map(|_| ())
            }
            FaultKind::Restart
            | FaultKind::ClockSkew
            | FaultKind::RollingRestart
            | FaultKind::FsyncFailure => Ok(()),
            FaultKind::DiskFull => {
                self.restart_crashed_replicas().await?;
                self.cluster.set_disk_full(number()?, false)
            }
            FaultKind::ReplicaLink(_) | FaultKind::ProviderLink(_) | FaultKind::CustomerLink(_) => {
                set_toxic(cluster, kind, replica, Toxic::None)
            }
            FaultKind::Providers(_) => {
                cluster.set_provider_mode(ProviderMode::Healthy);
                Ok(())
            }
            FaultKind::TotalOutage => {
                for number in 1..=self.replicas {
                    cluster.start_replica(number).await?;
                }
                Ok(())
            }
            FaultKind::LockRegistry => {
                self.registry_lock = None;
                Ok(())
            }
            FaultKind::KillServer | FaultKind::HangServer => {
                bail!("{kind} is not a fault of replicas")
            }
        }
    }

    /// Restarts and reports replicas that ended although no active fault explains it.
    async fn restart_crashed_replicas(&mut self) -> anyhow::Result<()> {
        let active = &self.active;
        let unaffected = (1..=self.replicas).filter(|number| {
            !active.iter().any(|active| {
                active.replica == Some(*number)
                    && matches!(active.kind, FaultKind::Kill | FaultKind::Hang)
            })
        });
        restart_crashed_replicas(&mut self.cluster, &mut self.log, unaffected).await
    }

    /// Waits until a fault without immediate evidence has had an effect; returns the evidence.
    async fn wait_for_effect(&self, active: &ActiveFault) -> Option<String> {
        let effects = match active.kind {
            FaultKind::Providers(_) => "requests to providers",
            FaultKind::ReplicaLink(_) | FaultKind::ProviderLink(_) | FaultKind::CustomerLink(_) => {
                "chunks or connections"
            }
            FaultKind::FsyncFailure => "failed calls",
            _ => return None,
        };
        let in_outage = self
            .active
            .iter()
            .any(|other| other.kind == FaultKind::TotalOutage);
        let deadline = if in_outage {
            Duration::ZERO
        } else {
            EFFECT_TIMEOUT
        };
        let count = wait::until("an effect", deadline, || async {
            let count = match &active.fsync_fault {
                Some(fsync_fault) => fsync_fault.failed_calls(),
                None => effect_count(&self.cluster, active.kind, active.replica).ok()?,
            };
            (count > active.effects_before).then_some(count - active.effects_before)
        });
        count.await.ok().map(|count| format!("{count} {effects}"))
    }
}
