//! What a basket costs here and now, and what stands in its way.

use model::Pence;
use model::basket::{Basket, Obstacle, ObstacleCode, Quote};
use model::place::{Finding, Place};
use model::restaurant::{Fulfilment, Slot};

use super::local_time::MINUTE_MS;
use super::restaurant::DeliveryBand;
use super::slots::{self, Road};
use super::supply::Supply;
use super::{Restaurant, delivery, digest, opening, pricing};

/// Prices what can be priced, and lists what stands in the way, each with what to do. `place` is what is known of the
/// basket's postcode; it is ignored for collection.
#[must_use]
pub fn quote(
    restaurant: &Restaurant,
    basket: &Basket,
    place: Option<&Place>,
    supply: &Supply,
    now_ms: i64,
) -> Quote {
    let place = place.filter(|_| basket.fulfilment == Fulfilment::Delivery);
    let priced = pricing::price(restaurant, &basket.lines, supply);
    let mut obstacles = priced.obstacles;

    let distance_m = place.and_then(|place| delivery::distance_m(restaurant, place));
    let band = distance_m.and_then(|distance_m| delivery::band(restaurant, distance_m));
    let reach = match basket.fulfilment {
        Fulfilment::Delivery => undelivered(restaurant, place, distance_m, band),
        Fulfilment::Collection => uncollected(restaurant),
    };
    obstacles.extend(reach);

    let (fee, minimum) = band.map_or((Pence::ZERO, Pence::ZERO), |band| (band.fee, band.minimum));
    let missing = priced.goods.missing_to(minimum);
    if !missing.is_zero() {
        obstacles.push(obstacle(
            ObstacleCode::BelowMinimum,
            format!("Add {missing} more to reach the minimum for delivery."),
        ));
    }

    let road = match band {
        Some(band) => Road::within(band),
        None => Road::to_anywhere(restaurant, basket.fulfilment),
    };
    let time = time(restaurant, basket, road, supply, now_ms);
    obstacles.extend(time.obstacle);

    let mut quote = Quote {
        digest: String::new(),
        restaurant: restaurant.slug().to_owned(),
        fulfilment: basket.fulfilment,
        postcode: place.map(|place| place.postcode.clone()),
        distance_m,
        approximate: place.is_some_and(|place| place.finding == Finding::Approximate),
        slot: time.slot,
        // Without knowing the place there is no telling when it would arrive.
        expected: time
            .expected
            .filter(|_| band.is_some() || basket.fulfilment == Fulfilment::Collection),
        lines: priced.lines,
        goods_pence: priced.goods,
        delivery_fee_pence: fee,
        total_pence: priced.goods + fee,
        vat_pence: pricing::vat(
            restaurant.profile().vat_registered,
            priced.goods,
            priced.standard_rated,
            fee,
        ),
        minimum_pence: minimum,
        missing_pence: missing,
        obstacles,
    };
    quote.digest = digest::digest(&quote);
    quote
}

fn obstacle(code: ObstacleCode, message: String) -> Obstacle {
    Obstacle {
        code,
        message,
        line: None,
    }
}

fn uncollected(restaurant: &Restaurant) -> Option<Obstacle> {
    (!restaurant.offers(Fulfilment::Collection)).then(|| {
        obstacle(
            ObstacleCode::NoCollection,
            format!(
                "{} does not take orders for collection; choose delivery.",
                restaurant.name()
            ),
        )
    })
}

/// Why it cannot be delivered there, if so.
fn undelivered(
    restaurant: &Restaurant,
    place: Option<&Place>,
    distance_m: Option<u32>,
    band: Option<&DeliveryBand>,
) -> Option<Obstacle> {
    let name = restaurant.name();
    let collects = restaurant.offers(Fulfilment::Collection);
    let or_collect = if collects {
        ", or choose collection"
    } else {
        ""
    };
    let elsewhere = if collects {
        "choose collection or another restaurant"
    } else {
        "choose another restaurant"
    };
    if !restaurant.offers(Fulfilment::Delivery) {
        return Some(obstacle(
            ObstacleCode::NoDelivery,
            format!("{name} does not deliver; choose collection."),
        ));
    }
    let Some(place) = place else {
        return Some(obstacle(
            ObstacleCode::PostcodeMissing,
            format!("Enter the postcode to deliver to{or_collect}."),
        ));
    };
    let postcode = &place.postcode;
    let (code, message) = match (place.finding, distance_m) {
        (Finding::NotLocatable, _) => (
            ObstacleCode::NotLocatable,
            format!("{postcode} is a real postcode that no map places; {elsewhere}."),
        ),
        (Finding::Terminated, _) => (
            ObstacleCode::PostcodeTerminated,
            format!("{postcode} is no longer in use; enter the present postcode{or_collect}."),
        ),
        (Finding::Unknown, _) => (
            ObstacleCode::PostcodeUnknown,
            format!("{postcode} is not a postcode that we know; check it{or_collect}."),
        ),
        (Finding::Found | Finding::Approximate, Some(distance_m)) => {
            if band.is_some() {
                return None;
            }
            (
                ObstacleCode::OutsideArea,
                format!(
                    "{postcode} is {} from {name}, outside the area that it delivers to; {elsewhere}.",
                    miles(distance_m)
                ),
            )
        }
        (Finding::CouldNotCheck, _) | (Finding::Found | Finding::Approximate, None) => (
            ObstacleCode::CouldNotCheck,
            format!(
                "We could not check just now where {postcode} is; try again in a minute{or_collect}."
            ),
        ),
    };
    Some(obstacle(code, message))
}

