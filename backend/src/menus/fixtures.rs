//! A restaurant for tests: small, but with every feature that a rule depends on.

use model::place::{Finding, Place, Position, Source};

use crate::domain::Restaurant;

/// Open on Tuesday to Sunday; split hours, Friday and Saturday past midnight; delivers up to 5 km; VAT-registered.
pub const SAMPLE: &str = include_str!("fixtures/the-test-kitchen.toml");

pub fn restaurant() -> Restaurant {
    from_text(SAMPLE)
}

/// The sample with some of its text replaced.
pub fn with(replacements: &[(&str, &str)]) -> Restaurant {
    let mut text = SAMPLE.to_owned();
    for (old, new) in replacements {
        assert!(text.contains(old), "the sample does not have {old}");
        text = text.replace(old, new);
    }
    from_text(&text)
}

pub fn from_text(text: &str) -> Restaurant {
    super::parse("the-test-kitchen", text).unwrap_or_else(|error| panic!("{error}"))
}

/// A place so many metres north of the sample restaurant.
pub fn place(metres_north: f64) -> Place {
    const METRES_A_DEGREE: f64 = 111_195.08;
    Place {
        postcode: "DH1 4PS".to_owned(),
        finding: Finding::Found,
        position: Some(Position {
            latitude: 54.7766 + metres_north / METRES_A_DEGREE,
            longitude: -1.5769,
        }),
        radius_m: None,
        source: Some(Source::PostcodesIo),
        terminated: None,
        suggestion: None,
    }
}

/// A place of which nothing but the finding is known.
pub fn nowhere(finding: Finding) -> Place {
    Place {
        finding,
        position: None,
        source: None,
        ..place(0.0)
    }
}
