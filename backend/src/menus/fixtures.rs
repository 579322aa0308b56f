//! Sample restaurant for tests: small, with every feature that a rule depends on.

use model::basket::{Basket, BasketLine, Chosen};
use model::place::{Finding, Place, Position, Source};
use model::restaurant::Fulfilment;
use proptest::prelude::*;

use crate::domain::Restaurant;

/// Open on Tuesday to Sunday; split hours, Friday and Saturday past midnight; delivers up to 5 km; VAT-registered.
pub const SAMPLE: &str = include_str!("fixtures/the-test-kitchen.toml");

pub fn restaurant() -> Restaurant {
    from_text(SAMPLE)
}

/// Makes the sample with parts of its text replaced.
pub fn with(replacements: &[(&str, &str)]) -> Restaurant {
    let mut text = SAMPLE.to_owned();
    for (old, new) in replacements {
        assert!(text.contains(old), "the sample does not have {old}");
        text = text.replace(old, new);
    }
    from_text(&text)
}

/// Makes the sample with other hours, Monday first, each day in the file's notation: `\"11:30-14:30\", \"17:00-23:00\"`.
pub fn with_hours(days: &[String; 7]) -> Restaurant {
    let (before, rest) = SAMPLE.split_once("monday =").expect("the sample has hours");
    let (_, after) = rest
        .split_once("[ordering]")
        .expect("the hours are followed by the ordering");
    let keys = [
        "monday",
        "tuesday",
        "wednesday",
        "thursday",
        "friday",
        "saturday",
        "sunday",
    ];
    let hours: String = keys
        .iter()
        .zip(days)
        .map(|(key, ranges)| format!("{key} = [{ranges}]\n"))
        .collect();
    from_text(&format!("{before}{hours}[ordering]{after}"))
}

/// Parses `2026-01-02T17:00:00Z` into milliseconds since the Unix epoch.
pub fn instant(text: &str) -> i64 {
    text.parse::<jiff::Timestamp>()
        .expect("an instant in UTC")
        .as_millisecond()
}

pub fn from_text(text: &str) -> Restaurant {
    with_slug("the-test-kitchen", text)
}

/// Makes one of several restaurants; `text` has the sample's slug, which is replaced.
pub fn with_slug(slug: &str, text: &str) -> Restaurant {
    let text = text.replace("the-test-kitchen", slug);
    super::parse(slug, &text).unwrap_or_else(|error| panic!("{error}"))
}

/// Makes the sample without delivery, for collection only.
pub fn without_delivery() -> Restaurant {
    let (before, rest) = SAMPLE.split_once("[[delivery]]").expect("it delivers");
    let (_, after) = rest
        .split_once("[[option_groups]]")
        .expect("options follow the bands");
    from_text(&format!("{before}[[option_groups]]{after}"))
}

/// Makes a basket of two mild lamb karahi and an egg sandwich, as soon as possible.
pub fn basket(fulfilment: Fulfilment) -> Basket {
    let mild = Chosen {
        group: "heat".to_owned(),
        choice: "mild".to_owned(),
    };
    let line = |dish: &str, quantity, choices| BasketLine {
        dish: dish.to_owned(),
        quantity,
        choices,
    };
    Basket {
        restaurant: "the-test-kitchen".to_owned(),
        fulfilment,
        postcode: Some("DH1 4PS".to_owned()),
        slot_start_ms: None,
        lines: vec![
            line("lamb-karahi", 2, vec![mild]),
            line("egg-sandwich", 1, Vec::new()),
        ],
    }
}

/// Makes a place `metres_north` of the sample restaurant, less 10 cm, so that rounding up gives exactly that distance.
pub fn place(metres_north: f64) -> Place {
    const METRES_A_DEGREE: f64 = 111_195.08;
    Place {
        postcode: "DH1 4PS".to_owned(),
        finding: Finding::Found,
        position: Some(Position {
            latitude: 54.7766 + (metres_north - 0.1) / METRES_A_DEGREE,
            longitude: -1.5769,
        }),
        radius_m: None,
        source: Some(Source::PostcodesIo),
        terminated: None,
        suggestion: None,
    }
}

/// Makes a place without a position.
pub fn nowhere(finding: Finding) -> Place {
    Place {
        finding,
        position: None,
        source: None,
        ..place(0.0)
    }
}

/// Generates weeks for [`with_hours`]: up to three ranges a day that do not overlap, in steps of 15 minutes.
pub fn weekly_hours() -> impl Strategy<Value = [String; 7]> {
    let day = prop::collection::btree_set(0_u32..=96, 0..=6);
    prop::array::uniform7(day).prop_map(|days| {
        days.map(|quarters| {
            let quarters: Vec<u32> = quarters.into_iter().collect();
            let ranges: Vec<String> = quarters
                .chunks_exact(2)
                .map(|pair| {
                    let clock =
                        |quarter: u32| format!("{:02}:{:02}", quarter / 4, quarter % 4 * 15);
                    format!("\"{}-{}\"", clock(pair[0]), clock(pair[1]))
                })
                .collect();
            ranges.join(", ")
        })
    })
}
