//! Single fault injections, each of which waits for the evidence of its effect.

use std::time::Duration;

use anyhow::bail;
use model::status::AdminState;
use rusqlite::Connection;

use crate::chaos::fault_kind::FaultKind;
use crate::cluster::Cluster;
use crate::cluster::ids::replica_id;
use crate::fault_proxy::{FaultProxy, Toxic};
use crate::procfs::ProcessStat;
use crate::wait;

/// Deadline for the evidence of an injection.
pub(super) const EVIDENCE_TIMEOUT: Duration = Duration::from_secs(10);
/// Clock skew: enough for a slot to have begun, little enough for the restaurants to be open still.
pub(super) const CLOCK_AHEAD_MS: i64 = 90_000;
/// Error of the measurement of a clock on a busy machine.
const CLOCK_TOLERANCE_MS: i64 = 20_000;

/// Returns the toxic of a link fault.
pub(super) fn toxic_of(kind: FaultKind) -> Toxic {
    match kind {
        FaultKind::ReplicaLink(toxic)
        | FaultKind::ProviderLink(toxic)
        | FaultKind::CustomerLink(toxic) => toxic,
        _ => Toxic::None,
    }
}

/// Returns the proxies that a link fault concerns.
pub(super) fn proxies_of(
    cluster: &Cluster,
    kind: FaultKind,
    replica: Option<u16>,
) -> anyhow::Result<Vec<&FaultProxy>> {
    let network = cluster.network()?;
    Ok(match (kind, replica) {
        (FaultKind::ReplicaLink(_), Some(number)) => vec![network.replica(number)?],
        (FaultKind::ProviderLink(_), _) => vec![&network.postcodes_io, &network.findthatpostcode],
        (FaultKind::CustomerLink(_), _) => vec![&network.customers],
        _ => Vec::new(),
    })
}

pub(super) fn set_toxic(
    cluster: &Cluster,
    kind: FaultKind,
    replica: Option<u16>,
    toxic: Toxic,
) -> anyhow::Result<()> {
    for proxy in proxies_of(cluster, kind, replica)? {
        proxy.set_toxic(toxic);
    }
    Ok(())
}

/// Returns a counter that grows while a fault of this kind takes effect; zero for kinds without one.
pub(super) fn effect_count(
    cluster: &Cluster,
    kind: FaultKind,
    replica: Option<u16>,
) -> anyhow::Result<u64> {
    Ok(match kind {
        FaultKind::Providers(_) => {
            cluster.postcodes_io.request_count() + cluster.findthatpostcode.request_count()
        }
        _ => proxies_of(cluster, kind, replica)?
            .iter()
            .map(|proxy| proxy.fault_count())
            .sum(),
    })
}

pub(super) async fn kill_replica(cluster: &mut Cluster, number: u16) -> anyhow::Result<String> {
    let pid = cluster.replica_stat(number)?.pid;
    cluster.kill(number).await?;
    Ok(killed_evidence(pid))
}

pub(super) fn killed_evidence(pid: i32) -> String {
    format!("process {pid} was killed and waited for")
}

/// Waits until the process with this `stat` is stopped; another process may end it first because it holds a lock.
pub(super) async fn wait_stopped(
    stat: impl Fn() -> anyhow::Result<ProcessStat>,
) -> anyhow::Result<String> {
    wait::until("a stopped process", EVIDENCE_TIMEOUT, || async {
        let Ok(stat) = stat() else {
            return Some("it was ended by another process".to_owned());
        };
        if stat.is_stopped() {
            Some(format!("process {} was stopped", stat.pid))
        } else {
            stat.is_zombie()
                .then(|| format!("process {} was ended by another process", stat.pid))
        }
    })
    .await
}

/// Makes every write of a replica to a file fail; the evidence is the limit in force.
pub(super) fn fill_disk(cluster: &Cluster, number: u16) -> anyhow::Result<Option<String>> {
    cluster.set_disk_full(number, true)?;
    let limits = cluster.replica_proc_file(number, "limits")?;
    let line = limits
        .lines()
        .find(|line| line.starts_with("Max file size"));
    Ok(line
        .filter(|line| line.split_whitespace().nth(3) == Some("0"))
        .map(str::to_owned))
}

/// Takes the write lock of the registry, which is held until the connection is dropped.
pub(super) fn lock_registry(cluster: &Cluster) -> anyhow::Result<Connection> {
    let registry = Connection::open(cluster.data_folder().join("registry.db"))?;
    registry.busy_timeout(EVIDENCE_TIMEOUT)?;
    registry.execute_batch("BEGIN IMMEDIATE")?;
    Ok(registry)
}

/// Sets a replica's admin state and waits until the status reports it.
pub(super) async fn set_admin_state(
    cluster: &Cluster,
    number: u16,
    admin_state: AdminState,
) -> anyhow::Result<String> {
    cluster.set_admin_state(number, admin_state).await?;
    wait::until("the admin state", EVIDENCE_TIMEOUT, || async {
        let status = cluster.status().await.ok()?;
        let id = replica_id(number);
        let replica = status.replicas.iter().find(|replica| replica.id == id)?;
        (replica.admin_state == admin_state).then(|| format!("the registry has {admin_state:?}"))
    })
    .await
}

/// Measures the skew of a replica's clock.
///
/// # Errors
/// If it is not about [`CLOCK_AHEAD_MS`].
pub(super) async fn check_clock_skew(cluster: &Cluster, number: u16) -> anyhow::Result<String> {
    let now_ms = cluster.status().await?.now_ms;
    let ahead_ms = cluster.replica_now_ms(number).await? - now_ms;
    if (ahead_ms - CLOCK_AHEAD_MS).abs() > CLOCK_TOLERANCE_MS {
        bail!("the clock of {} is {ahead_ms} ms ahead", replica_id(number));
    }
    Ok(format!("its clock was {ahead_ms} ms ahead"))
}

/// Waits until the front-end server has no primary.
pub(super) async fn wait_no_primary(cluster: &Cluster) -> Option<String> {
    let waiting = wait::until("no primary", EVIDENCE_TIMEOUT, || async {
        let status = cluster.status().await.ok()?;
        status.primary.is_none().then_some(())
    });
    waiting
        .await
        .ok()
        .map(|()| "there was no primary".to_owned())
}
