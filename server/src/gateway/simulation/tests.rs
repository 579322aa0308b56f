//! The cost of slow, killed, hung and grey replicas to customers, in simulated time.

use std::time::Duration;

use proptest::prelude::*;

use super::{Fault, REPLICAS, Round, simulate};

#[test]
fn one_slow_order_in_a_hundred_changes_nothing() {
    let result = simulate(1, true, &[]);
    assert_eq!(
        (result.failed(), result.primary_changes, result.repeats),
        (0, 0, 0)
    );
}

#[test]
fn a_primary_whose_machine_dies_costs_milliseconds() {
    let result = simulate(1, false, &[Round::of_the_primary(Fault::Killed, 1_000)]);
    assert_eq!((result.failed(), result.primary_changes), (0, 1));
    assert!(
        result.slowest() <= Duration::from_millis(25),
        "{:?}",
        result.slowest()
    );
}

#[test]
fn a_primary_that_hangs_or_answers_only_its_checks_costs_less_than_a_tenth_of_a_second() {
    for fault in [Fault::Hangs, Fault::Grey] {
        let result = simulate(1, false, &[Round::of_the_primary(fault, 2_000)]);
        assert_eq!(
            (result.failed(), result.primary_changes),
            (0, 1),
            "{fault:?}"
        );
        assert!(
            result.slowest() <= Duration::from_millis(75),
            "{fault:?}: {:?}",
            result.slowest()
        );
    }
}

fn round() -> impl Strategy<Value = Round> {
    let fault = prop_oneof![Just(Fault::Killed), Just(Fault::Hangs), Just(Fault::Grey)];
    let replicas = proptest::collection::hash_set(0..REPLICAS, 1..REPLICAS);
    (fault, replicas, 20_u64..1_500).prop_map(|(fault, replicas, duration_ms)| Round {
        fault,
        replicas,
        duration: Duration::from_millis(duration_ms),
    })
}

#[test]
fn the_last_replica_gets_orders_although_it_failed_recently() {
    let round = |fault, replicas: &[usize], duration_ms| Round {
        fault,
        replicas: replicas.iter().copied().collect(),
        duration: Duration::from_millis(duration_ms),
    };
    let cases = [
        vec![
            round(Fault::Grey, &[0], 1_200),
            round(Fault::Hangs, &[1], 1_200),
            round(Fault::Killed, &[2, 0], 400),
        ],
        vec![
            round(Fault::Hangs, &[2, 0], 534),
            round(Fault::Grey, &[1, 2], 1_344),
        ],
    ];
    for rounds in cases {
        let result = simulate(20_697, false, &rounds);
        assert_eq!(result.failed(), 0, "{rounds:?}");
        assert!(
            result.slowest() <= Duration::from_millis(150),
            "{rounds:?}: {:?}",
            result.slowest()
        );
    }
}

proptest! {
    #![proptest_config(ProptestConfig {
        cases: 6,
        max_shrink_iters: 20,
        ..ProptestConfig::default()
    })]

    #[test]
    fn while_one_replica_is_healthy_every_order_is_answered(
        seed in any::<u64>(),
        rounds in proptest::collection::vec(round(), 1..4),
    ) {
        let result = simulate(seed, false, &rounds);
        prop_assert_eq!(result.failed(), 0);
        prop_assert!(result.slowest() <= Duration::from_millis(300), "{:?}", result.slowest());
    }
}
