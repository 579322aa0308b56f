//! Slots: the times that a customer can choose.
//!
//! An order is prepared within one opening: preparation starts while the restaurant is open and ends by closing time. The
//! travel time of a delivery comes on top, so the last delivery slots lie after closing time.

use model::restaurant::{Fulfilment, Slot, Slots};

use super::Restaurant;
use super::delivery;
use super::inventory::Inventory;
use super::local_time::{MINUTE_MS, day_before, days_after};
use super::opening::{Interval, day_openings, merge_adjacent};
use super::restaurant::DeliveryBand;

/// Travel time from the restaurant to the customer, as a range over all places that a calculation covers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TravelTime {
    shortest_minutes: u32,
    longest_minutes: u32,
}

impl TravelTime {
    /// No travel: the order is collected.
    pub const ZERO: Self = Self {
        shortest_minutes: 0,
        longest_minutes: 0,
    };

    /// The range over all delivery bands. Before the place is known a delivery slot is offered only if it suits every band, so
    /// that no slot turns out impossible once the customer enters a postcode.
    #[must_use]
    pub fn to_all_bands(restaurant: &Restaurant, fulfilment: Fulfilment) -> Self {
        let minutes = || restaurant.bands().iter().map(|band| band.minutes);
        match fulfilment {
            Fulfilment::Collection => Self::ZERO,
            Fulfilment::Delivery => Self {
                shortest_minutes: minutes().min().unwrap_or(0),
                longest_minutes: minutes().max().unwrap_or(0),
            },
        }
    }

    /// The travel time within one delivery band.
    #[must_use]
    pub fn to_band(band: &DeliveryBand) -> Self {
        Self {
            shortest_minutes: band.minutes,
            longest_minutes: band.minutes,
        }
    }
}

/// Lists the slots of the days that the restaurant takes orders for, without the full ones, and says whether "as soon as
/// possible" can be chosen.
#[must_use]
pub fn available_slots(
    restaurant: &Restaurant,
    fulfilment: Fulfilment,
    inventory: &Inventory,
    now_ms: i64,
) -> Slots {
    let offered = restaurant.offers(fulfilment);
    let travel = TravelTime::to_all_bands(restaurant, fulfilment);
    let has_room = |start_ms| !inventory.is_slot_full(restaurant, start_ms);
    let asap_slot_ms =
        containing_slot_start_ms(restaurant, asap_window(restaurant, travel, now_ms));
    let mut slots = Vec::new();
    if offered {
        slots = offered_slots(restaurant, travel, now_ms);
        slots.retain(|slot| has_room(slot.start_ms));
    }
    Slots {
        now_ms,
        zone: restaurant.zone().name().to_owned(),
        asap: offered && is_asap_possible(restaurant, now_ms) && has_room(asap_slot_ms),
        slots,
    }
}

/// The window in which an order for as soon as possible arrives or can be collected.
#[must_use]
pub fn asap_window(restaurant: &Restaurant, travel: TravelTime, now_ms: i64) -> Slot {
    let minutes = restaurant.ordering().prepare_minutes + travel.longest_minutes;
    delivery::arrival_window(now_ms, minutes)
}

/// The start of the slot in which `window` begins, in milliseconds: the slot that an order for as soon as possible occupies.
#[must_use]
pub fn containing_slot_start_ms(restaurant: &Restaurant, window: Slot) -> i64 {
    let minutes = restaurant.ordering().slot.get();
    let next_ms = restaurant.zone().align_up(window.start_ms, minutes);
    if next_ms == window.start_ms {
        next_ms
    } else {
        next_ms.saturating_sub(i64::from(minutes) * MINUTE_MS)
    }
}

/// Whether the restaurant is open and can still prepare an order before it closes.
#[must_use]
pub fn is_asap_possible(restaurant: &Restaurant, now_ms: i64) -> bool {
    let today = restaurant.zone().date(now_ms);
    let ready_ms =
        now_ms.saturating_add(i64::from(restaurant.ordering().prepare_minutes) * MINUTE_MS);
    // Includes tomorrow, because an opening may continue through midnight into the next one.
    let openings = day_openings(restaurant, day_before(today), days_after(today, 1));
    merge_adjacent(&openings)
        .into_iter()
        .any(|interval| interval.contains(now_ms) && ready_ms <= interval.end_ms)
}

/// Lists the slots that suit every place within the travel time, full ones included, in order of time.
#[must_use]
pub fn offered_slots(restaurant: &Restaurant, travel: TravelTime, now_ms: i64) -> Vec<Slot> {
    let zone = restaurant.zone();
    let ordering = restaurant.ordering();
    let slot_minutes = ordering.slot.get();
    let slot_ms = i64::from(slot_minutes) * MINUTE_MS;
    let lead_ms = i64::from(ordering.prepare_minutes + travel.longest_minutes) * MINUTE_MS;
    let travel_ms = i64::from(travel.shortest_minutes) * MINUTE_MS;

    let today = zone.date(now_ms);
    let last_date = days_after(today, ordering.days_ahead);
    // Includes one day more, which tells whether the last opening ends or continues into a day that takes no orders yet.
    let openings = day_openings(restaurant, day_before(today), days_after(last_date, 1));
    let orderable = openings.partition_point(|opening| opening.date <= last_date);
    let (openings, beyond) = openings.split_at(orderable);
    let continues_at_ms = beyond.first().map(|opening| opening.start_ms);

    let mut slots = Vec::new();
    for Interval { start_ms, end_ms } in merge_adjacent(openings) {
        let earliest_ms = start_ms.max(now_ms).saturating_add(lead_ms);
        let latest_ms = end_ms.saturating_add(travel_ms);
        let mut next_ms = zone.align_up(earliest_ms, slot_minutes);
        while next_ms < latest_ms || (next_ms == latest_ms && continues_at_ms != Some(end_ms)) {
            slots.push(Slot {
                start_ms: next_ms,
                end_ms: next_ms + slot_ms,
            });
            next_ms = zone.align_up(next_ms + slot_ms, slot_minutes);
        }
    }
    slots
}

#[cfg(test)]
mod tests;
