//! The breaker's transitions, one assertion each.

use model::status::Breaker as Shown;

use crate::geocode::breaker::{Breaker, Change, MOST_OPEN_MS, OPEN_MS, THRESHOLD};

fn opened() -> Breaker {
    let mut breaker = Breaker::new();
    for _ in 0..THRESHOLD {
        breaker.failed(0);
    }
    breaker
}

fn half_open() -> Breaker {
    let mut breaker = opened();
    assert!(breaker.admit(OPEN_MS));
    breaker
}

#[test]
fn closed_admits() {
    assert!(Breaker::new().admit(0));
}

#[test]
fn closed_stays_closed_below_the_threshold() {
    let mut breaker = Breaker::new();
    for _ in 1..THRESHOLD {
        breaker.failed(0);
    }
    assert_eq!(breaker.shown(), Shown::Closed);
}

#[test]
fn a_success_starts_the_count_again() {
    let mut breaker = Breaker::new();
    for _ in 1..THRESHOLD {
        breaker.failed(0);
    }
    breaker.succeeded();
    breaker.failed(0);
    assert_eq!(breaker.shown(), Shown::Closed);
}

#[test]
fn the_threshold_opens_it() {
    assert_eq!(opened().shown(), Shown::Open);
}

#[test]
fn opening_is_told_once() {
    let mut breaker = Breaker::new();
    let changes: Vec<_> = (0..=THRESHOLD).map(|_| breaker.failed(0)).collect();
    let opened = Change::Opened { for_ms: OPEN_MS };
    let told = changes.iter().filter(|change| **change == opened).count();
    assert_eq!((told, changes.last()), (1, Some(&Change::None)));
}

#[test]
fn open_refuses_until_its_time_is_up() {
    assert!(!opened().admit(OPEN_MS - 1));
}

#[test]
fn open_admits_a_probe_when_its_time_is_up() {
    assert!(opened().admit(OPEN_MS));
}

#[test]
fn open_admits_a_probe_when_the_clock_was_set_back() {
    assert!(opened().admit(-1));
}

#[test]
fn open_takes_no_notice_of_stragglers() {
    let mut breaker = opened();
    breaker.succeeded();
    assert_eq!(breaker.shown(), Shown::Open);
}

#[test]
fn the_probe_makes_it_half_open() {
    assert_eq!(half_open().shown(), Shown::HalfOpen);
}

#[test]
fn half_open_admits_one_probe_only() {
    assert!(!half_open().admit(OPEN_MS * 100));
}

#[test]
fn a_successful_probe_closes_it() {
    let mut breaker = half_open();
    assert_eq!(breaker.succeeded(), Change::Closed);
    assert_eq!(breaker.shown(), Shown::Closed);
}

#[test]
fn a_failed_probe_opens_it_for_twice_as_long() {
    let mut breaker = half_open();
    let opened = Change::Opened {
        for_ms: OPEN_MS * 2,
    };
    assert_eq!(breaker.failed(OPEN_MS), opened);
    assert!(!breaker.admit(OPEN_MS * 3 - 1));
    assert!(breaker.admit(OPEN_MS * 3));
}

#[test]
fn it_is_never_open_for_longer_than_the_most() {
    let mut breaker = opened();
    for round in 1..20 {
        let now_ms = round * 2 * MOST_OPEN_MS;
        assert!(breaker.admit(now_ms), "round {round}");
        breaker.failed(now_ms);
    }
    assert!(breaker.admit(19 * 2 * MOST_OPEN_MS + MOST_OPEN_MS));
}

#[test]
fn after_a_recovery_it_begins_anew() {
    let mut breaker = half_open();
    breaker.failed(OPEN_MS);
    assert!(breaker.admit(OPEN_MS * 3));
    breaker.succeeded();
    for _ in 0..THRESHOLD {
        breaker.failed(0);
    }
    assert!(breaker.admit(OPEN_MS));
}
