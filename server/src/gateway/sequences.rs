//! Any sequence of what may be seen of a few replicas, with time passing and an operator at the switches: what holds of who is
//! asked and who is primary after every single event.

use std::time::Duration;

use model::status::{AdminState, Health};
use proptest::prelude::*;
use tokio::time::Instant;

use super::health::{Judge, Observation, Sign, Standing};
use super::selection::{self, Candidate};

const REPLICAS: usize = 3;
/// Longer than any bar.
const LONG: Duration = Duration::from_secs(61);

#[derive(Clone, Debug)]
enum Event {
    Seen(usize, Observation),
    Switched(usize, AdminState),
    Passed(u64),
}

fn sign() -> impl Strategy<Value = Sign> {
    prop_oneof![Just(Sign::Heartbeat), Just(Sign::Progress)]
}

fn observation() -> impl Strategy<Value = Observation> {
    prop_oneof![
        Just(Observation::Answered),
        Just(Observation::CheckPassed),
        Just(Observation::NotReady(
            "its store does not answer".to_owned()
        )),
        Just(Observation::Refused),
        Just(Observation::CheckBroken),
        Just(Observation::CheckTimedOut),
        sign().prop_map(Observation::Suspected),
        sign().prop_map(Observation::Cleared),
        Just(Observation::Silent),
        Just(Observation::Stuck),
        Just(Observation::RequestBroken),
        Just(Observation::RequestTimedOut),
    ]
}

fn events() -> impl Strategy<Value = Vec<Event>> {
    let state = prop_oneof![
        Just(AdminState::Up),
        Just(AdminState::Draining),
        Just(AdminState::Down),
    ];
    let event = prop_oneof![
        6 => (0..REPLICAS, observation()).prop_map(|(replica, seen)| Event::Seen(replica, seen)),
        1 => (0..REPLICAS, state).prop_map(|(replica, state)| Event::Switched(replica, state)),
        1 => (1_u64..5_000).prop_map(Event::Passed),
    ];
    proptest::collection::vec(event, 0..120)
}

struct Replicas {
    judges: [Judge; REPLICAS],
    switches: [AdminState; REPLICAS],
    primary: Option<usize>,
    now: Instant,
}

impl Replicas {
    fn new() -> Self {
        Self {
            judges: Default::default(),
            switches: [AdminState::Up; REPLICAS],
            primary: None,
            now: Instant::now(),
        }
    }

    fn candidates(&self) -> Vec<Candidate> {
        let both = self.judges.iter().zip(self.switches);
        both.map(|(judge, admin_state)| Candidate {
            admin_state,
            standing: judge.standing(),
        })
        .collect()
    }

    fn live(&mut self, event: &Event) {
        match event {
            Event::Seen(replica, seen) => {
                self.judges[*replica].observe(seen.clone(), self.now);
            }
            Event::Switched(replica, state) => self.switches[*replica] = *state,
            Event::Passed(ms) => self.now += Duration::from_millis(*ms),
        }
    }

    /// Who gets requests, best first, after the primary has been chosen anew.
    fn elect(&mut self) -> Vec<usize> {
        let candidates = self.candidates();
        self.primary = selection::primary(&candidates, self.primary);
        selection::order(&candidates, self.primary)
    }
}

proptest! {
    #[test]
    fn whoever_can_be_asked_is_asked_and_nobody_else(events in events()) {
        let mut replicas = Replicas::new();
        for event in &events {
            let before = replicas.primary;
            replicas.live(event);
            let order = replicas.elect();
            let candidates = replicas.candidates();
            for (index, candidate) in candidates.iter().enumerate() {
                let usable = candidate.admin_state == AdminState::Up && candidate.standing != Standing::Out;
                let times = order.iter().filter(|chosen| **chosen == index).count();
                prop_assert_eq!(times, usize::from(usable));
            }
            prop_assert!(order.is_sorted_by_key(|index| candidates[*index].standing));
            prop_assert_eq!(replicas.primary.is_none(), order.is_empty());
            // Nobody takes the place of a primary that could keep it.
            if let Some(before) = before
                && candidates[before].admin_state == AdminState::Up
                && candidates[before].standing <= Standing::Suspect
            {
                prop_assert_eq!(replicas.primary, Some(before));
            }
        }
    }

    #[test]
    fn a_judge_says_why_and_contradicts_nothing(events in events()) {
        let mut replicas = Replicas::new();
        for event in &events {
            let Event::Seen(replica, seen) = event else {
                replicas.live(event);
                continue;
            };
            let now = replicas.now;
            let judge = &mut replicas.judges[*replica];
            let before = (judge.health(), judge.standing());
            let changed = judge.observe(seen.clone(), now);
            prop_assert!(changed || before == (judge.health(), judge.standing()));
            prop_assert_eq!(judge.reason().is_some(), judge.health() == Health::Unavailable);
            prop_assert!(!judge.silent() || judge.health() == Health::Unavailable);
        }
    }

    #[test]
    fn whatever_happened_a_replica_that_is_well_again_is_taken_back(events in events()) {
        let mut replicas = Replicas::new();
        for event in &events {
            replicas.live(event);
        }
        replicas.now += LONG;
        for judge in &mut replicas.judges {
            judge.observe(Observation::CheckPassed, replicas.now);
            judge.observe(Observation::Cleared(Sign::Progress), replicas.now);
            prop_assert_eq!(judge.standing(), Standing::First);
        }
    }

    #[test]
    fn answers_and_passing_checks_never_speak_against_a_replica(
        good in proptest::collection::vec(prop_oneof![Just(Observation::Answered), Just(Observation::CheckPassed)], 1..60),
    ) {
        let mut replicas = Replicas::new();
        let judge = &mut replicas.judges[0];
        judge.observe(Observation::CheckPassed, replicas.now);
        for seen in good {
            judge.observe(seen, replicas.now);
            prop_assert_eq!(judge.standing(), Standing::First);
        }
    }
}
