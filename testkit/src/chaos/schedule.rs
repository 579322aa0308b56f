//! The schedule of faults, drawn from a seed before the run.
//!
//! Four lanes run side by side. Two take one replica each, so that at any moment one of three replicas has no fault; one takes the
//! environment; one takes the front-end servers, one at a time. Faults of the whole cluster have both replica lanes to themselves;
//! only a total outage leaves no replica.

use std::time::Duration;

use rand::rngs::StdRng;
use rand::seq::SliceRandom;
use rand::{RngExt, SeedableRng};

use super::fault_kind::FaultKind;
use crate::fault_proxy::Toxic;
use crate::providers::ProviderMode;

/// The replica or front-end server that a fault affects.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FaultTarget {
    Primary,
    /// The one with this number, if no other fault has it.
    Number(u16),
}

#[derive(Clone, Debug)]
pub struct ScheduledFault {
    pub kind: FaultKind,
    pub target: FaultTarget,
    pub begins: Duration,
    pub ends: Duration,
}

const REPLICA_FAULTS: [FaultKind; 15] = [
    FaultKind::Kill,
    FaultKind::Kill,
    FaultKind::Hang,
    FaultKind::Hang,
    FaultKind::SwitchDown,
    FaultKind::Drain,
    FaultKind::Restart,
    FaultKind::ClockSkew,
    FaultKind::DiskFull,
    FaultKind::FsyncFailure,
    FaultKind::ReplicaLink(LATENCY),
    FaultKind::ReplicaLink(Toxic::Slicer),
    FaultKind::ReplicaLink(Toxic::BlackHole),
    FaultKind::ReplicaLink(Toxic::HalfClose),
    FaultKind::ReplicaLink(Toxic::ResetPeer),
];

const ENVIRONMENT_FAULTS: [FaultKind; 13] = [
    FaultKind::Providers(ProviderMode::Unavailable),
    FaultKind::Providers(ProviderMode::Slow),
    FaultKind::Providers(ProviderMode::Malformed),
    FaultKind::Providers(ProviderMode::InvalidPosition),
    FaultKind::ProviderLink(LATENCY),
    FaultKind::ProviderLink(Toxic::BlackHole),
    FaultKind::ProviderLink(Toxic::HalfClose),
    FaultKind::ProviderLink(Toxic::ResetPeer),
    FaultKind::CustomerLink(LATENCY),
    FaultKind::CustomerLink(Toxic::Slicer),
    FaultKind::CustomerLink(Toxic::BlackHole),
    FaultKind::CustomerLink(Toxic::HalfClose),
    FaultKind::CustomerLink(Toxic::ResetPeer),
];

/// The latency of a link to the other side of the world.
const LATENCY: Toxic = Toxic::Latency { max_ms: 150 };

const SERVER_FAULTS: [FaultKind; 2] = [FaultKind::KillServer, FaultKind::HangServer];
pub const SERVERS: u16 = 2;
/// Pause between two faults of front-end servers.
const SERVER_PAUSE_MS: std::ops::Range<u64> = 3_000..8_000;

const CLUSTER_FAULTS: [FaultKind; 3] = [
    FaultKind::RollingRestart,
    FaultKind::TotalOutage,
    FaultKind::LockRegistry,
];

/// Time between two faults of the whole cluster.
const CLUSTER_FAULT_INTERVAL: Duration = Duration::from_secs(25);
/// Longest total outage, besides the time that a replica takes to start.
const MAX_OUTAGE_MS: u64 = 1_500;
/// Pause between two faults of the other lanes.
const PAUSE_MS: std::ops::Range<u64> = 500..2_000;

/// Draws kinds in random order, each once before any comes again.
struct ShuffleBag<'a> {
    kinds: &'a [FaultKind],
    remaining: Vec<FaultKind>,
}

impl<'a> ShuffleBag<'a> {
    fn new(kinds: &'a [FaultKind]) -> Self {
        Self {
            kinds,
            remaining: Vec::new(),
        }
    }

    fn draw(&mut self, rng: &mut StdRng) -> FaultKind {
        if self.remaining.is_empty() {
            self.remaining = self.kinds.to_vec();
            self.remaining.shuffle(rng);
        }
        self.remaining.pop().expect("the bag has kinds")
    }
}

/// Draws how long a fault of this kind lasts.
fn draw_duration(kind: FaultKind, rng: &mut StdRng) -> Duration {
    Duration::from_millis(match kind {
        FaultKind::Hang | FaultKind::HangServer => rng.random_range(50..5_000),
        FaultKind::Restart | FaultKind::RollingRestart => 0,
        FaultKind::TotalOutage => rng.random_range(200..MAX_OUTAGE_MS),
        FaultKind::LockRegistry => rng.random_range(4_000..8_000),
        FaultKind::Providers(_) | FaultKind::ProviderLink(_) | FaultKind::CustomerLink(_) => {
            rng.random_range(1_500..4_000)
        }
        _ => rng.random_range(400..4_000),
    })
}

