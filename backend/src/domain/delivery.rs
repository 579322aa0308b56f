//! Delivery area and terms: bands by the distance as the crow flies.

use model::place::{Finding, Place};
use model::restaurant::{DeliveryTerms, Slot};

use super::Restaurant;
use super::local_time::MINUTE_MS;
use super::restaurant::DeliveryBand;

/// Length of the window that is promised for an arrival "as soon as possible". Shorter, and kitchens break the promise; longer,
/// and it tells the customer little.
pub const ASAP_WINDOW_MINUTES: u32 = 15;

/// Distance of the place from the restaurant in whole metres, rounded up. An approximate place counts by the centre of its
/// postcode sector. `None` where the position of the place is unknown.
#[must_use]
pub fn distance_m(restaurant: &Restaurant, place: &Place) -> Option<u32> {
    let located = matches!(place.finding, Finding::Found | Finding::Approximate);
    let position = place.position.filter(|_| located)?;
    let metres = restaurant.profile().position.distance_m(position).ceil();
    // No two places on Earth are further apart than 20,016 km.
    Some(metres as u32)
}

/// Finds the nearest band that includes the distance; `None`: outside the delivery area.
#[must_use]
pub fn find_band(restaurant: &Restaurant, distance_m: u32) -> Option<&DeliveryBand> {
    restaurant
        .bands()
        .iter()
        .find(|band| distance_m <= band.up_to_m)
}

/// The terms of delivery within one band, counted from ordering to the door.
#[must_use]
pub fn terms_of(restaurant: &Restaurant, band: &DeliveryBand) -> DeliveryTerms {
    let from_minutes = restaurant.ordering().prepare_minutes + band.minutes;
    DeliveryTerms {
        fee_pence: band.fee,
        minimum_pence: band.minimum,
        from_minutes,
        to_minutes: from_minutes + ASAP_WINDOW_MINUTES,
    }
}

/// The window promised for an arrival `minutes` after `from_ms`.
#[must_use]
pub fn arrival_window(from_ms: i64, minutes: u32) -> Slot {
    let start_ms = from_ms.saturating_add(i64::from(minutes) * MINUTE_MS);
    Slot {
        start_ms,
        end_ms: start_ms.saturating_add(i64::from(ASAP_WINDOW_MINUTES) * MINUTE_MS),
    }
}

#[cfg(test)]
mod tests;
