//! The fleet as the status panel shows it. Reads only.

use model::status::{Health, Primary, ProviderStatus, RegistryStatus, ReplicaStatus};

use super::fleet::{Fleet, Member};
use crate::sync::lock;

pub struct View {
    pub registry: RegistryStatus,
    pub primary: Option<Primary>,
    pub replicas: Vec<ReplicaStatus>,
    pub providers: Vec<ProviderStatus>,
}

impl Fleet {
    pub fn view(&self) -> View {
        let snapshot = self.registry.borrow();
        let registry = RegistryStatus {
            readable: snapshot.readable,
            snapshot_at_ms: snapshot.read_at_ms,
        };
        drop(snapshot);
        let state = lock(&self.state);
        View {
            registry,
            primary: state.primary.as_ref().map(|elected| Primary {
                replica: elected.endpoint.id.clone(),
                since_ms: elected.since_ms,
            }),
            replicas: state.members.iter().map(replica).collect(),
            providers: merged(
                state
                    .members
                    .iter()
                    .filter(|member| member.judge.health() == Health::Available)
                    .filter_map(|member| member.report.as_ref())
                    .flat_map(|report| &report.providers),
            ),
        }
    }

    /// Where a replica is reached.
    pub fn address(&self, id: &str) -> Option<String> {
        let state = lock(&self.state);
        let member = state
            .members
            .iter()
            .find(|member| member.registration.id == id)?;
        Some(member.registration.address.clone())
    }
}

fn replica(member: &Member) -> ReplicaStatus {
    let registration = &member.registration;
    let reading = member.endpoint.reading();
    ReplicaStatus {
        id: registration.id.clone(),
        address: Some(registration.address.clone()),
        version: registration.version.clone(),
        started_at_ms: registration.started_at_ms,
        admin_state: registration.admin_state,
        health: member.judge.health(),
        reason: member.judge.reason().map(str::to_owned),
        since_ms: member.since_ms,
        latency_ms: reading.latency_ms,
        requests_per_second: reading.requests_per_second,
        in_flight: member.endpoint.in_flight(),
    }
}

/// One entry a provider: the worst breaker, the latest instants, the sums.
fn merged<'a>(reports: impl Iterator<Item = &'a ProviderStatus>) -> Vec<ProviderStatus> {
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
        let merged = merged(reports.iter());
        assert_eq!(merged.len(), 1);
        assert_eq!(merged[0].breaker, Breaker::Open);
        assert_eq!(merged[0].last_failure_ms, Some(9));
        assert_eq!(merged[0].last_error.as_deref(), Some("late"));
        assert_eq!((merged[0].successes, merged[0].failures), (6, 3));
    }
}
