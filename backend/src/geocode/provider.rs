//! What every geocoding provider is to the rest: asked for one postcode it gives one answer, or fails. Adapters turn a wire
//! format into these and know nothing of each other, of breakers or of caches.

use std::time::Duration;

use async_trait::async_trait;
use model::Postcode;
use model::place::{Position, Source};
use serde_json::{Map, Value};

/// Around the United Kingdom, from the Scillies to Shetland and from St Kilda to Lowestoft. Anything outside is a mistake of
/// the provider's, such as latitude and longitude exchanged.
const LATITUDES: std::ops::RangeInclusive<f64> = 49.0..=61.5;
const LONGITUDES: std::ops::RangeInclusive<f64> = -9.0..=2.5;

/// What a provider says of a postcode.
#[derive(Clone, Debug, PartialEq)]
pub enum Answer {
    Found(Position),
    /// No longer in use; since when (`1996-06`) if that was said.
    Terminated {
        since: Option<String>,
    },
    /// In use, and without coordinates in the data.
    NotLocatable,
    /// Not in the data.
    Unknown,
}

/// Why a provider gave no answer. For people and for logs: holds no postcode and no address.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Failure {
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
    #[error("answered with something that could not be understood")]
    Unreadable,
    #[error("answered for another postcode")]
    OtherPostcode,
    #[error("answered with coordinates outside the United Kingdom")]
    OutsideKingdom,
    #[error("cannot be asked from here: {0}")]
    Unprepared(String),
    #[error("gave up in the middle")]
    Abandoned,
}

#[async_trait]
pub trait Provider: Send + Sync + 'static {
    fn source(&self) -> Source;

    /// Whether its data is whole and fresh, so that what it does not know, or calls terminated, counts for something.
    fn knows_absence(&self) -> bool {
        true
    }

    /// Whether it may be asked at this moment, by rules of its own. Counts as asked if so.
    fn admits(&self) -> bool {
        true
    }

    /// Takes as long as it takes: timeouts are the caller's.
    async fn look_up(&self, postcode: &Postcode) -> Result<Answer, Failure>;
}

/// The body as a JSON object.
pub(super) fn object(body: &[u8]) -> Result<Map<String, Value>, Failure> {
    serde_json::from_slice(body).map_err(|_| Failure::Unreadable)
}

/// An object within an object; `None` where it is absent or null.
pub(super) fn part<'a>(
    object: &'a Map<String, Value>,
    name: &str,
) -> Option<&'a Map<String, Value>> {
    object.get(name).and_then(Value::as_object)
}

/// Demands that the text under `name` is the postcode that was asked for, in whatever writing.
pub(super) fn demand_same(
    asked: &Postcode,
    object: &Map<String, Value>,
    name: &str,
) -> Result<(), Failure> {
    let returned = object
        .get(name)
        .and_then(Value::as_str)
        .ok_or(Failure::Unreadable)?;
    if Postcode::parse(returned).as_ref() == Ok(asked) {
        Ok(())
    } else {
        Err(Failure::OtherPostcode)
    }
}

/// The number under `name`, also where it is written as a text; `None` where it is null. Absent is not null: a body without
/// it is another body than we asked for.
pub(super) fn coordinate(object: &Map<String, Value>, name: &str) -> Result<Option<f64>, Failure> {
    match object.get(name) {
        Some(Value::Null) => Ok(None),
        Some(Value::Number(number)) => number.as_f64().map(Some).ok_or(Failure::Unreadable),
        Some(Value::String(text)) => text.parse().map(Some).map_err(|_| Failure::Unreadable),
        _ => Err(Failure::Unreadable),
    }
}

/// An answer from both coordinates or neither.
pub(super) fn located(latitude: Option<f64>, longitude: Option<f64>) -> Result<Answer, Failure> {
    match (latitude, longitude) {
        (None, None) => Ok(Answer::NotLocatable),
        (Some(latitude), Some(longitude))
            if LATITUDES.contains(&latitude) && LONGITUDES.contains(&longitude) =>
        {
            Ok(Answer::Found(Position {
                latitude,
                longitude,
            }))
        }
        (Some(_), Some(_)) => Err(Failure::OutsideKingdom),
        _ => Err(Failure::Unreadable),
    }
}

/// `1996-06` of a year and a month that can be.
pub(super) fn year_and_month(year: u64, month: u64) -> Option<String> {
    ((1900..=2100).contains(&year) && (1..=12).contains(&month))
        .then(|| format!("{year}-{month:02}"))
}
