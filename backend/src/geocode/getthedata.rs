//! Adapter for getthedata.com: `GET /postcode/{postcode}`. Its data is of August 2023 and has no Northern Ireland: its positions are
//! used, its negative answers are not.

use async_trait::async_trait;
use model::Postcode;
use model::place::Source;
use serde_json::Value;

use super::fetch::{BaseUrl, Fetcher};
use super::provider::{
    Provider, ProviderAnswer, ProviderError, answer_at, check_postcode, nested_object,
    parse_object, read_coordinate,
};

pub struct GetTheData {
    pub(super) base: BaseUrl,
    pub(super) fetcher: Fetcher,
}

#[async_trait]
impl Provider for GetTheData {
    fn source(&self) -> Source {
        Source::GetTheData
    }

    fn is_authoritative(&self) -> bool {
        false
    }

    async fn look_up(&self, postcode: &Postcode) -> Result<ProviderAnswer, ProviderError> {
        let compact = [postcode.outward(), postcode.inward()].concat();
        let reply = self
            .fetcher
            .get(self.base.join(&["postcode", &compact]))
            .await?;
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
    let body = parse_object(body)?;
    let text = |name| body.get(name).and_then(Value::as_str);
    match text("status") {
        Some("no_match") => return Ok(ProviderAnswer::Unknown),
        Some("match") => {}
        _ => return Err(ProviderError::Unreadable),
    }
    // The provider also matches sectors and districts, which does not answer for the unit.
    if text("match_type") != Some("unit_postcode") {
        return Ok(ProviderAnswer::Unknown);
    }
    let data = nested_object(&body, "data").ok_or(ProviderError::Unreadable)?;
    check_postcode(requested, data, "postcode")?;
    match data.get("status").and_then(Value::as_str) {
        Some("live") => answer_at(
            read_coordinate(data, "latitude")?,
            read_coordinate(data, "longitude")?,
        ),
        Some(_) => Ok(ProviderAnswer::Terminated { since: None }),
        None => Err(ProviderError::Unreadable),
    }
}
