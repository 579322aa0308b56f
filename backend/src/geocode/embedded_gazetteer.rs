//! The gazetteer embedded in this program, as geocoding uses it: estimates when no provider answers, and suggestions for mistyped
//! postcodes. Must not know providers.

use gazetteer::{Entry, FormatError, Gazetteer};
use model::Postcode;
use model::place::{Finding, Place, Source};

static DATA: &[u8] = include_bytes!("../../data/gazetteer.bin");

/// Areas whose postcodes have no coordinates in any open data.
const WITHOUT_COORDINATES: [&str; 3] = ["GY", "IM", "JE"];

#[derive(Clone, Copy)]
pub struct EmbeddedGazetteer(Gazetteer<'static>);

impl EmbeddedGazetteer {
    /// # Errors
    /// If this program was built with data that it cannot read.
    pub fn load() -> Result<Self, FormatError> {
        Gazetteer::from_bytes(DATA).map(Self)
    }

    /// Finds the entry of the postcode itself.
    #[must_use]
    pub fn find(&self, postcode: &Postcode) -> Option<Place> {
        match self.0.lookup(postcode) {
            Entry::Unit(position) => Some(Place {
                position: Some(position),
                ..place_without_position(postcode, Finding::Found, Some(Source::Gazetteer))
            }),
            Entry::UnitWithoutPosition => Some(place_without_position(
                postcode,
                Finding::NotLocatable,
                Some(Source::Gazetteer),
            )),
            Entry::Sector { .. } | Entry::Nothing => None,
        }
    }

    /// Estimates a place without any provider. The result is never that a postcode does not exist: the data is older than the newest
    /// street, and does not contain Northern Ireland.
    #[must_use]
    pub fn estimate(&self, postcode: &Postcode) -> Place {
        if let Some(place) = self.find(postcode) {
            return place;
        }
        match self.0.lookup(postcode) {
            Entry::Sector { centre, radius_m } => Place {
                position: Some(centre),
                radius_m: Some(radius_m),
                ..place_without_position(postcode, Finding::Approximate, Some(Source::Gazetteer))
            },
            _ if WITHOUT_COORDINATES.contains(&postcode.area()) => {
                place_without_position(postcode, Finding::NotLocatable, Some(Source::Gazetteer))
            }
            _ => place_without_position(postcode, Finding::CouldNotCheck, None),
        }
    }

    /// Suggests a postcode that exists and looks similar to a mistyped one.
    #[must_use]
    pub fn suggest(&self, postcode: &Postcode) -> Option<String> {
        postcode
            .lookalikes()
            .into_iter()
            .find(|lookalike| matches!(self.0.lookup(lookalike), Entry::Unit(_)))
            .map(String::from)
    }
}

/// Makes a place from its finding alone.
#[must_use]
pub fn place_without_position(
    postcode: &Postcode,
    finding: Finding,
    source: Option<Source>,
) -> Place {
    Place {
        postcode: postcode.to_string(),
        finding,
        position: None,
        radius_m: None,
        source,
        terminated: None,
        suggestion: None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn estimate(text: &str) -> Place {
        let gazetteer = EmbeddedGazetteer::load().unwrap();
        gazetteer.estimate(&Postcode::parse(text).unwrap())
    }

    #[test]
    fn a_listed_postcode_is_found() {
        let place = estimate("SW1A 1AA");
        assert_eq!(
            (place.finding, place.source, place.radius_m),
            (Finding::Found, Some(Source::Gazetteer), None)
        );
    }

    #[test]
    fn a_neighbour_of_listed_ones_is_approximate_with_a_radius() {
        let place = estimate("SW1A 1ZZ");
        assert_eq!(place.finding, Finding::Approximate);
        assert!(place.position.is_some() && place.radius_m.is_some());
    }

    #[test]
    fn offshore_postcodes_are_real_and_without_coordinates() {
        for text in ["JE2 4WD", "IM9 9ZZ", "GY0 0AA"] {
            assert_eq!(estimate(text).finding, Finding::NotLocatable, "{text}");
        }
    }

    #[test]
    fn a_postcode_without_an_entry_could_not_be_checked() {
        for text in ["BT1 5GS", "DH99 9ZZ"] {
            let place = estimate(text);
            assert_eq!(
                (place.finding, place.source),
                (Finding::CouldNotCheck, None),
                "{text}"
            );
        }
    }

    #[test]
    fn only_postcodes_that_exist_are_suggested() {
        let gazetteer = EmbeddedGazetteer::load().unwrap();
        let suggest = |text| gazetteer.suggest(&Postcode::parse(text).unwrap());
        assert_eq!(suggest("S01 7UU"), None, "SO1 7UU was never issued");
        assert_eq!(suggest("SW1O 0AA").as_deref(), Some("SW10 0AA"));
    }
}
