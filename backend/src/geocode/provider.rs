//! Interface of a geocoding provider, and what its adapters share: one postcode in, one answer or an error out. Adapters parse a
//! wire format; they must not know each other, breakers or caches.

use std::time::Duration;

use async_trait::async_trait;
use model::Postcode;
use model::place::{Position, Source};
use serde_json::{Map, Value};

/// Bounds of the United Kingdom, from the Scillies to Shetland and from St Kilda to Lowestoft. A position outside is an error of the
/// provider, such as latitude and longitude exchanged.
const LATITUDES: std::ops::RangeInclusive<f64> = 49.0..=61.5;
const LONGITUDES: std::ops::RangeInclusive<f64> = -9.0..=2.5;

/// Answer of a provider about one postcode.
#[derive(Clone, Debug, PartialEq)]
pub enum ProviderAnswer {
    Found(Position),
    /// No longer in use, since a month (`1996-06`) if the provider states it.
    Terminated {
        since: Option<String>,
    },
    /// In use, without coordinates in the provider's data.
    NotLocatable,
    /// Not in the provider's data.
    Unknown,
}

/// Reason why a provider gave no answer. Shown on the status panel and logged, so it contains no postcode and no address.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ProviderError {
    #[error("timed out after {} s", .0.as_secs_f64())]
    TimedOut(Duration),
    #[error("could not be reached")]
    Unreachable,
    #[error("broke the connection")]
    Broken,
    #[error("answered with status {0}")]
    Status(u16),
    #[error("answered with more than {0} bytes")]
    TooLarge(usize),
    #[error("answered with a body that could not be understood")]
    Unreadable,
    #[error("answered for another postcode")]
    OtherPostcode,
    #[error("answered with coordinates outside the United Kingdom")]
    OutsideUk,
    #[error("cannot be queried from this machine: {0}")]
    NoHttpClient(String),
    #[error("was abandoned before it answered")]
    Abandoned,
}

#[async_trait]
pub trait Provider: Send + Sync + 'static {
    fn source(&self) -> Source;

    /// Whether its data is complete and current, so that its negative answers (unknown, terminated) count.
    fn is_authoritative(&self) -> bool {
        true
    }

    /// Takes one request from the provider's rate limit; `false` if the limit is used up. Providers without a limit allow all.
    fn take_quota(&self) -> bool {
        true
    }

    /// Queries the provider, without a timeout: the caller sets one.
    async fn look_up(&self, postcode: &Postcode) -> Result<ProviderAnswer, ProviderError>;
}

/// Parses the body as a JSON object.
pub(super) fn parse_object(body: &[u8]) -> Result<Map<String, Value>, ProviderError> {
    serde_json::from_slice(body).map_err(|_| ProviderError::Unreadable)
}

/// Gets a nested object; `None` where it is absent or null.
pub(super) fn nested_object<'a>(
    object: &'a Map<String, Value>,
    name: &str,
) -> Option<&'a Map<String, Value>> {
    object.get(name).and_then(Value::as_object)
}

/// Checks that the member `name` is the requested postcode, in any notation.
pub(super) fn check_postcode(
    requested: &Postcode,
    object: &Map<String, Value>,
    name: &str,
) -> Result<(), ProviderError> {
    let returned = object
        .get(name)
        .and_then(Value::as_str)
        .ok_or(ProviderError::Unreadable)?;
    if Postcode::parse(returned).as_ref() == Ok(requested) {
        Ok(())
    } else {
        Err(ProviderError::OtherPostcode)
    }
}

/// Reads the member `name` as a number, also from a string; `None` where it is null. An absent member is an error: the body is not
/// the one that was requested.
pub(super) fn read_coordinate(
    object: &Map<String, Value>,
    name: &str,
) -> Result<Option<f64>, ProviderError> {
    match object.get(name) {
        Some(Value::Null) => Ok(None),
        Some(Value::Number(number)) => number.as_f64().map(Some).ok_or(ProviderError::Unreadable),
        Some(Value::String(text)) => text
            .parse()
            .map(Some)
            .map_err(|_| ProviderError::Unreadable),
        _ => Err(ProviderError::Unreadable),
    }
}

/// Makes an answer from both coordinates or from neither.
pub(super) fn answer_at(
    latitude: Option<f64>,
    longitude: Option<f64>,
) -> Result<ProviderAnswer, ProviderError> {
    match (latitude, longitude) {
        (None, None) => Ok(ProviderAnswer::NotLocatable),
        (Some(latitude), Some(longitude))
            if LATITUDES.contains(&latitude) && LONGITUDES.contains(&longitude) =>
        {
            Ok(ProviderAnswer::Found(Position {
                latitude,
                longitude,
            }))
        }
        (Some(_), Some(_)) => Err(ProviderError::OutsideUk),
        _ => Err(ProviderError::Unreadable),
    }
}

/// Formats a plausible year and month as `1996-06`.
pub(super) fn format_month(year: u64, month: u64) -> Option<String> {
    ((1900..=2100).contains(&year) && (1..=12).contains(&month))
        .then(|| format!("{year}-{month:02}"))
}
