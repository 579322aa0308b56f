//! Which times can be chosen. An order is prepared within one opening: it is begun when the restaurant is open, and ready
//! when it closes at the latest. For delivery the road comes on top, so that the last slots lie after closing time.

use model::restaurant::{Fulfilment, Slot, Slots};

use super::Restaurant;
use super::delivery::ASAP_WINDOW_MINUTES;
use super::local_time::{MINUTE_MS, day_before, days_after};
use super::opening::{Interval, day_openings, joined};
use super::restaurant::DeliveryBand;
use super::supply::Supply;

/// Minutes on the road, from the nearest to the farthest place that is meant.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Road {
    shortest_minutes: u32,
    longest_minutes: u32,
}

impl Road {
    /// Before the place is known a delivery slot is offered only if it suits every band, so that none turns out
    /// impossible once the postcode is typed.
    #[must_use]
    pub fn to_anywhere(restaurant: &Restaurant, fulfilment: Fulfilment) -> Self {
        let minutes = || restaurant.bands().iter().map(|band| band.minutes);
        match fulfilment {
            Fulfilment::Collection => Self::none(),
            Fulfilment::Delivery => Self {
                shortest_minutes: minutes().min().unwrap_or(0),
                longest_minutes: minutes().max().unwrap_or(0),
            },
        }
    }

    #[must_use]
    pub fn within(band: &DeliveryBand) -> Self {
        Self {
            shortest_minutes: band.minutes,
            longest_minutes: band.minutes,
        }
    }

    #[must_use]
    pub fn none() -> Self {
        Self {
            shortest_minutes: 0,
            longest_minutes: 0,
        }
    }
}

/// The slots over the coming days that the restaurant takes orders for and that have a place left, and whether "as soon as
/// possible" can be chosen.
#[must_use]
pub fn slots(
    restaurant: &Restaurant,
    fulfilment: Fulfilment,
    supply: &Supply,
    now_ms: i64,
) -> Slots {
    let offered = restaurant.offers(fulfilment);
    let road = Road::to_anywhere(restaurant, fulfilment);
    let is_free = |start_ms| !supply.is_full(restaurant, start_ms);
    let soonest = soonest(restaurant, road, now_ms);
    let mut slots = Vec::new();
    if offered {
        slots = offered_slots(restaurant, road, now_ms);
        slots.retain(|slot| is_free(slot.start_ms));
    }
    Slots {
        now_ms,
        zone: restaurant.zone().name().to_owned(),
        asap: offered && asap(restaurant, now_ms) && is_free(containing(restaurant, soonest)),
        slots,
    }
}

/// When an order for as soon as possible arrives or can be collected.
#[must_use]
pub fn soonest(restaurant: &Restaurant, road: Road, now_ms: i64) -> Slot {
    let minutes = restaurant.ordering().prepare_minutes + road.longest_minutes;
    let start_ms = now_ms.saturating_add(i64::from(minutes) * MINUTE_MS);
    Slot {
        start_ms,
        end_ms: start_ms.saturating_add(i64::from(ASAP_WINDOW_MINUTES) * MINUTE_MS),
    }
}

/// The start of the slot that a time begins in: where an order for as soon as possible has its place.
#[must_use]
pub fn containing(restaurant: &Restaurant, time: Slot) -> i64 {
    let minutes = restaurant.ordering().slot.get();
    let next_ms = restaurant.zone().aligned(time.start_ms, minutes);
    if next_ms == time.start_ms {
        next_ms
    } else {
        next_ms.saturating_sub(i64::from(minutes) * MINUTE_MS)
    }
}

/// Open now, and an order could still be prepared before closing.
#[must_use]
pub fn asap(restaurant: &Restaurant, now_ms: i64) -> bool {
    let today = restaurant.zone().date(now_ms);
    let ready_ms =
        now_ms.saturating_add(i64::from(restaurant.ordering().prepare_minutes) * MINUTE_MS);
    // Tomorrow is asked too, because an opening may go on through midnight into the next.
    let openings = day_openings(restaurant, day_before(today), days_after(today, 1));
    joined(&openings)
        .into_iter()
        .any(|interval| interval.contains(now_ms) && ready_ms <= interval.end_ms)
}

/// The slots that suit all places with such a road to them, in order of time.
#[must_use]
pub fn offered_slots(restaurant: &Restaurant, road: Road, now_ms: i64) -> Vec<Slot> {
    let zone = restaurant.zone();
    let ordering = restaurant.ordering();
    let slot_minutes = ordering.slot.get();
    let slot_ms = i64::from(slot_minutes) * MINUTE_MS;
    let lead_ms = i64::from(ordering.prepare_minutes + road.longest_minutes) * MINUTE_MS;
    let road_ms = i64::from(road.shortest_minutes) * MINUTE_MS;

    let today = zone.date(now_ms);
    let last_date = days_after(today, ordering.days_ahead);
    // A day more is asked for, to know whether the last opening ends or goes on into one that cannot be ordered for yet.
    let openings = day_openings(restaurant, day_before(today), days_after(last_date, 1));
    let ordered_for = openings.partition_point(|opening| opening.date <= last_date);
    let (openings, beyond) = openings.split_at(ordered_for);
    let goes_on_at_ms = beyond.first().map(|opening| opening.start_ms);

    let mut slots = Vec::new();
    for Interval { start_ms, end_ms } in joined(openings) {
        let earliest_ms = start_ms.max(now_ms).saturating_add(lead_ms);
        let latest_ms = end_ms.saturating_add(road_ms);
        let mut next_ms = zone.aligned(earliest_ms, slot_minutes);
        while next_ms < latest_ms || (next_ms == latest_ms && goes_on_at_ms != Some(end_ms)) {
            slots.push(Slot {
                start_ms: next_ms,
                end_ms: next_ms + slot_ms,
            });
            next_ms = zone.aligned(next_ms + slot_ms, slot_minutes);
        }
    }
    slots
}

#[cfg(test)]
mod tests;
