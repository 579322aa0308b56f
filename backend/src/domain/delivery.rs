//! Who is delivered to, and on what terms: bands by the distance as the crow flies.

use model::place::{Finding, Place};
use model::restaurant::DeliveryTerms;

use super::Restaurant;
use super::restaurant::DeliveryBand;

/// How exactly an arrival "as soon as possible" is promised.
pub const ASAP_WINDOW_MINUTES: u32 = 15;

/// How far the place is from the restaurant, in whole metres, rounded up. A place that is known by its sector only is judged
/// by the centre. `None` when it is not known where the place is.
#[must_use]
pub fn distance_m(restaurant: &Restaurant, place: &Place) -> Option<u32> {
    let located = matches!(place.finding, Finding::Found | Finding::Approximate);
    let position = place.position.filter(|_| located)?;
    let metres = restaurant.profile().position.distance_m(position).ceil();
    // No two places on Earth are further apart than 20,016 km.
    Some(metres as u32)
}

/// The nearest band that reaches so far; `None`: outside the area.
#[must_use]
pub fn band(restaurant: &Restaurant, distance_m: u32) -> Option<&DeliveryBand> {
    restaurant
        .bands()
        .iter()
        .find(|band| distance_m <= band.up_to_m)
}

#[must_use]
pub fn terms(restaurant: &Restaurant, band: &DeliveryBand) -> DeliveryTerms {
    let from_minutes = restaurant.ordering().prepare_minutes + band.minutes;
    DeliveryTerms {
        fee_pence: band.fee,
        minimum_pence: band.minimum,
        from_minutes,
        to_minutes: from_minutes + ASAP_WINDOW_MINUTES,
    }
}

#[cfg(test)]
mod tests;
