//! Adapter for Nominatim, the search of OpenStreetMap: `GET /search?postalcode=…`. Off unless the operator lists it, because its usage
//! policy allows one request a second for the whole application. Most British postcodes are missing in its data, so its negative
//! answers do not count.

use std::time::Duration;

use async_trait::async_trait;
use governor::{DefaultDirectRateLimiter, Quota, RateLimiter};
use model::Postcode;
use model::place::Source;
use serde_json::{Map, Value};

use super::fetch::{BaseUrl, Fetcher};
use super::provider::{
    Provider, ProviderAnswer, ProviderError, answer_at, check_postcode, read_coordinate,
};

pub struct Nominatim {
    base: BaseUrl,
    fetcher: Fetcher,
    /// Limit of this replica; `None` for an interval of zero, which is no limit.
    rate_limiter: Option<DefaultDirectRateLimiter>,
}

impl Nominatim {
    /// `interval` is the time between two requests of this replica: one second for each replica, so that all of them together stay
    /// within the usage policy.
    pub(super) fn new(base: BaseUrl, fetcher: Fetcher, interval: Duration) -> Self {
        Self {
            base,
            fetcher,
            rate_limiter: Quota::with_period(interval).map(RateLimiter::direct),
        }
    }
}

#[async_trait]
impl Provider for Nominatim {
    fn source(&self) -> Source {
        Source::Nominatim
    }

    fn is_authoritative(&self) -> bool {
        false
    }

    fn take_quota(&self) -> bool {
        self.rate_limiter
            .as_ref()
            .is_none_or(|limiter| limiter.check().is_ok())
    }

    async fn look_up(&self, postcode: &Postcode) -> Result<ProviderAnswer, ProviderError> {
        let mut url = self.base.join(&["search"]);
        url.query_pairs_mut()
            .append_pair("postalcode", postcode.as_str())
            .append_pair("countrycodes", "gb")
            .append_pair("format", "jsonv2")
            .append_pair("addressdetails", "1")
            .append_pair("limit", "1");
        let reply = self.fetcher.get(url).await?;
        parse_answer(reply.status, &reply.body, postcode)
    }
}

pub(super) fn parse_answer(
    status: u16,
    body: &[u8],
    requested: &Postcode,
) -> Result<ProviderAnswer, ProviderError> {
    if status != 200 {
        return Err(ProviderError::Status(status));
    }
    let places: Vec<Map<String, Value>> =
        serde_json::from_slice(body).map_err(|_| ProviderError::Unreadable)?;
    let Some(place) = places.first() else {
        return Ok(ProviderAnswer::Unknown);
    };
    // Nominatim may answer with the street or the town instead, or with a neighbouring postcode.
    if place.get("addresstype").and_then(Value::as_str) != Some("postcode") {
        return Ok(ProviderAnswer::Unknown);
    }
    match check_postcode(requested, place, "name") {
        Err(ProviderError::OtherPostcode) => Ok(ProviderAnswer::Unknown),
        Err(failure) => Err(failure),
        Ok(()) => answer_at(
            read_coordinate(place, "lat")?,
            read_coordinate(place, "lon")?,
        ),
    }
}
