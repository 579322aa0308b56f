use jiff::civil::{Date, date};
use proptest::prelude::*;

use super::*;
use crate::menus::fixtures::{
    SAMPLE, from_text, instant, restaurant, weekly_hours, with, with_hours,
};

fn every_day(ranges: &str) -> Restaurant {
    with_hours(&std::array::from_fn(|_| ranges.to_owned()))
}

fn open_until(text: &str) -> Opening {
    Opening {
        open: true,
        closes_at_ms: Some(instant(text)),
        opens_at_ms: None,
    }
}

fn closed_until(text: &str) -> Opening {
    Opening {
        open: false,
        closes_at_ms: None,
        opens_at_ms: Some(instant(text)),
    }
}

#[test]
fn split_hours_open_twice_a_day() {
    let sample = restaurant();
    // A Wednesday in winter.
    for (now, expected) in [
        ("2026-01-07T11:29:59Z", closed_until("2026-01-07T11:30:00Z")),
        ("2026-01-07T11:30:00Z", open_until("2026-01-07T14:30:00Z")),
        ("2026-01-07T14:29:59Z", open_until("2026-01-07T14:30:00Z")),
        ("2026-01-07T14:30:00Z", closed_until("2026-01-07T17:00:00Z")),
        ("2026-01-07T17:00:00Z", open_until("2026-01-07T23:00:00Z")),
        ("2026-01-07T23:00:00Z", closed_until("2026-01-08T11:30:00Z")),
    ] {
        assert_eq!(opening_state(&sample, instant(now)), expected, "{now}");
    }
}

#[test]
fn in_summer_the_local_hours_are_the_same() {
    assert_eq!(
        opening_state(&restaurant(), instant("2026-07-08T10:30:00Z")),
        open_until("2026-07-08T13:30:00Z")
    );
}

#[test]
fn an_opening_runs_past_midnight() {
    let sample = restaurant();
    // Friday into Saturday, then Monday closed.
    assert_eq!(
        opening_state(&sample, instant("2026-01-10T01:59:59Z")),
        open_until("2026-01-10T02:00:00Z")
    );
    assert_eq!(
        opening_state(&sample, instant("2026-01-10T02:00:00Z")),
        closed_until("2026-01-10T17:00:00Z")
    );
    assert_eq!(
        opening_state(&sample, instant("2026-01-11T22:00:00Z")),
        closed_until("2026-01-13T11:30:00Z")
    );
}

#[test]
fn an_opening_from_the_evening_before_a_closed_date_continues() {
    // 25 December 2026 is a Friday; the hours of the Thursday before continue past midnight.
    let sample = with(&[(
        "thursday = [\"11:30-14:30\", \"17:00-23:00\"]",
        "thursday = [\"17:00-01:00\"]",
    )]);
    assert_eq!(
        opening_state(&sample, instant("2026-12-25T00:30:00Z")),
        open_until("2026-12-25T01:00:00Z")
    );
    // Friday's own opening is dropped, with its part on Saturday.
    assert_eq!(
        opening_state(&sample, instant("2026-12-25T01:00:00Z")),
        closed_until("2026-12-26T17:00:00Z")
    );
}

#[test]
fn round_the_clock_never_closes() {
    let always = every_day("\"00:00-24:00\"");
    let all_day = opening_state(&always, instant("2026-07-08T23:59:59Z"));
    assert_eq!(
        all_day,
        Opening {
            open: true,
            closes_at_ms: None,
            opens_at_ms: None
        }
    );
    // Except on its closed date, which starts at local midnight.
    assert_eq!(
        opening_state(&always, instant("2026-12-20T12:00:00Z")),
        open_until("2026-12-25T00:00:00Z")
    );
}

#[test]
fn a_restaurant_that_never_opens_has_no_opening_time() {
    let never = every_day("");
    assert_eq!(
        opening_state(&never, instant("2026-01-07T12:00:00Z")),
        Opening {
            open: false,
            closes_at_ms: None,
            opens_at_ms: None
        }
    );
}

/// A restaurant open on Mondays from 12:00 to 14:00, except on these dates.
fn mondays_except(dates: &[&str]) -> Restaurant {
    let text = SAMPLE.replace("\"2026-12-25\"", &format!("\"{}\"", dates.join("\", \"")));
    let (before, rest) = text.split_once("monday =").unwrap();
    let (_, after) = rest.split_once("[ordering]").unwrap();
    from_text(&format!(
        "{before}monday = [\"12:00-14:00\"]\ntuesday = []\nwednesday = []\nthursday = []\n\
         friday = []\nsaturday = []\nsunday = []\n[ordering]{after}"
    ))
}

