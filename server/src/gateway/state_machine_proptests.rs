//! Applies any sequence of observations, passing time and admin switches to a few replicas, and checks after each event which of
//! them get requests and which one is primary.

use std::time::Duration;

use model::status::{AdminState, Health};
use proptest::prelude::*;
use tokio::time::Instant;

use super::balance::selection::{self, Candidate};
use super::health::{HealthTier, Observation, OutlierDetector, Suspicion};

const REPLICAS: usize = 3;
/// Longer than any ejection.
const LONG: Duration = Duration::from_secs(61);

#[derive(Clone, Debug)]
enum ReplicaEvent {
    Observed(usize, Observation),
    Switched(usize, AdminState),
    TimePassed(u64),
}

fn suspicion() -> impl Strategy<Value = Suspicion> {
    prop_oneof![Just(Suspicion::NoHeartbeat), Just(Suspicion::NoProgress)]
}

fn observation() -> impl Strategy<Value = Observation> {
    prop_oneof![
        Just(Observation::RequestAnswered),
        Just(Observation::CheckPassed),
        Just(Observation::NotReady(
            "its store does not answer".to_owned()
        )),
        Just(Observation::ConnectionRefused),
        Just(Observation::CheckBroken),
        Just(Observation::CheckTimedOut),
        suspicion().prop_map(Observation::Suspected),
        suspicion().prop_map(Observation::Cleared),
        Just(Observation::HeartbeatLost),
        Just(Observation::ProgressLost),
        Just(Observation::RequestBroken),
        Just(Observation::RequestTimedOut),
    ]
}

fn events() -> impl Strategy<Value = Vec<ReplicaEvent>> {
    let state = prop_oneof![
        Just(AdminState::Up),
        Just(AdminState::Draining),
        Just(AdminState::Down),
    ];
    let event = prop_oneof![
        6 => (0..REPLICAS, observation()).prop_map(|(replica, observation)| ReplicaEvent::Observed(replica, observation)),
        1 => (0..REPLICAS, state).prop_map(|(replica, state)| ReplicaEvent::Switched(replica, state)),
        1 => (1_u64..5_000).prop_map(ReplicaEvent::TimePassed),
    ];
    proptest::collection::vec(event, 0..120)
}

struct Replicas {
    detectors: [OutlierDetector; REPLICAS],
    switches: [AdminState; REPLICAS],
    primary: Option<usize>,
    now: Instant,
}

impl Replicas {
    fn new() -> Self {
        Self {
            detectors: Default::default(),
            switches: [AdminState::Up; REPLICAS],
            primary: None,
            now: Instant::now(),
        }
    }

    fn candidates(&self) -> Vec<Candidate> {
        let both = self.detectors.iter().zip(self.switches);
        both.map(|(detector, admin_state)| Candidate {
            admin_state,
            tier: detector.tier(),
        })
        .collect()
    }

    fn apply(&mut self, event: &ReplicaEvent) {
        match event {
            ReplicaEvent::Observed(replica, observation) => {
                self.detectors[*replica].observe(observation.clone(), self.now);
            }
            ReplicaEvent::Switched(replica, state) => self.switches[*replica] = *state,
            ReplicaEvent::TimePassed(ms) => self.now += Duration::from_millis(*ms),
        }
    }

    /// The replicas that get requests, best first, after the primary has been elected anew.
    fn elect(&mut self) -> Vec<usize> {
        let candidates = self.candidates();
        self.primary = selection::elect_primary(&candidates, self.primary);
        selection::rank(&candidates, self.primary)
    }
}

proptest! {
    #[test]
    fn exactly_the_usable_replicas_get_requests(events in events()) {
        let mut replicas = Replicas::new();
        for event in &events {
            let primary_before = replicas.primary;
            replicas.apply(event);
            let order = replicas.elect();
            let candidates = replicas.candidates();
            for (index, candidate) in candidates.iter().enumerate() {
                let usable = candidate.admin_state == AdminState::Up && candidate.tier != HealthTier::Unavailable;
                let times = order.iter().filter(|chosen| **chosen == index).count();
                prop_assert_eq!(times, usize::from(usable));
            }
            prop_assert!(order.is_sorted_by_key(|index| candidates[*index].tier));
            prop_assert_eq!(replicas.primary.is_none(), order.is_empty());
            // A primary that can stay primary stays it.
            if let Some(before) = primary_before
                && candidates[before].admin_state == AdminState::Up
                && candidates[before].tier <= HealthTier::Suspect
            {
                prop_assert_eq!(replicas.primary, Some(before));
            }
        }
    }

    #[test]
    fn the_detector_gives_a_reason_and_its_answers_are_consistent(events in events()) {
        let mut replicas = Replicas::new();
        for event in &events {
            let ReplicaEvent::Observed(replica, observation) = event else {
                replicas.apply(event);
                continue;
            };
            let now = replicas.now;
            let detector = &mut replicas.detectors[*replica];
            let before = (detector.health(), detector.tier());
            let changed = detector.observe(observation.clone(), now);
            prop_assert!(changed || before == (detector.health(), detector.tier()));
            prop_assert_eq!(detector.reason().is_some(), detector.health() == Health::Unavailable);
            prop_assert!(!detector.is_unresponsive() || detector.health() == Health::Unavailable);
        }
    }

    #[test]
    fn a_replica_that_recovers_is_reinstated_whatever_happened(events in events()) {
        let mut replicas = Replicas::new();
        for event in &events {
            replicas.apply(event);
        }
        replicas.now += LONG;
        for detector in &mut replicas.detectors {
            detector.observe(Observation::CheckPassed, replicas.now);
            detector.observe(Observation::Cleared(Suspicion::NoProgress), replicas.now);
            prop_assert_eq!(detector.tier(), HealthTier::Healthy);
        }
    }

    #[test]
    fn answers_and_passing_checks_never_lower_the_tier(
        good in proptest::collection::vec(prop_oneof![Just(Observation::RequestAnswered), Just(Observation::CheckPassed)], 1..60),
    ) {
        let mut replicas = Replicas::new();
        let detector = &mut replicas.detectors[0];
        detector.observe(Observation::CheckPassed, replicas.now);
        for observation in good {
            detector.observe(observation, replicas.now);
            prop_assert_eq!(detector.tier(), HealthTier::Healthy);
        }
    }
}
