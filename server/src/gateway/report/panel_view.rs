//! The fleet as the status panel shows it.

use model::status::{Health, Primary, ProviderStatus, RegistryStatus, ReplicaStatus};

use super::snapshot::{FleetSnapshot, ReplicaSnapshot};

pub struct PanelView {
    pub registry: RegistryStatus,
    pub primary: Option<Primary>,
    pub replicas: Vec<ReplicaStatus>,
    pub providers: Vec<ProviderStatus>,
}

impl From<FleetSnapshot> for PanelView {
    fn from(snapshot: FleetSnapshot) -> Self {
        let reports = snapshot
            .replicas
            .iter()
            .filter(|replica| replica.health == Health::Available)
            .filter_map(|replica| replica.report.as_ref());
        Self {
            registry: snapshot.registry,
            primary: snapshot.primary,
            providers: merge_providers(reports.flat_map(|report| &report.providers)),
            replicas: snapshot.replicas.into_iter().map(replica_status).collect(),
        }
    }
}

fn replica_status(replica: ReplicaSnapshot) -> ReplicaStatus {
    let registration = replica.registration;
    ReplicaStatus {
        id: registration.id,
        address: Some(registration.address),
        version: registration.version,
        started_at_ms: registration.started_at_ms,
        admin_state: registration.admin_state,
        health: replica.health,
        reason: replica.reason,
        since_ms: replica.since_ms,
        latency_ms: replica.reading.latency_ms,
        requests_per_second: replica.reading.requests_per_second,
        in_flight: replica.in_flight,
    }
}

/// Merges the replicas' reports into one entry per provider: the worst breaker, the latest instants, the sums.
fn merge_providers<'a>(reports: impl Iterator<Item = &'a ProviderStatus>) -> Vec<ProviderStatus> {
    let mut merged: Vec<ProviderStatus> = Vec::new();
    for report in reports {
        let Some(known) = merged.iter_mut().find(|known| known.name == report.name) else {
            merged.push(report.clone());
            continue;
        };
        known.breaker = known.breaker.max(report.breaker);
        known.last_success_ms = known.last_success_ms.max(report.last_success_ms);
        if report.last_failure_ms > known.last_failure_ms {
            known.last_failure_ms = report.last_failure_ms;
            known.last_error.clone_from(&report.last_error);
        }
        known.successes += report.successes;
        known.failures += report.failures;
    }
    merged
}

#[cfg(test)]
mod tests {
    use model::status::Breaker;

    use super::*;

    fn report(breaker: Breaker, last_failure_ms: Option<i64>, error: &str) -> ProviderStatus {
        ProviderStatus {
            name: "postcodes.io".to_owned(),
            breaker,
            last_success_ms: Some(5),
            last_failure_ms,
            last_error: Some(error.to_owned()),
            successes: 2,
            failures: 1,
        }
    }

    #[test]
    fn the_worst_breaker_and_the_latest_error_win() {
        let reports = [
            report(Breaker::HalfOpen, Some(9), "late"),
            report(Breaker::Open, Some(3), "early"),
            report(Breaker::Closed, None, "none"),
        ];
        let merged = merge_providers(reports.iter());
        assert_eq!(merged.len(), 1);
        assert_eq!(merged[0].breaker, Breaker::Open);
        assert_eq!(merged[0].last_failure_ms, Some(9));
        assert_eq!(merged[0].last_error.as_deref(), Some("late"));
        assert_eq!((merged[0].successes, merged[0].failures), (6, 3));
    }
}
