//! When an order that nobody accepts ends by itself.

use model::restaurant::Slot;

use super::local_time::{day_before, days_after};
use super::opening::{day_openings, joined};
use super::{Catalogue, Restaurant};

/// How far ahead opening time is looked for: beyond the days that orders are taken for.
const LOOK_AHEAD_DAYS: u32 = 15;

/// The rule with what it depends on. Cheap to clone.
#[derive(Clone, Debug)]
pub struct Deadlines {
    catalogue: Catalogue,
    window_ms: i64,
}

impl Deadlines {
    /// `window_ms` is how long the staff have.
    #[must_use]
    pub fn new(catalogue: Catalogue, window_ms: i64) -> Self {
        Self {
            catalogue,
            window_ms,
        }
    }

    /// The end of a window that begins at `from_ms`. An order for as soon as possible is waited for by its customer; for a
    /// chosen time the window is counted while the restaurant is open, for nobody looks at orders before.
    #[must_use]
    pub fn of(&self, restaurant: &str, slot: Option<Slot>, from_ms: i64) -> i64 {
        slot.and(self.catalogue.get(restaurant))
            .and_then(|restaurant| in_opening_time(restaurant, from_ms, self.window_ms))
            .unwrap_or(from_ms.saturating_add(self.window_ms))
    }
}

/// The instant by which it was open for so long since `from_ms`; `None` if it is not within the coming fortnight.
fn in_opening_time(restaurant: &Restaurant, from_ms: i64, window_ms: i64) -> Option<i64> {
    let today = restaurant.zone().date(from_ms);
    let openings = day_openings(
        restaurant,
        day_before(today),
        days_after(today, LOOK_AHEAD_DAYS),
    );
    let mut left_ms = window_ms;
    for interval in joined(&openings) {
        let start_ms = interval.start_ms.max(from_ms);
        let open_ms = interval.end_ms.saturating_sub(start_ms);
        if open_ms <= 0 {
            continue;
        }
        if left_ms <= open_ms {
            return Some(start_ms + left_ms);
        }
        left_ms -= open_ms;
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::menus::fixtures::{instant, restaurant, with_hours};

    const TEN_MINUTES_MS: i64 = 600_000;

    fn deadlines(restaurant: Restaurant) -> Deadlines {
        Deadlines::new(Catalogue::new([restaurant]), TEN_MINUTES_MS)
    }

    fn of(deadlines: &Deadlines, chosen: bool, from: &str) -> i64 {
        let slot = chosen.then_some(Slot {
            start_ms: 0,
            end_ms: 1,
        });
        deadlines.of("the-test-kitchen", slot, instant(from))
    }

    #[test]
    fn as_soon_as_possible_means_ten_minutes() {
        let deadlines = deadlines(restaurant());
        let end = of(&deadlines, false, "2026-01-07T14:25:00Z");
        assert_eq!(end, instant("2026-01-07T14:35:00Z"));
    }

    #[test]
    fn for_a_chosen_time_only_opening_time_counts() {
        // Wednesdays, 11:30 to 14:30 and 17:00 to 23:00.
        let deadlines = deadlines(restaurant());
        for (from, end) in [
            ("2026-01-07T12:00:00Z", "2026-01-07T12:10:00Z"),
            ("2026-01-07T08:00:00Z", "2026-01-07T11:40:00Z"),
            ("2026-01-07T14:20:00Z", "2026-01-07T14:30:00Z"),
            ("2026-01-07T14:26:00Z", "2026-01-07T17:06:00Z"),
            ("2026-01-07T23:30:00Z", "2026-01-08T11:40:00Z"),
            // Closed on Mondays.
            ("2026-01-11T22:00:00Z", "2026-01-13T11:40:00Z"),
        ] {
            assert_eq!(of(&deadlines, true, from), instant(end), "{from}");
        }
    }

    #[test]
    fn a_restaurant_that_is_gone_or_never_opens_leaves_ten_minutes() {
        let never = deadlines(with_hours(&[(); 7].map(|()| String::new())));
        let from = "2026-01-07T12:00:00Z";
        assert_eq!(of(&never, true, from), instant("2026-01-07T12:10:00Z"));
        let slot = Some(Slot {
            start_ms: 0,
            end_ms: 1,
        });
        assert_eq!(never.of("gone", slot, 0), TEN_MINUTES_MS);
    }
}
