//! Transitions of the breaker, one assertion each.

use model::status::Breaker as BreakerStatus;

use crate::geocode::breaker::{
    Breaker, BreakerEvent, FAILURE_THRESHOLD, INITIAL_OPEN_MS, MAX_OPEN_MS,
};

fn opened() -> Breaker {
    let mut breaker = Breaker::new();
    for _ in 0..FAILURE_THRESHOLD {
        breaker.record_failure(0);
    }
    breaker
}

fn half_open() -> Breaker {
    let mut breaker = opened();
    assert!(breaker.admit(INITIAL_OPEN_MS));
    breaker
}

#[test]
fn closed_admits() {
    assert!(Breaker::new().admit(0));
}

#[test]
fn closed_stays_closed_below_the_threshold() {
    let mut breaker = Breaker::new();
    for _ in 1..FAILURE_THRESHOLD {
        breaker.record_failure(0);
    }
    assert_eq!(breaker.status(), BreakerStatus::Closed);
}

#[test]
fn a_success_resets_the_count() {
    let mut breaker = Breaker::new();
    for _ in 1..FAILURE_THRESHOLD {
        breaker.record_failure(0);
    }
    breaker.record_success();
    breaker.record_failure(0);
    assert_eq!(breaker.status(), BreakerStatus::Closed);
}

#[test]
fn the_threshold_opens_it() {
    assert_eq!(opened().status(), BreakerStatus::Open);
}

#[test]
fn opening_is_reported_once() {
    let mut breaker = Breaker::new();
    let events: Vec<_> = (0..=FAILURE_THRESHOLD)
        .map(|_| breaker.record_failure(0))
        .collect();
    let opened = Some(BreakerEvent::Opened {
        for_ms: INITIAL_OPEN_MS,
    });
    let reported = events.iter().filter(|event| **event == opened).count();
    assert_eq!((reported, events.last()), (1, Some(&None)));
}

#[test]
fn open_rejects_until_its_time_is_over() {
    assert!(!opened().admit(INITIAL_OPEN_MS - 1));
}

#[test]
fn open_admits_a_probe_when_its_time_is_over() {
    assert!(opened().admit(INITIAL_OPEN_MS));
}

#[test]
fn open_admits_a_probe_when_the_clock_was_set_back() {
    assert!(opened().admit(-1));
}

#[test]
fn open_ignores_late_results() {
    let mut breaker = opened();
    breaker.record_success();
    assert_eq!(breaker.status(), BreakerStatus::Open);
}

#[test]
fn the_probe_makes_it_half_open() {
    assert_eq!(half_open().status(), BreakerStatus::HalfOpen);
}

#[test]
fn half_open_admits_one_probe_only() {
    assert!(!half_open().admit(INITIAL_OPEN_MS * 100));
}

#[test]
fn a_successful_probe_closes_it() {
    let mut breaker = half_open();
    assert_eq!(breaker.record_success(), Some(BreakerEvent::Closed));
    assert_eq!(breaker.status(), BreakerStatus::Closed);
}

#[test]
fn a_failed_probe_opens_it_for_twice_as_long() {
    let mut breaker = half_open();
    let opened = Some(BreakerEvent::Opened {
        for_ms: INITIAL_OPEN_MS * 2,
    });
    assert_eq!(breaker.record_failure(INITIAL_OPEN_MS), opened);
    assert!(!breaker.admit(INITIAL_OPEN_MS * 3 - 1));
    assert!(breaker.admit(INITIAL_OPEN_MS * 3));
}

#[test]
fn it_is_never_open_for_longer_than_the_maximum() {
    let mut breaker = opened();
    for round in 1..20 {
        let now_ms = round * 2 * MAX_OPEN_MS;
        assert!(breaker.admit(now_ms), "round {round}");
        breaker.record_failure(now_ms);
    }
    assert!(breaker.admit(19 * 2 * MAX_OPEN_MS + MAX_OPEN_MS));
}

#[test]
fn a_recovery_resets_the_open_time() {
    let mut breaker = half_open();
    breaker.record_failure(INITIAL_OPEN_MS);
    assert!(breaker.admit(INITIAL_OPEN_MS * 3));
    breaker.record_success();
    for _ in 0..FAILURE_THRESHOLD {
        breaker.record_failure(0);
    }
    assert!(breaker.admit(INITIAL_OPEN_MS));
}
