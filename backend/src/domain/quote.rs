//! Quotes: what a basket costs at this moment, and the obstacles that prevent it from being ordered.

use model::Pence;
use model::basket::{Basket, Obstacle, ObstacleCode, Quote};
use model::place::{Finding, Place};
use model::restaurant::{Fulfilment, Slot};

use super::inventory::Inventory;
use super::local_time::MINUTE_MS;
use super::opening::opening_state;
use super::restaurant::DeliveryBand;
use super::slots::{self, TravelTime};
use super::{Restaurant, delivery, digest, pricing};

/// Quotes a basket: prices every line that can be priced, and lists obstacles, each with what the customer can do. `place` is the
/// result of geocoding the basket's postcode; it is ignored for collection.
#[must_use]
pub fn quote_basket(
    restaurant: &Restaurant,
    basket: &Basket,
    place: Option<&Place>,
    inventory: &Inventory,
    now_ms: i64,
) -> Quote {
    let place = place.filter(|_| basket.fulfilment == Fulfilment::Delivery);
    let priced = pricing::price_lines(restaurant, &basket.lines, inventory);
    let mut obstacles = priced.obstacles;

    let distance_m = place.and_then(|place| delivery::distance_m(restaurant, place));
    let band = distance_m.and_then(|distance_m| delivery::find_band(restaurant, distance_m));
    let fulfilment_obstacle = match basket.fulfilment {
        Fulfilment::Delivery => delivery_obstacle(restaurant, place, distance_m, band),
        Fulfilment::Collection => collection_obstacle(restaurant),
    };
    obstacles.extend(fulfilment_obstacle);

    let (fee, minimum) = band.map_or((Pence::ZERO, Pence::ZERO), |band| (band.fee, band.minimum));
    let missing = priced.goods.missing_to(minimum);
    if !missing.is_zero() {
        obstacles.push(obstacle(
            ObstacleCode::BelowMinimum,
            format!("Add {missing} more to reach the minimum for delivery."),
        ));
    }

    let travel = match band {
        Some(band) => TravelTime::to_band(band),
        None => TravelTime::to_all_bands(restaurant, basket.fulfilment),
    };
    let time = quote_time(restaurant, basket, travel, inventory, now_ms);
    obstacles.extend(time.obstacle);

    let mut quote = Quote {
        digest: String::new(),
        restaurant: restaurant.slug().to_owned(),
        fulfilment: basket.fulfilment,
        postcode: place.map(|place| place.postcode.clone()),
        distance_m,
        approximate: place.is_some_and(|place| place.finding == Finding::Approximate),
        slot: time.slot,
        // Without a band the travel time is unknown, and with it the time of arrival.
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
    quote.digest = digest::digest_quote(&quote);
    quote
}

fn obstacle(code: ObstacleCode, message: String) -> Obstacle {
    Obstacle {
        code,
        message,
        line: None,
    }
}

/// The obstacle of a restaurant that takes no orders for collection.
fn collection_obstacle(restaurant: &Restaurant) -> Option<Obstacle> {
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

/// The obstacle of an order that cannot be delivered to the place.
fn delivery_obstacle(
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
                    format_miles(distance_m)
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

/// Formats a distance as `5.1 miles`.
fn format_miles(distance_m: u32) -> String {
    const METRES_PER_MILE: f64 = 1609.344;
    format!("{:.1} miles", f64::from(distance_m) / METRES_PER_MILE)
}

/// The time part of a quote.
struct QuotedTime {
    slot: Option<Slot>,
    expected: Option<Slot>,
    obstacle: Option<Obstacle>,
}

/// Quotes the time of a basket. A chosen slot that is no longer available stays in the quote with an obstacle: the time that the
/// customer agreed to never moves silently.
fn quote_time(
    restaurant: &Restaurant,
    basket: &Basket,
    travel: TravelTime,
    inventory: &Inventory,
    now_ms: i64,
) -> QuotedTime {
    let zone = restaurant.zone();
    let offered = restaurant.offers(basket.fulfilment);
    let Some(start_ms) = basket.slot_start_ms else {
        let possible = slots::is_asap_possible(restaurant, now_ms);
        let expected = possible.then(|| slots::asap_window(restaurant, travel, now_ms));
        let obstacle = match expected {
            None => Some(closed_obstacle(restaurant, travel, inventory, now_ms)),
            Some(window)
                if inventory.is_slot_full(
                    restaurant,
                    slots::containing_slot_start_ms(restaurant, window),
                ) =>
            {
                Some(busy_obstacle(restaurant, travel, inventory, now_ms))
            }
            Some(_) => None,
        };
        return QuotedTime {
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
    let is_offered = slots::offered_slots(restaurant, travel, now_ms).contains(&slot);
    QuotedTime {
        slot: Some(slot),
        expected: is_offered.then_some(slot),
        obstacle: (offered && (!is_offered || inventory.is_slot_full(restaurant, start_ms))).then(
            || {
                let why = if is_offered {
                    "has just been taken by others"
                } else {
                    "is no longer available"
                };
                obstacle(
                    ObstacleCode::SlotGone,
                    format!(
                        "The time you chose, {}, {why}; choose another.",
                        zone.describe_instant(start_ms, now_ms)
                    ),
                )
            },
        ),
    }
}

/// What to do where as soon as possible is not possible.
fn alternative(
    restaurant: &Restaurant,
    travel: TravelTime,
    inventory: &Inventory,
    now_ms: i64,
) -> &'static str {
    let has_free_slot = slots::offered_slots(restaurant, travel, now_ms)
        .iter()
        .any(|slot| !inventory.is_slot_full(restaurant, slot.start_ms));
    if has_free_slot {
        "choose a time instead"
    } else {
        "choose another restaurant"
    }
}

/// The obstacle of an open restaurant whose current slot is full.
fn busy_obstacle(
    restaurant: &Restaurant,
    travel: TravelTime,
    inventory: &Inventory,
    now_ms: i64,
) -> Obstacle {
    obstacle(
        ObstacleCode::Closed,
        format!(
            "{} has as many orders as it can prepare just now; {}.",
            restaurant.name(),
            alternative(restaurant, travel, inventory, now_ms)
        ),
    )
}

/// The obstacle of a restaurant that is closed, or closes before the order would be ready.
fn closed_obstacle(
    restaurant: &Restaurant,
    travel: TravelTime,
    inventory: &Inventory,
    now_ms: i64,
) -> Obstacle {
    let zone = restaurant.zone();
    let name = restaurant.name();
    let state = opening_state(restaurant, now_ms);
    let alternative = alternative(restaurant, travel, inventory, now_ms);
    let message = match (state.closes_at_ms, state.opens_at_ms) {
        (Some(closes_at_ms), _) => format!(
            "{name} closes at {} and can no longer prepare this before; {alternative}.",
            zone.format_time(closes_at_ms)
        ),
        (None, Some(opens_at_ms)) => format!(
            "{name} is closed until {}; {alternative}.",
            zone.describe_instant(opens_at_ms, now_ms)
        ),
        (None, None) => format!("{name} is closed; {alternative}."),
    };
    obstacle(ObstacleCode::Closed, message)
}

#[cfg(test)]
mod tests;
