//! Nominatim, the search of OpenStreetMap: `GET /search?postalcode=…`. Only where the operator chooses it: its rules allow one
//! request a second for the whole application. Most British postcodes are not in it, so its no means nothing.

use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use async_trait::async_trait;
use model::Postcode;
use model::place::Source;
use serde_json::{Map, Value};
use tokio::time::Instant;

use super::fetch::{Base, Fetcher};
use super::provider::{Answer, Failure, Provider, coordinate, demand_same, located};

pub struct Nominatim {
    base: Base,
    fetcher: Fetcher,
    /// One second for each replica that may ask, so that together they keep to the rule.
    interval: Duration,
    not_before: Mutex<Option<Instant>>,
}

impl Nominatim {
    pub(super) fn new(base: Base, fetcher: Fetcher, interval: Duration) -> Self {
        Self {
            base,
            fetcher,
            interval,
            not_before: Mutex::new(None),
        }
    }
}

#[async_trait]
impl Provider for Nominatim {
    fn source(&self) -> Source {
        Source::Nominatim
    }

    fn knows_absence(&self) -> bool {
        false
    }

    fn admits(&self) -> bool {
        let now = Instant::now();
        let mut not_before = self
            .not_before
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        let admitted = not_before.is_none_or(|not_before| not_before <= now);
        if admitted {
            *not_before = Some(now + self.interval);
        }
        admitted
    }

    async fn look_up(&self, postcode: &Postcode) -> Result<Answer, Failure> {
        let mut url = self.base.path(&["search"]);
        url.query_pairs_mut()
            .append_pair("postalcode", postcode.as_str())
            .append_pair("countrycodes", "gb")
            .append_pair("format", "jsonv2")
            .append_pair("addressdetails", "1")
            .append_pair("limit", "1");
        let reply = self.fetcher.get(url).await?;
        classify(reply.status, &reply.body, postcode)
    }
}

pub(super) fn classify(status: u16, body: &[u8], asked: &Postcode) -> Result<Answer, Failure> {
    if status != 200 {
        return Err(Failure::Status(status));
    }
    let places: Vec<Map<String, Value>> =
        serde_json::from_slice(body).map_err(|_| Failure::Unreadable)?;
    let Some(place) = places.first() else {
        return Ok(Answer::Unknown);
    };
    // It may answer with the street or the town instead, or with a neighbour.
    if place.get("addresstype").and_then(Value::as_str) != Some("postcode") {
        return Ok(Answer::Unknown);
    }
    match demand_same(asked, place, "name") {
        Err(Failure::OtherPostcode) => Ok(Answer::Unknown),
        Err(failure) => Err(failure),
        Ok(()) => located(coordinate(place, "lat")?, coordinate(place, "lon")?),
    }
}