/// `5.1 miles`.
fn miles(distance_m: u32) -> String {
    const METRES: f64 = 1609.344;
    format!("{:.1} miles", f64::from(distance_m) / METRES)
}

struct Time {
    slot: Option<Slot>,
    expected: Option<Slot>,
    obstacle: Option<Obstacle>,
}

/// A slot that was chosen stays the chosen one, even when it is gone: it is never moved silently.
fn time(
    restaurant: &Restaurant,
    basket: &Basket,
    road: Road,
    supply: &Supply,
    now_ms: i64,
) -> Time {
    let zone = restaurant.zone();
    let offered = restaurant.offers(basket.fulfilment);
    let Some(start_ms) = basket.slot_start_ms else {
        let possible = slots::asap(restaurant, now_ms);
        let expected = possible.then(|| slots::soonest(restaurant, road, now_ms));
        let obstacle = match expected {
            None => Some(closed(restaurant, road, supply, now_ms)),
            Some(time) if supply.is_full(restaurant, slots::containing(restaurant, time)) => {
                Some(busy(restaurant, road, supply, now_ms))
            }
            Some(_) => None,
        };
        return Time {
            slot: None,
            expected,
            obstacle: obstacle.filter(|_| offered),
        };
    };
    let slot_ms = i64::from(restaurant.ordering().slot.get()) * MINUTE_MS;
    let slot = Slot {
        start_ms,
        end_ms: start_ms.saturating_add(slot_ms),
    };
    let there = slots::offered_slots(restaurant, road, now_ms).contains(&slot);
    Time {
        slot: Some(slot),
        expected: there.then_some(slot),
        obstacle: (offered && (!there || supply.is_full(restaurant, start_ms))).then(|| {
            let why = if there {
                "has just been taken by others"
            } else {
                "is no longer available"
            };
            obstacle(
                ObstacleCode::SlotGone,
                format!(
                    "The time you chose, {}, {why}; choose another.",
                    zone.moment(start_ms, now_ms)
                ),
            )
        }),
    }
}

/// What to do where as soon as possible is not possible.
fn later(restaurant: &Restaurant, road: Road, supply: &Supply, now_ms: i64) -> &'static str {
    let free = slots::offered_slots(restaurant, road, now_ms)
        .iter()
        .any(|slot| !supply.is_full(restaurant, slot.start_ms));
    if free {
        "choose a time instead"
    } else {
        "choose another restaurant"
    }
}

fn busy(restaurant: &Restaurant, road: Road, supply: &Supply, now_ms: i64) -> Obstacle {
    obstacle(
        ObstacleCode::Closed,
        format!(
            "{} has as many orders as it can prepare just now; {}.",
            restaurant.name(),
            later(restaurant, road, supply, now_ms)
        ),
    )
}

fn closed(restaurant: &Restaurant, road: Road, supply: &Supply, now_ms: i64) -> Obstacle {
    let zone = restaurant.zone();
    let name = restaurant.name();
    let state = opening(restaurant, now_ms);
    let later = later(restaurant, road, supply, now_ms);
    let message = match (state.closes_at_ms, state.opens_at_ms) {
        (Some(closes_at_ms), _) => format!(
            "{name} closes at {} and can no longer prepare this before; {later}.",
            zone.clock(closes_at_ms)
        ),
        (None, Some(opens_at_ms)) => format!(
            "{name} is closed until {}; {later}.",
            zone.moment(opens_at_ms, now_ms)
        ),
        (None, None) => format!("{name} is closed; {later}."),
    };
    obstacle(ObstacleCode::Closed, message)
}

#[cfg(test)]
mod tests;