/// Draws the faults that begin before `end`, in the order of their start.
#[must_use]
pub fn draw_schedule(seed: u64, end: Duration, replicas: u16) -> Vec<ScheduledFault> {
    let mut rng = StdRng::seed_from_u64(seed);
    let mut schedule = draw_replica_faults(&mut rng, end, replicas);
    let mut bag = ShuffleBag::new(&ENVIRONMENT_FAULTS);
    let mut at = draw_pause(&mut rng);
    while at < end {
        let fault = draw_fault(&mut bag, &mut rng, at, replicas);
        at = fault.ends + draw_pause(&mut rng);
        schedule.push(fault);
    }
    let mut bag = ShuffleBag::new(&SERVER_FAULTS);
    let mut at = draw_pause(&mut rng);
    while at < end {
        let mut fault = draw_fault(&mut bag, &mut rng, at, SERVERS);
        fault.target = FaultTarget::Number(rng.random_range(1..=SERVERS));
        at = fault.ends + Duration::from_millis(rng.random_range(SERVER_PAUSE_MS));
        schedule.push(fault);
    }
    schedule.sort_by_key(|fault| fault.begins);
    schedule
}

fn draw_replica_faults(rng: &mut StdRng, end: Duration, replicas: u16) -> Vec<ScheduledFault> {
    let mut bag = ShuffleBag::new(&REPLICA_FAULTS);
    let mut cluster_bag = ShuffleBag::new(&CLUSTER_FAULTS);
    let mut schedule = Vec::new();
    let mut lanes = [draw_pause(rng), draw_pause(rng)];
    let mut next_cluster_fault = CLUSTER_FAULT_INTERVAL;
    loop {
        let earliest = usize::from(lanes[0] > lanes[1]);
        let at = lanes[earliest];
        if at >= end {
            return schedule;
        }
        if at >= next_cluster_fault {
            let fault = draw_fault(&mut cluster_bag, rng, lanes[1 - earliest], replicas);
            lanes = [fault.ends + draw_pause(rng), fault.ends + draw_pause(rng)];
            next_cluster_fault = fault.ends + CLUSTER_FAULT_INTERVAL;
            schedule.push(fault);
            continue;
        }
        let fault = draw_fault(&mut bag, rng, at, replicas);
        lanes[earliest] = fault.ends + draw_pause(rng);
        schedule.push(fault);
    }
}

fn draw_fault(
    bag: &mut ShuffleBag<'_>,
    rng: &mut StdRng,
    begins: Duration,
    replicas: u16,
) -> ScheduledFault {
    let kind = bag.draw(rng);
    let target = if kind == FaultKind::FsyncFailure || rng.random_bool(0.6) {
        FaultTarget::Primary
    } else {
        FaultTarget::Number(rng.random_range(1..=replicas))
    };
    ScheduledFault {
        kind,
        target,
        begins,
        ends: begins + draw_duration(kind, rng),
    }
}

fn draw_pause(rng: &mut StdRng) -> Duration {
    Duration::from_millis(rng.random_range(PAUSE_MS))
}

#[cfg(test)]
mod tests {
    use super::super::fault_kind::Scope;
    use super::*;

    const MINUTES: Duration = Duration::from_secs(300);

    fn overlaps(one: &ScheduledFault, other: &ScheduledFault) -> bool {
        one.begins <= other.ends && other.begins <= one.ends
    }

    #[test]
    fn the_schedule_follows_from_the_seed() {
        let schedule = |seed| format!("{:?}", draw_schedule(seed, MINUTES, 3));
        assert_eq!(schedule(7), schedule(7));
        assert_ne!(schedule(7), schedule(8));
    }

    #[test]
    fn one_of_three_replicas_has_no_fault_except_under_cluster_faults() {
        for seed in 0..50 {
            let schedule = draw_schedule(seed, MINUTES, 3);
            for fault in &schedule {
                let overlapping = |scope| {
                    let others = schedule
                        .iter()
                        .filter(move |other| other.kind.scope() == scope && overlaps(fault, other));
                    others.count()
                };
                match fault.kind.scope() {
                    Scope::Replica => {
                        assert_eq!(overlapping(Scope::Cluster), 0, "{fault:?}");
                        // Counted at its start, itself included.
                        let simultaneous = schedule.iter().filter(|other| {
                            other.kind.scope() == Scope::Replica
                                && other.begins <= fault.begins
                                && fault.begins <= other.ends
                        });
                        assert!(simultaneous.count() <= 2, "{fault:?}");
                    }
                    Scope::Environment => {
                        assert_eq!(overlapping(Scope::Environment), 1, "{fault:?}")
                    }
                    Scope::Server => assert_eq!(overlapping(Scope::Server), 1, "{fault:?}"),
                    Scope::Cluster => assert_eq!(overlapping(Scope::Cluster), 1, "{fault:?}"),
                }
            }
        }
    }

    #[test]
    fn every_kind_is_scheduled_within_minutes() {
        let schedule = draw_schedule(1, MINUTES, 3);
        for kind in REPLICA_FAULTS
            .iter()
            .chain(&ENVIRONMENT_FAULTS)
            .chain(&CLUSTER_FAULTS)
            .chain(&SERVER_FAULTS)
        {
            assert!(schedule.iter().any(|fault| fault.kind == *kind), "{kind}");
        }
    }
}
