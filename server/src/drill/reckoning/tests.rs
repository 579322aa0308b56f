use super::*;

const PLAN: DrillPlan = DrillPlan {
    rate_per_second: 100,
    seconds: 9,
    fault: model::drill::DrillFault::Kill,
    replica: None,
};
const FAULT_MS: u32 = 3_000;

/// An order every 10 ms; `took` says how long each takes, by when it is sent.
fn tally(took: impl Fn(u32) -> f32) -> Tally {
    let mut tally = Tally::default();
    for number in 1..=900 {
        let sent_ms = (number - 1) * 10;
        let replica = if sent_ms < FAULT_MS {
            "replica-1"
        } else {
            "replica-2"
        };
        tally.take(Ended {
            number,
            sent_ms: sent_ms as f32,
            took_ms: took(sent_ms),
            acknowledged: true,
            replica: Some(replica.into()),
        });
    }
    tally
}

fn recovered_ms(took: impl Fn(u32) -> f32) -> Option<u32> {
    tally(took).result(&PLAN, Some(FAULT_MS), None).recovered_ms
}

#[test]
fn figures_are_told_from_before_and_after_the_fault() {
    let tally = tally(|sent_ms| match sent_ms {
        0 => 90.0,
        4_000 => 310.0,
        sent_ms if sent_ms < FAULT_MS => 4.0,
        _ => 6.0,
    });
    let count = Count {
        lost: 1,
        duplicated: 2,
    };
    let result = tally.result(&PLAN, Some(FAULT_MS), Some(count));
    assert_eq!((result.lost, result.duplicated), (Some(1), Some(2)));
    assert_eq!((result.before.p50_ms, result.before.p99_ms), (4.0, 4.0));
    assert_eq!((result.after.p50_ms, result.after.p99_ms), (6.0, 6.0));
    assert_eq!(result.before.replica.as_deref(), Some("replica-1"));
    assert_eq!(result.after.replica.as_deref(), Some("replica-2"));
    assert_eq!((tally.acknowledged, tally.failed), (900, 0));
    assert_eq!(tally.slowest_ms, 310.0);
    assert_eq!(tally.series.acknowledged, [25; 36]);
    assert_eq!(tally.series.slowest_ms[0], 90.0);
    assert_eq!(tally.series.slowest_ms[16], 310.0);
    assert_eq!(tally.series.slowest_ms[17], 6.0);
}

#[test]
fn in_time_is_twice_as_long_as_before_and_never_less_than_nobody_notices() {
    let in_time = |took| {
        tally(|_| took)
            .result(&PLAN, Some(FAULT_MS), None)
            .in_time_ms
    };
    assert_eq!(in_time(4.0), 50.0);
    assert_eq!(in_time(40.0), 80.0);
}

#[test]
fn nothing_late_is_recovered_at_once() {
    assert_eq!(recovered_ms(|_| 5.0), Some(0));
}

#[test]
fn it_has_recovered_when_the_last_late_order_is_answered() {
    // All that are sent within 200 ms of the fault are answered 300 ms after it.
    let stuck = |sent_ms: u32| match sent_ms {
        3_000..3_200 => 3_300.0 - sent_ms as f32,
        _ => 5.0,
    };
    assert_eq!(recovered_ms(stuck), Some(300));
}

#[test]
fn what_was_under_way_at_the_fault_counts() {
    let stuck = |sent_ms| if sent_ms == 2_990 { 400.0 } else { 5.0 };
    assert_eq!(recovered_ms(stuck), Some(390));
}

#[test]
fn what_is_late_again_within_a_second_has_not_recovered_before() {
    let again = |sent_ms| match sent_ms {
        3_000 | 3_900 => 100.0,
        _ => 5.0,
    };
    assert_eq!(recovered_ms(again), Some(1_000));
}

#[test]
fn what_is_late_after_a_good_second_is_told_by_the_chart_alone() {
    let later = |sent_ms| match sent_ms {
        3_000 | 5_000 => 100.0,
        _ => 5.0,
    };
    assert_eq!(recovered_ms(later), Some(100));
}

#[test]
fn without_a_good_second_there_is_no_recovery() {
    let slow = |sent_ms| if sent_ms >= FAULT_MS { 80.0 } else { 5.0 };
    assert_eq!(recovered_ms(slow), None);
    let too_late = |sent_ms| {
        if (FAULT_MS..8_500).contains(&sent_ms) {
            80.0
        } else {
            5.0
        }
    };
    assert_eq!(recovered_ms(too_late), None);
}

#[test]
fn a_failed_order_is_late_however_quick_it_failed() {
    let mut tally = tally(|_| 5.0);
    tally.take(Ended {
        number: 901,
        sent_ms: 3_200.0,
        took_ms: 1.0,
        acknowledged: false,
        replica: None,
    });
    let result = tally.result(&PLAN, Some(FAULT_MS), None);
    assert_eq!(result.recovered_ms, Some(201));
    assert_eq!(tally.failed, 1);
    assert_eq!(tally.series.failed[12], 1);
    assert!(!tally.acknowledged_numbers().contains(&901));
}

#[test]
fn without_a_fault_nothing_recovers_and_nothing_is_missed() {
    let result = tally(|_| 5.0).result(&PLAN, None, None);
    assert_eq!(result.recovered_ms, None);
    assert_eq!((result.lost, result.duplicated), (None, None));
    assert_eq!(
        Tally::default().result(&PLAN, None, None).before.p99_ms,
        0.0
    );
}

#[test]
fn lost_is_what_either_does_not_have_and_duplicated_what_is_there_twice() {
    let counted = |stored: &[u32], missed: &[u32]| {
        let Count { lost, duplicated } = count(&[1, 2, 3], stored, missed);
        (lost, duplicated)
    };
    assert_eq!(counted(&[1, 2, 3], &[]), (0, 0));
    assert_eq!(counted(&[1, 3], &[]), (1, 0));
    assert_eq!(counted(&[1, 2, 3], &[2]), (1, 0));
    assert_eq!(counted(&[1, 3], &[2]), (1, 0));
    // Not acknowledged and yet there: found by its key, and no harm.
    assert_eq!(counted(&[1, 2, 2, 2, 3, 4, 4], &[]), (0, 2));
}
