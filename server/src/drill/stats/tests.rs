use super::*;

const PLAN: DrillPlan = DrillPlan {
    rate_per_second: 100,
    seconds: 9,
    fault: model::drill::DrillFault::Kill,
    replica: None,
};
const FAULT_MS: u32 = 3_000;

/// An order every 10 ms; `took` maps the time at which each is due to the time that it takes.
fn stats(took: impl Fn(u32) -> f32) -> OrderStats {
    let mut stats = OrderStats::default();
    for number in 1..=900 {
        let due_ms = (number - 1) * 10;
        let replica = if due_ms < FAULT_MS {
            "replica-1"
        } else {
            "replica-2"
        };
        stats.record(OrderOutcome {
            number,
            due_ms: due_ms as f32,
            took_ms: took(due_ms),
            acknowledged: true,
            replica: Some(replica.into()),
        });
    }
    stats
}

fn recovered_ms(took: impl Fn(u32) -> f32) -> Option<u32> {
    stats(took).result(&PLAN, Some(FAULT_MS), None).recovered_ms
}

#[test]
fn figures_are_split_at_the_fault() {
    let stats = stats(|due_ms| match due_ms {
        0 => 90.0,
        4_000 => 310.0,
        due_ms if due_ms < FAULT_MS => 4.0,
        _ => 6.0,
    });
    let audit = OrderAudit {
        lost: 1,
        duplicated: 2,
    };
    let result = stats.result(&PLAN, Some(FAULT_MS), Some(audit));
    assert_eq!((result.lost, result.duplicated), (Some(1), Some(2)));
    assert_eq!((result.before.p50_ms, result.before.p99_ms), (4.0, 4.0));
    assert_eq!((result.after.p50_ms, result.after.p99_ms), (6.0, 6.0));
    assert_eq!(result.before.replica.as_deref(), Some("replica-1"));
    assert_eq!(result.after.replica.as_deref(), Some("replica-2"));
    assert_eq!((stats.acknowledged, stats.failed), (900, 0));
    assert_eq!(stats.slowest_ms, 310.0);
    assert_eq!(stats.series.acknowledged, [25; 36]);
    assert_eq!(stats.series.slowest_ms[0], 90.0);
    assert_eq!(stats.series.slowest_ms[16], 310.0);
    assert_eq!(stats.series.slowest_ms[17], 6.0);
}

#[test]
fn in_time_is_twice_the_time_before_the_fault_and_at_least_the_minimum() {
    let in_time = |took| {
        stats(|_| took)
            .result(&PLAN, Some(FAULT_MS), None)
            .in_time_ms
    };
    assert_eq!(in_time(4.0), 50.0);
    assert_eq!(in_time(40.0), 80.0);
}

#[test]
fn without_a_late_order_recovery_is_immediate() {
    assert_eq!(recovered_ms(|_| 5.0), Some(0));
}

#[test]
fn recovery_ends_with_the_response_to_the_last_late_order() {
    // All orders due within 200 ms of the fault are answered 300 ms after it.
    let stuck = |due_ms: u32| match due_ms {
        3_000..3_200 => 3_300.0 - due_ms as f32,
        _ => 5.0,
    };
    assert_eq!(recovered_ms(stuck), Some(300));
}

#[test]
fn an_order_in_flight_at_the_fault_counts() {
    let stuck = |due_ms| if due_ms == 2_990 { 400.0 } else { 5.0 };
    assert_eq!(recovered_ms(stuck), Some(390));
}

#[test]
fn a_late_order_within_a_second_prolongs_recovery() {
    let again = |due_ms| match due_ms {
        3_000 | 3_900 => 100.0,
        _ => 5.0,
    };
    assert_eq!(recovered_ms(again), Some(1_000));
}

#[test]
fn a_late_order_after_a_second_in_time_does_not_prolong_recovery() {
    let later = |due_ms| match due_ms {
        3_000 | 5_000 => 100.0,
        _ => 5.0,
    };
    assert_eq!(recovered_ms(later), Some(100));
}

#[test]
fn without_a_second_in_time_there_is_no_recovery() {
    let slow = |due_ms| if due_ms >= FAULT_MS { 80.0 } else { 5.0 };
    assert_eq!(recovered_ms(slow), None);
    let too_late = |due_ms| {
        if (FAULT_MS..8_500).contains(&due_ms) {
            80.0
        } else {
            5.0
        }
    };
    assert_eq!(recovered_ms(too_late), None);
}

#[test]
fn a_failed_order_is_late_even_if_it_failed_fast() {
    let mut stats = stats(|_| 5.0);
    stats.record(OrderOutcome {
        number: 901,
        due_ms: 3_200.0,
        took_ms: 1.0,
        acknowledged: false,
        replica: None,
    });
    let result = stats.result(&PLAN, Some(FAULT_MS), None);
    assert_eq!(result.recovered_ms, Some(201));
    assert_eq!(stats.failed, 1);
    assert_eq!(stats.series.failed[12], 1);
    assert!(!stats.acknowledged_numbers().contains(&901));
}

#[test]
fn without_a_fault_there_is_no_recovery() {
    let result = stats(|_| 5.0).result(&PLAN, None, None);
    assert_eq!(result.recovered_ms, None);
    assert_eq!((result.lost, result.duplicated), (None, None));
    assert_eq!(
        OrderStats::default()
            .result(&PLAN, None, None)
            .before
            .p99_ms,
        0.0
    );
}

#[test]
fn an_order_is_lost_if_either_look_up_misses_it_and_duplicated_if_stored_twice() {
    let compared = |stored: &[u32], not_found: &[u32]| {
        let OrderAudit { lost, duplicated } = compare_orders(&[1, 2, 3], stored, not_found);
        (lost, duplicated)
    };
    assert_eq!(compared(&[1, 2, 3], &[]), (0, 0));
    assert_eq!(compared(&[1, 3], &[]), (1, 0));
    assert_eq!(compared(&[1, 2, 3], &[2]), (1, 0));
    assert_eq!(compared(&[1, 3], &[2]), (1, 0));
    // An order that is stored without an acknowledgement is no error: the customer finds it by its key.
    assert_eq!(compared(&[1, 2, 2, 2, 3, 4, 4], &[]), (0, 2));
}
