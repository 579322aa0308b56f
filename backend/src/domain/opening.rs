//! Opening times as instants, computed from a restaurant's weekly local hours and its closed dates.

use jiff::civil::Date;
use model::restaurant::Opening;

use super::Restaurant;
use super::local_time::{MINUTE_MS, day_before, days_after};

/// How far ahead the next opening is searched.
const FORTNIGHT_DAYS: u32 = 14;
const FORTNIGHT_MS: i64 = FORTNIGHT_DAYS as i64 * 24 * 60 * MINUTE_MS;

/// One opening of one day, from `start_ms` (included) to `end_ms` (excluded).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct DayOpening {
    /// Local date on which the opening starts.
    pub date: Date,
    pub start_ms: i64,
    pub end_ms: i64,
}

/// An uninterrupted time in which the kitchen works, from `start_ms` (included) to `end_ms` (excluded).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Interval {
    pub start_ms: i64,
    pub end_ms: i64,
}

impl Interval {
    #[must_use]
    pub fn contains(self, instant_ms: i64) -> bool {
        (self.start_ms..self.end_ms).contains(&instant_ms)
    }
}

/// Lists the openings that start on the dates from `first` to `last`, both included, in order and without overlaps. A range that
/// lies wholly in the hour skipped by daylight saving is left out.
#[must_use]
pub fn day_openings(restaurant: &Restaurant, first: Date, last: Date) -> Vec<DayOpening> {
    let mut openings = Vec::new();
    let mut date = first;
    while date <= last {
        if !restaurant.closed_dates().contains(&date) {
            for range in restaurant.hours().ranges_on(date.weekday()) {
                let opening = DayOpening {
                    date,
                    start_ms: restaurant.zone().instant_ms(date, range.start_minute()),
                    end_ms: restaurant.zone().instant_ms(date, range.end_minute()),
                };
                if opening.start_ms < opening.end_ms {
                    openings.push(opening);
                }
            }
        }
        let Ok(next) = date.tomorrow() else { break };
        date = next;
    }
    openings
}

/// Merges openings where one starts as the previous one ends: a kitchen that is open round the clock works through midnight.
#[must_use]
pub fn merge_adjacent(openings: &[DayOpening]) -> Vec<Interval> {
    let mut intervals: Vec<Interval> = Vec::new();
    for opening in openings {
        match intervals.last_mut() {
            Some(last) if last.end_ms == opening.start_ms => last.end_ms = opening.end_ms,
            _ => intervals.push(Interval {
                start_ms: opening.start_ms,
                end_ms: opening.end_ms,
            }),
        }
    }
    intervals
}

/// Says whether the restaurant is open, until when, and when it opens next. Closing and opening times more than a fortnight ahead
/// (open round the clock) are left out.
#[must_use]
pub fn opening_state(restaurant: &Restaurant, now_ms: i64) -> Opening {
    let today = restaurant.zone().date(now_ms);
    let openings = day_openings(
        restaurant,
        day_before(today),
        days_after(today, FORTNIGHT_DAYS + 1),
    );
    let limit_ms = now_ms.saturating_add(FORTNIGHT_MS);
    let next = merge_adjacent(&openings)
        .into_iter()
        .find(|interval| interval.end_ms > now_ms);
    match next {
        Some(interval) if interval.contains(now_ms) => Opening {
            open: true,
            closes_at_ms: Some(interval.end_ms).filter(|&end_ms| end_ms <= limit_ms),
            opens_at_ms: None,
        },
        Some(interval) => Opening {
            open: false,
            closes_at_ms: None,
            opens_at_ms: Some(interval.start_ms).filter(|&start_ms| start_ms <= limit_ms),
        },
        None => Opening {
            open: false,
            closes_at_ms: None,
            opens_at_ms: None,
        },
    }
}

#[cfg(test)]
mod tests;
