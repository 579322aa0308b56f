//! Restarts of replicas, and the detection of processes that ended without a fault or do not come back.

use std::time::Duration;

use super::fault_log::FaultLog;
use crate::cluster::Cluster;
use crate::cluster::ids::{replica_id, server_id};
use crate::wait;

/// Deadline for replicas to become available again: a front-end server ejects a replica that failed repeatedly for up to a minute.
pub(super) const RECOVERY_TIMEOUT: Duration = Duration::from_secs(90);

/// Terminates a replica and starts it again with a clock that is `ahead_ms` ahead; returns the evidence.
pub(super) async fn restart_replica(
    cluster: &mut Cluster,
    log: &mut FaultLog,
    number: u16,
    ahead_ms: i64,
) -> anyhow::Result<Option<String>> {
    let succeeded = cluster.terminate(number).await?;
    if !succeeded {
        log.add_not_recovered(format!(
            "{} exited with an error on SIGTERM",
            replica_id(number)
        ));
    }
    cluster.start_replica_with_skew(number, ahead_ms).await?;
    Ok(succeeded.then(|| "it exited with success and started again".to_owned()))
}

/// Restarts and reports the replicas of `numbers` that have ended by themselves.
pub(super) async fn restart_crashed_replicas(
    cluster: &mut Cluster,
    log: &mut FaultLog,
    numbers: impl Iterator<Item = u16>,
) -> anyhow::Result<()> {
    for number in numbers {
        if cluster.has_ended(number)? {
            log.add_not_recovered(format!("{} ended by itself", replica_id(number)));
            cluster.start_replica(number).await?;
        }
    }
    Ok(())
}

/// Restarts and reports the front-end servers of `numbers` that have ended by themselves.
pub(super) async fn restart_crashed_servers(
    cluster: &mut Cluster,
    log: &mut FaultLog,
    numbers: impl Iterator<Item = u16>,
) -> anyhow::Result<()> {
    for number in numbers {
        if cluster.server_has_ended(number)? {
            log.add_not_recovered(format!("{} ended by itself", server_id(number)));
            cluster.restart_server(number).await?;
        }
    }
    Ok(())
}

/// Waits until `replicas` replicas are available, or reports that they are not.
pub(super) async fn wait_for_recovery(cluster: &Cluster, log: &mut FaultLog, replicas: u16) {
    let replicas = usize::from(replicas);
    let recovered = wait::until("all replicas to be available", RECOVERY_TIMEOUT, || async {
        (cluster.available().await.ok()?.len() == replicas).then_some(())
    });
    if let Err(error) = recovered.await {
        log.add_not_recovered(format!("after all faults were removed: {error}"));
    }
}
