//! Distances, minutes, fees and opening times in words. Must not know where they are shown.

use model::Pence;
use model::restaurant::{DeliveryTerms, Opening, Restaurant};

use crate::state::time;

/// `0.8 miles`, `1 mile`: never less than a tenth.
#[must_use]
pub fn miles(distance_m: u32) -> String {
    let tenths = (u64::from(distance_m) * 10 + 804) / 1609;
    match tenths.max(1) {
        10 => "1 mile".to_owned(),
        tenths if tenths % 10 == 0 => [&(tenths / 10).to_string(), " miles"].concat(),
        tenths => [
            &(tenths / 10).to_string(),
            ".",
            &(tenths % 10).to_string(),
            " miles",
        ]
        .concat(),
    }
}

/// `25–40 min`.
#[must_use]
pub fn minutes(terms: &DeliveryTerms) -> String {
    if terms.from_minutes == terms.to_minutes {
        return [&terms.from_minutes.to_string(), " min"].concat();
    }
    [
        &terms.from_minutes.to_string(),
        "–",
        &terms.to_minutes.to_string(),
        " min",
    ]
    .concat()
}

/// `£1.49 delivery`.
#[must_use]
pub fn fee(fee_pence: Pence) -> String {
    if fee_pence.is_zero() {
        "Free delivery".to_owned()
    } else {
        [&fee_pence.to_string(), " delivery"].concat()
    }
}

/// `£10.00 minimum`.
#[must_use]
pub fn minimum(minimum_pence: Pence) -> String {
    if minimum_pence.is_zero() {
        "No minimum".to_owned()
    } else {
        [&minimum_pence.to_string(), " minimum"].concat()
    }
}

/// While open: `Open until 23:00`. While closed: `Opens tomorrow at 17:00`.
#[must_use]
pub fn opening(opening: &Opening, restaurant: &Restaurant) -> String {
    let zone = &restaurant.zone;
    if opening.open {
        return match opening.closes_at_ms {
            Some(at_ms) => ["Open until ", &time::clock(at_ms, zone)].concat(),
            None => "Open".to_owned(),
        };
    }
    let Some(at_ms) = opening.opens_at_ms else {
        return "Closed for now".to_owned();
    };
    let clock = time::clock(at_ms, zone);
    match time::day(at_ms, zone).as_str() {
        "Today" => ["Opens at ", &clock].concat(),
        "Tomorrow" => ["Opens tomorrow at ", &clock].concat(),
        day => ["Opens ", day, " at ", &clock].concat(),
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
    fn nothing_to_pay_is_said_in_words() {
        assert_eq!(fee(Pence::ZERO), "Free delivery");
        assert_eq!(fee(Pence(149)), "£1.49 delivery");
        assert_eq!(minimum(Pence::ZERO), "No minimum");
        assert_eq!(minimum(Pence(1000)), "£10.00 minimum");
    }
}
