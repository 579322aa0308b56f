//! The location of a postcode, and how certain it is.

use serde::{Deserialize, Serialize};

/// Body of `POST /api/v1/address-checks`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct AddressCheck {
    /// The text as typed: any case, any or no spaces, hyphens, full stops, brackets.
    pub postcode: String,
}

/// The result of locating a postcode: response of the address check, with 200, for every postcode of a valid shape. A text of another
/// shape is 422 with a [`crate::Problem`], which may contain a suggestion.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Place {
    /// In normal form, with the space: `DH1 3EL`.
    pub postcode: String,
    pub finding: Finding,
    /// Absent unless `found` or `approximate`.
    pub position: Option<Position>,
    /// For `approximate`: radius around the position that contains nine in ten postcodes of the sector.
    pub radius_m: Option<u32>,
    /// The source of the finding; absent for `could_not_check`.
    pub source: Option<Source>,
    /// For `terminated`: the month, if known: `1996-06`.
    pub terminated: Option<String>,
    /// For `unknown`: an existing postcode that corrects a likely typing mistake. For the customer to confirm, never applied silently.
    pub suggestion: Option<String>,
}

/// Outcome of locating a postcode.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum Finding {
    Found,
    /// Located by its sector only.
    Approximate,
    /// The postcode exists but has no coordinates (Isle of Man, Jersey, Guernsey and others): collection only.
    NotLocatable,
    /// No longer in use.
    Terminated,
    /// The shape is valid, but the postcode is unknown.
    Unknown,
    /// No provider was available; never to be shown as "we do not deliver there".
    CouldNotCheck,
}

/// WGS84 degrees.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Position {
    pub latitude: f64,
    pub longitude: f64,
}

impl Position {
    /// Great-circle distance in metres (haversine, mean Earth radius 6,371,008.8 m).
    #[must_use]
    pub fn distance_m(self, other: Self) -> f64 {
        const EARTH_RADIUS_M: f64 = 6_371_008.8;
        let (lat_a, lat_b) = (self.latitude.to_radians(), other.latitude.to_radians());
        let half_lat = ((lat_b - lat_a) / 2.0).sin();
        let half_lon = ((other.longitude - self.longitude).to_radians() / 2.0).sin();
        let h = half_lat * half_lat + lat_a.cos() * lat_b.cos() * half_lon * half_lon;
        2.0 * EARTH_RADIUS_M * h.sqrt().min(1.0).asin()
    }
}

/// Provider or table that located a postcode.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub enum Source {
    #[serde(rename = "postcodes.io")]
    PostcodesIo,
    #[serde(rename = "findthatpostcode.uk")]
    FindThatPostcode,
    #[serde(rename = "getthedata.com")]
    GetTheData,
    #[serde(rename = "nominatim")]
    Nominatim,
    /// The table that ships with the backend.
    #[serde(rename = "gazetteer")]
    Gazetteer,
}

impl Source {
    /// The name in JSON, in settings and on the status panel.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::PostcodesIo => "postcodes.io",
            Self::FindThatPostcode => "findthatpostcode.uk",
            Self::GetTheData => "getthedata.com",
            Self::Nominatim => "nominatim",
            Self::Gazetteer => "gazetteer",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{Position, Source};

    #[test]
    fn the_name_of_a_source_is_its_name_in_json() {
        for source in [
            Source::PostcodesIo,
            Source::FindThatPostcode,
            Source::GetTheData,
            Source::Nominatim,
            Source::Gazetteer,
        ] {
            assert_eq!(serde_json::to_value(source).unwrap(), source.name());
        }
    }

    #[test]
    fn distance_between_durham_and_newcastle() {
        let durham = Position {
            latitude: 54.7753,
            longitude: -1.5849,
        };
        let newcastle = Position {
            latitude: 54.9783,
            longitude: -1.6178,
        };
        let metres = durham.distance_m(newcastle);
        assert!((22_500.0..22_800.0).contains(&metres), "{metres}");
        assert!(durham.distance_m(durham).abs() < 0.001);
    }
}