#[test]
fn the_next_opening_is_given_within_a_fortnight() {
    let sample = mondays_except(&["2026-01-19"]);
    let next = |now| opening_state(&sample, instant(now)).opens_at_ms;
    // The restaurant is open on Monday the 12th and closed on the 19th; the 26th is a fortnight later.
    assert_eq!(
        next("2026-01-12T11:59:59Z"),
        Some(instant("2026-01-12T12:00:00Z"))
    );
    assert_eq!(
        next("2026-01-12T14:00:00Z"),
        Some(instant("2026-01-26T12:00:00Z"))
    );
    let two_weeks_off = mondays_except(&["2026-01-12", "2026-01-19"]);
    let next = |now| opening_state(&two_weeks_off, instant(now)).opens_at_ms;
    assert_eq!(next("2026-01-12T11:59:59Z"), None);
    assert_eq!(
        next("2026-01-12T12:00:00Z"),
        Some(instant("2026-01-26T12:00:00Z"))
    );
}

#[test]
fn the_nights_on_which_the_clock_changes() {
    let sample = restaurant();
    // 28 March 2026 is a Saturday: 17:00 to 02:00 is eight hours, because 01:00 is 02:00 at once.
    assert_eq!(
        opening_state(&sample, instant("2026-03-28T18:00:00Z")),
        open_until("2026-03-29T01:00:00Z")
    );
    // 24 October 2026 is one too: ten hours, from 17:00 BST to 02:00 GMT.
    assert_eq!(
        opening_state(&sample, instant("2026-10-24T16:00:00Z")),
        open_until("2026-10-25T02:00:00Z")
    );
    // A range within the skipped hour does not open.
    let nightly = every_day("\"01:15-01:45\"");
    assert_eq!(
        opening_state(&nightly, instant("2026-03-29T00:30:00Z")),
        closed_until("2026-03-30T00:15:00Z")
    );
    // A range within the repeated hour opens once.
    assert_eq!(
        opening_state(&nightly, instant("2026-10-25T00:45:00Z")),
        closed_until("2026-10-26T01:15:00Z")
    );
}

/// A date near one of the two clock changes of 2026.
fn near_a_change() -> impl Strategy<Value = Date> {
    (any::<bool>(), 0_u32..14).prop_map(|(spring, days)| {
        let first = if spring {
            date(2026, 3, 22)
        } else {
            date(2026, 10, 18)
        };
        days_after(first, days)
    })
}

proptest! {
    #[test]
    fn openings_are_in_order_disjoint_and_at_their_local_times(hours in weekly_hours(), first in near_a_change()) {
        let sample = with_hours(&hours);
        let zone = sample.zone();
        let openings = day_openings(&sample, first, days_after(first, 9));
        for opening in &openings {
            prop_assert!(opening.start_ms < opening.end_ms);
            prop_assert_eq!(zone.date(opening.start_ms), opening.date);
        }
        for pair in openings.windows(2) {
            prop_assert!(pair[0].end_ms <= pair[1].start_ms);
        }
        let intervals = merge_adjacent(&openings);
        for pair in intervals.windows(2) {
            prop_assert!(pair[0].end_ms < pair[1].start_ms);
        }

        // Checks every local minute: the restaurant is open exactly where the weekly hours say so. At most one hour of a night is
        // excluded, the repeated one.
        let midnight_ms = zone.instant_ms(first, 0);
        for quarter in 0..9 * 96 {
            let now_ms = midnight_ms + quarter * 15 * MINUTE_MS;
            let local = zone.local(now_ms);
            let minute = u32::try_from(local.hour()).unwrap() * 60 + u32::try_from(local.minute()).unwrap();
            if local.date() == date(2026, 10, 25) && (60..120).contains(&minute) {
                continue;
            }
            let stated = sample
                .hours()
                .ranges_on(local.date().weekday())
                .iter()
                .any(|range| (range.start_minute()..range.end_minute()).contains(&minute));
            let open = intervals.iter().any(|interval| interval.contains(now_ms));
            prop_assert_eq!(open, stated, "{}", local);
        }
    }
}
