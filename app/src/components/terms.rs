//! Distances, minutes, fees and opening times as text. It must not know where they are shown.

use model::Pence;
use model::restaurant::{DeliveryTerms, Opening, Restaurant};

use crate::state::time;

/// `0.8 miles`, `1 mile`: at least a tenth.
#[must_use]
pub fn miles(distance_m: u32) -> String {
    let tenths = (u64::from(distance_m) * 10 + 804) / 1609;
    match tenths.max(1) {
        10 => "1 mile".to_owned(),
        tenths if tenths.is_multiple_of(10) => format!("{} miles", tenths / 10),
        tenths => format!("{}.{} miles", tenths / 10, tenths % 10),
    }
}

/// `25–40 min`.
#[must_use]
pub fn minutes(terms: &DeliveryTerms) -> String {
    let (from, to) = (terms.from_minutes, terms.to_minutes);
    if from == to {
        format!("{from} min")
    } else {
        format!("{from}–{to} min")
    }
}

/// `£1.49 delivery`.
#[must_use]
pub fn fee(fee_pence: Pence) -> String {
    if fee_pence.is_zero() {
        "Free delivery".to_owned()
    } else {
        format!("{fee_pence} delivery")
    }
}

/// `£10.00 minimum`.
#[must_use]
pub fn minimum(minimum_pence: Pence) -> String {
    if minimum_pence.is_zero() {
        "No minimum".to_owned()
    } else {
        format!("{minimum_pence} minimum")
    }
}

/// While open: `Open until 23:00`. While closed: `Opens tomorrow at 17:00`.
#[must_use]
pub fn opening(opening: &Opening, restaurant: &Restaurant) -> String {
    let zone = &restaurant.zone;
    if opening.open {
        return match opening.closes_at_ms {
            Some(at_ms) => format!("Open until {}", time::clock(at_ms, zone)),
            None => "Open".to_owned(),
        };
    }
    let Some(at_ms) = opening.opens_at_ms else {
        return "Closed for now".to_owned();
    };
    let clock = time::clock(at_ms, zone);
    match time::day(at_ms, zone).as_str() {
        "Today" => format!("Opens at {clock}"),
        "Tomorrow" => format!("Opens tomorrow at {clock}"),
        day => format!("Opens {day} at {clock}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn distances_are_miles_with_a_tenth() {
        assert_eq!(miles(0), "0.1 miles");
        assert_eq!(miles(1_300), "0.8 miles");
        assert_eq!(miles(1_609), "1 mile");
        assert_eq!(miles(3_219), "2 miles");
        assert_eq!(miles(16_900), "10.5 miles");
    }

    #[test]
    fn minutes_are_a_range_or_one_figure() {
        let terms = |from_minutes, to_minutes| DeliveryTerms {
            fee_pence: Pence::ZERO,
            minimum_pence: Pence::ZERO,
            from_minutes,
            to_minutes,
        };
        assert_eq!(minutes(&terms(25, 40)), "25–40 min");
        assert_eq!(minutes(&terms(25, 25)), "25 min");
    }

    #[test]
    fn zero_amounts_are_words() {
        assert_eq!(fee(Pence::ZERO), "Free delivery");
        assert_eq!(fee(Pence(149)), "£1.49 delivery");
        assert_eq!(minimum(Pence::ZERO), "No minimum");
        assert_eq!(minimum(Pence(1000)), "£10.00 minimum");
    }
}
