//! Adapter for findthatpostcode.uk: `GET /postcodes/{postcode}.json`, answered wrapped in `data`, or flat by a newer version of it.
//! Authoritative on postcodes that do not exist.

use async_trait::async_trait;
use model::Postcode;
use model::place::Source;
use serde_json::{Map, Value};

use super::fetch::{BaseUrl, Fetcher};
use super::provider::{
    Provider, ProviderAnswer, ProviderError, answer_at, check_postcode, format_month,
    nested_object, parse_object, read_coordinate,
};

pub struct FindThatPostcode {
    pub(super) base: BaseUrl,
    pub(super) fetcher: Fetcher,
}

#[async_trait]
impl Provider for FindThatPostcode {
    fn source(&self) -> Source {
        Source::FindThatPostcode
    }

    async fn look_up(&self, postcode: &Postcode) -> Result<ProviderAnswer, ProviderError> {
        let file = [postcode.outward(), postcode.inward(), ".json"].concat();
        let reply = self
            .fetcher
            .get(self.base.join(&["postcodes", &file]))
            .await?;
        parse_answer(reply.status, &reply.body, postcode)
    }
}

pub(super) fn parse_answer(
    status: u16,
    body: &[u8],
    requested: &Postcode,
) -> Result<ProviderAnswer, ProviderError> {
    match status {
        200 => {
            let body = parse_object(body)?;
            match nested_object(&body, "data") {
                Some(data) => parse_wrapped(data, requested),
                None => parse_flat(&body, requested),
            }
        }
        404 => {
            let body = parse_object(body)?;
            // A proxy or a captive portal may answer 404 too; only the provider's own counts.
            let is_own = nested_object(&body, "message")
                .is_some_and(|message| message.contains_key("errors"))
                || body.contains_key("errors")
                || body.contains_key("detail");
            is_own
                .then_some(ProviderAnswer::Unknown)
                .ok_or(ProviderError::Unreadable)
        }
        other => Err(ProviderError::Status(other)),
    }
}

fn parse_wrapped(
    data: &Map<String, Value>,
    requested: &Postcode,
) -> Result<ProviderAnswer, ProviderError> {
    // The provider corrects O to 0 in the inward code and answers for the corrected postcode.
    check_postcode(requested, data, "id")?;
    let attributes = nested_object(data, "attributes").ok_or(ProviderError::Unreadable)?;
    if let Some(terminated) = parse_termination(attributes)? {
        return Ok(terminated);
    }
    // `lat` and `long` are not usable: without coordinates they are null and 0.0.
    match attributes.get("location") {
        None | Some(Value::Null) => Ok(ProviderAnswer::NotLocatable),
        Some(location) => parse_location(location),
    }
}

fn parse_flat(
    body: &Map<String, Value>,
    requested: &Postcode,
) -> Result<ProviderAnswer, ProviderError> {
    let name = ["pcds", "postcode", "id", "pcd"]
        .into_iter()
        .find(|name| body.get(*name).is_some_and(Value::is_string))
        .ok_or(ProviderError::Unreadable)?;
    check_postcode(requested, body, name)?;
    if let Some(terminated) = parse_termination(body)? {
        return Ok(terminated);
    }
    match body.get("location") {
        Some(location @ Value::Object(_)) => parse_location(location),
        _ => match read_coordinate(body, "lat")? {
            // `long` is 0.0 in this case.
            None => Ok(ProviderAnswer::NotLocatable),
            latitude => answer_at(latitude, read_coordinate(body, "long")?),
        },
    }
}

fn parse_location(location: &Value) -> Result<ProviderAnswer, ProviderError> {
    let location = location.as_object().ok_or(ProviderError::Unreadable)?;
    answer_at(
        read_coordinate(location, "lat")?,
        read_coordinate(location, "lon")?,
    )
}

/// Reads `doterm`: a date such as `1996-06-01`, or null or empty while the postcode is in use.
fn parse_termination(record: &Map<String, Value>) -> Result<Option<ProviderAnswer>, ProviderError> {
    match record.get("doterm") {
        None | Some(Value::Null) => Ok(None),
        Some(Value::String(date)) if date.is_empty() => Ok(None),
        Some(Value::String(date)) => {
            let mut parts = date.split('-').map(str::parse::<u64>);
            let since = match (parts.next(), parts.next()) {
                (Some(Ok(year)), Some(Ok(month))) => format_month(year, month),
                _ => None,
            };
            Ok(Some(ProviderAnswer::Terminated { since }))
        }
        Some(_) => Err(ProviderError::Unreadable),
    }
}
