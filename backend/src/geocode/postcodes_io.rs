//! Adapter for postcodes.io: `GET /postcodes/{postcode}`. Authoritative on postcodes that do not exist.

use async_trait::async_trait;
use model::Postcode;
use model::place::Source;
use serde_json::{Map, Value};

use super::fetch::{BaseUrl, Fetcher};
use super::provider::{
    Provider, ProviderAnswer, ProviderError, answer_at, check_postcode, format_month,
    nested_object, parse_object, read_coordinate,
};

pub struct PostcodesIo {
    pub(super) base: BaseUrl,
    pub(super) fetcher: Fetcher,
}

#[async_trait]
impl Provider for PostcodesIo {
    fn source(&self) -> Source {
        Source::PostcodesIo
    }

    async fn look_up(&self, postcode: &Postcode) -> Result<ProviderAnswer, ProviderError> {
        let compact = [postcode.outward(), postcode.inward()].concat();
        let reply = self
            .fetcher
            .get(self.base.join(&["postcodes", &compact]))
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
            let result = nested_object(&body, "result").ok_or(ProviderError::Unreadable)?;
            check_postcode(requested, result, "postcode")?;
            if result.contains_key("year_terminated") {
                return Ok(parse_termination(result));
            }
            answer_at(
                read_coordinate(result, "latitude")?,
                read_coordinate(result, "longitude")?,
            )
        }
        404 => {
            let body = parse_object(body)?;
            // A proxy or a captive portal may answer 404 too; only the provider's own counts. The text of `error` is not used:
            // the provider also calls new postcodes invalid.
            if body.get("status").and_then(Value::as_u64) != Some(404) {
                return Err(ProviderError::Unreadable);
            }
            let Some(record) = nested_object(&body, "terminated") else {
                return Ok(ProviderAnswer::Unknown);
            };
            check_postcode(requested, record, "postcode")?;
            Ok(parse_termination(record))
        }
        other => Err(ProviderError::Status(other)),
    }
}

fn parse_termination(record: &Map<String, Value>) -> ProviderAnswer {
    let number = |name| record.get(name).and_then(Value::as_u64);
    ProviderAnswer::Terminated {
        since: number("year_terminated")
            .zip(number("month_terminated"))
            .and_then(|(year, month)| format_month(year, month)),
    }
}
