//! Single strikes, each waited for until it shows.

use anyhow::bail;
use model::status::AdminState;
use rusqlite::Connection;

use super::{CLOCK_AHEAD_MS, SHOWS_WITHIN};
use crate::chaos::plan::Kind;
use crate::proxy::{Proxy, Weather};
use crate::{Cluster, wait};

/// What may be wrong with the measure of a clock.
const CLOCK_TOLERANCE_MS: i64 = 20_000;

pub(super) fn weather(kind: Kind) -> Weather {
    match kind {
        Kind::Way(weather) | Kind::ProviderWay(weather) | Kind::CustomerWay(weather) => weather,
        _ => Weather::Fair,
    }
}

/// Those that a fault of this kind sets.
pub(super) fn proxies(
    cluster: &Cluster,
    kind: Kind,
    replica: Option<u16>,
) -> anyhow::Result<Vec<&Proxy>> {
    let network = cluster.network()?;
    Ok(match (kind, replica) {
        (Kind::Way(_), Some(number)) => vec![network.replica(number)?],
        (Kind::ProviderWay(_), _) => vec![&network.postcodes_io, &network.findthatpostcode],
        (Kind::CustomerWay(_), _) => vec![&network.customers],
        _ => Vec::new(),
    })
}

pub(super) async fn kill(cluster: &mut Cluster, number: u16) -> anyhow::Result<String> {
    let status = cluster.replica_proc(number, "stat")?;
    cluster.kill(number).await?;
    Ok(format!(
        "process {} was killed and waited for",
        pid(&status)
    ))
}

/// The process that this is the `stat` of.
pub(super) fn pid(stat: &str) -> &str {
    stat.split(' ').next().unwrap_or_default()
}

/// Nobody else can write to the registry until it is dropped.
pub(super) fn locked_registry(cluster: &Cluster) -> anyhow::Result<Connection> {
    let registry = Connection::open(cluster.data().join("registry.db"))?;
    registry.busy_timeout(SHOWS_WITHIN)?;
    registry.execute_batch("BEGIN IMMEDIATE")?;
    Ok(registry)
}

/// Waits until the process with this `status` is stopped.
pub(super) async fn stopped(status: impl Fn() -> anyhow::Result<String>) -> anyhow::Result<String> {
    wait::until("a stopped process", SHOWS_WITHIN, || async {
        let Ok(status) = status() else {
            return Some("it was ended by another replica".to_owned());
        };
        let state = status.lines().find(|line| line.starts_with("State:"))?;
        (state.contains("stopped") || state.contains("zombie")).then(|| state.to_owned())
    })
    .await
}

pub(super) async fn switch(
    cluster: &Cluster,
    number: u16,
    wanted: AdminState,
) -> anyhow::Result<String> {
    cluster.switch(number, wanted).await?;
    wait::until("the switch", SHOWS_WITHIN, || async {
        let status = cluster.status().await.ok()?;
        let id = format!("replica-{number}");
        let replica = status.replicas.iter().find(|replica| replica.id == id)?;
        (replica.admin_state == wanted).then(|| format!("the registry says {wanted:?}"))
    })
    .await
}

pub(super) async fn clock_differs(
    cluster: &Cluster,
    number: u16,
) -> anyhow::Result<Option<String>> {
    let now_ms = cluster.status().await?.now_ms;
    let ahead_ms = cluster.replica_now_ms(number).await? - now_ms;
    if (ahead_ms - CLOCK_AHEAD_MS).abs() > CLOCK_TOLERANCE_MS {
        bail!("the clock of replica-{number} is {ahead_ms} ms ahead");
    }
    Ok(Some(format!("its clock was {ahead_ms} ms ahead")))
}
