//! Acceptance deadlines: the time at which an order expires unless the staff accept it.

use model::restaurant::Slot;

use super::local_time::{day_before, days_after};
use super::opening::{day_openings, merge_adjacent};
use super::{Catalogue, Restaurant};

/// How far ahead opening time is searched: beyond the days that orders are taken for.
const LOOK_AHEAD_DAYS: u32 = 15;

/// Computes acceptance deadlines. Cheap to clone.
#[derive(Clone, Debug)]
pub struct Deadlines {
    catalogue: Catalogue,
    window_ms: i64,
}

impl Deadlines {
    /// `window_ms` is the time that the staff have to accept an order.
    #[must_use]
    pub fn new(catalogue: Catalogue, window_ms: i64) -> Self {
        Self {
            catalogue,
            window_ms,
        }
    }

    /// The end of an acceptance window that starts at `from_ms`, in milliseconds. For an order for as soon as possible the window is
    /// plain elapsed time, because its customer is waiting; for a chosen time it counts only while the restaurant is open, because
    /// the staff look at no orders before.
    #[must_use]
    pub fn expires_at_ms(&self, restaurant: &str, slot: Option<Slot>, from_ms: i64) -> i64 {
        slot.and(self.catalogue.get(restaurant))
            .and_then(|restaurant| after_opening_time(restaurant, from_ms, self.window_ms))
            .unwrap_or(from_ms.saturating_add(self.window_ms))
    }
}

/// The instant by which the restaurant has been open for `window_ms` since `from_ms`; `None` if that is more than a fortnight ahead.
fn after_opening_time(restaurant: &Restaurant, from_ms: i64, window_ms: i64) -> Option<i64> {
    let today = restaurant.zone().date(from_ms);
    let openings = day_openings(
        restaurant,
        day_before(today),
        days_after(today, LOOK_AHEAD_DAYS),
    );
    let mut remaining_ms = window_ms;
    for interval in merge_adjacent(&openings) {
        let start_ms = interval.start_ms.max(from_ms);
        let open_ms = interval.end_ms.saturating_sub(start_ms);
        if open_ms <= 0 {
            continue;
        }
        if remaining_ms <= open_ms {
            return Some(start_ms + remaining_ms);
        }
        remaining_ms -= open_ms;
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

    fn expiry(deadlines: &Deadlines, chosen: bool, from: &str) -> i64 {
        let slot = chosen.then_some(Slot {
            start_ms: 0,
            end_ms: 1,
        });
        deadlines.expires_at_ms("the-test-kitchen", slot, instant(from))
    }

    #[test]
    fn an_asap_order_expires_after_ten_minutes() {
        let deadlines = deadlines(restaurant());
        let end = expiry(&deadlines, false, "2026-01-07T14:25:00Z");
        assert_eq!(end, instant("2026-01-07T14:35:00Z"));
    }

    #[test]
    fn for_a_chosen_time_only_opening_hours_count() {
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
            assert_eq!(expiry(&deadlines, true, from), instant(end), "{from}");
        }
    }

    #[test]
    fn without_a_restaurant_or_an_opening_ten_minutes_apply() {
        let never = deadlines(with_hours(&[(); 7].map(|()| String::new())));
        let from = "2026-01-07T12:00:00Z";
        assert_eq!(expiry(&never, true, from), instant("2026-01-07T12:10:00Z"));
        let slot = Some(Slot {
            start_ms: 0,
            end_ms: 1,
        });
        assert_eq!(never.expires_at_ms("gone", slot, 0), TEN_MINUTES_MS);
    }
}
