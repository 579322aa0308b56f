//! What the embedded gazetteer adds: an answer when nobody could be asked, and mends that exist.

use gazetteer::{Entry, FormatError, Gazetteer};
use model::Postcode;
use model::place::{Finding, Place, Source};

static TABLE: &[u8] = include_bytes!("../../data/gazetteer.bin");

/// Areas whose postcodes have no coordinates in any open data.
const WITHOUT_COORDINATES: [&str; 3] = ["GY", "IM", "JE"];

#[derive(Clone, Copy)]
pub struct Table(Gazetteer<'static>);

impl Table {
    /// # Errors
    /// If this program was built with a table that it cannot read.
    pub fn embedded() -> Result<Self, FormatError> {
        Gazetteer::from_bytes(TABLE).map(Self)
    }

    /// The place as the table has it, if it has the postcode itself.
    #[must_use]
    pub fn listed(&self, postcode: &Postcode) -> Option<Place> {
        match self.0.lookup(postcode) {
            Entry::Unit(position) => Some(Place {
                position: Some(position),
                ..blank(postcode, Finding::Found, Some(Source::Gazetteer))
            }),
            Entry::UnitWithoutPosition => Some(blank(
                postcode,
                Finding::NotLocatable,
                Some(Source::Gazetteer),
            )),
            Entry::Sector { .. } | Entry::Unlisted => None,
        }
    }

    /// The best that can be said without anybody's help. Never that a postcode does not exist: the table is older than the
    /// newest street, and Northern Ireland is not in it.
    #[must_use]
    pub fn alone(&self, postcode: &Postcode) -> Place {
        if let Some(place) = self.listed(postcode) {
            return place;
        }
        match self.0.lookup(postcode) {
            Entry::Sector { centre, radius_m } => Place {
                position: Some(centre),
                radius_m: Some(radius_m),
                ..blank(postcode, Finding::Approximate, Some(Source::Gazetteer))
            },
            _ if WITHOUT_COORDINATES.contains(&postcode.area()) => {
                blank(postcode, Finding::NotLocatable, Some(Source::Gazetteer))
            }
            _ => blank(postcode, Finding::CouldNotCheck, None),
        }
    }

    /// A postcode that exists and looks much like this one.
    #[must_use]
    pub fn mend(&self, postcode: &Postcode) -> Option<String> {
        postcode
            .lookalikes()
            .into_iter()
            .find(|lookalike| matches!(self.0.lookup(lookalike), Entry::Unit(_)))
            .map(String::from)
    }
}

/// A place of which nothing but the finding is known.
#[must_use]
pub fn blank(postcode: &Postcode, finding: Finding, source: Option<Source>) -> Place {
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

    fn alone(text: &str) -> Place {
        let table = Table::embedded().unwrap();
        table.alone(&Postcode::parse(text).unwrap())
    }

    #[test]
    fn a_listed_postcode_is_found() {
        let place = alone("SW1A 1AA");
        assert_eq!(
            (place.finding, place.source, place.radius_m),
            (Finding::Found, Some(Source::Gazetteer), None)
        );
    }

    #[test]
    fn a_neighbour_of_listed_ones_is_approximate_with_a_radius() {
        let place = alone("SW1A 1ZZ");
        assert_eq!(place.finding, Finding::Approximate);
        assert!(place.position.is_some() && place.radius_m.is_some());
    }

    #[test]
    fn offshore_postcodes_are_real_and_without_coordinates() {
        for text in ["JE2 4WD", "IM9 9ZZ", "GY0 0AA"] {
            assert_eq!(alone(text).finding, Finding::NotLocatable, "{text}");
        }
    }

    #[test]
    fn what_is_not_listed_could_not_be_checked() {
        for text in ["BT1 5GS", "DH99 9ZZ"] {
            let place = alone(text);
            assert_eq!(
                (place.finding, place.source),
                (Finding::CouldNotCheck, None),
                "{text}"
            );
        }
    }

    #[test]
    fn only_mends_that_exist_are_offered() {
        let table = Table::embedded().unwrap();
        let mend = |text| table.mend(&Postcode::parse(text).unwrap());
        assert_eq!(mend("S01 7UU"), None, "SO1 7UU was never issued");
        assert_eq!(mend("SW1O 0AA").as_deref(), Some("SW10 0AA"));
    }
}
