//! When a restaurant is open: instants, from its weekly local hours and the dates on which it stays closed.

use jiff::civil::Date;
use model::restaurant::Opening;

use super::Restaurant;
use super::local_time::{MINUTE_MS, day_before, days_after};

/// How far ahead the next opening is looked for.
const FORTNIGHT_DAYS: u32 = 14;
const FORTNIGHT_MS: i64 = FORTNIGHT_DAYS as i64 * 24 * 60 * MINUTE_MS;

/// One opening of one day: from `start_ms` on, and no longer at `end_ms`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct DayOpening {
    /// The date on which it begins.
    pub date: Date,
    pub start_ms: i64,
    pub end_ms: i64,
}

/// A time without interruption in which the kitchen works.
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

/// The openings that begin on these dates, both included, in order; none overlaps another. A range that the spring night
/// swallows whole does not open.
#[must_use]
pub fn day_openings(restaurant: &Restaurant, first: Date, last: Date) -> Vec<DayOpening> {
    let mut openings = Vec::new();
    let mut date = first;
    while date <= last {
        if !restaurant.closed_dates().contains(&date) {
            for range in restaurant.hours().on(date.weekday()) {
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

/// Joins openings where one begins as the other ends: a kitchen that is open round the clock works through midnight.
#[must_use]
pub fn joined(openings: &[DayOpening]) -> Vec<Interval> {
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

/// Whether it is open, until when, and when it opens next. An end beyond the coming fortnight (round the clock) is not told.
#[must_use]
pub fn opening(restaurant: &Restaurant, now_ms: i64) -> Opening {
    let today = restaurant.zone().date(now_ms);
    let openings = day_openings(
        restaurant,
        day_before(today),
        days_after(today, FORTNIGHT_DAYS + 1),
    );
    let limit_ms = now_ms.saturating_add(FORTNIGHT_MS);
    let coming = joined(&openings)
        .into_iter()
        .find(|interval| interval.end_ms > now_ms);
    match coming {
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
