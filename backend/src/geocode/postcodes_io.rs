//! postcodes.io: `GET /postcodes/{postcode}`. Its word on what does not exist counts.

use async_trait::async_trait;
use model::Postcode;
use model::place::Source;
use serde_json::{Map, Value};

use super::fetch::{Base, Fetcher};
use super::provider::{
    Answer, Failure, Provider, coordinate, demand_same, located, object, part, year_and_month,
};

pub struct PostcodesIo {
    pub(super) base: Base,
    pub(super) fetcher: Fetcher,
}

#[async_trait]
impl Provider for PostcodesIo {
    fn source(&self) -> Source {
        Source::PostcodesIo
    }

    async fn look_up(&self, postcode: &Postcode) -> Result<Answer, Failure> {
        let compact = [postcode.outward(), postcode.inward()].concat();
        let reply = self
            .fetcher
            .get(self.base.path(&["postcodes", &compact]))
            .await?;
        classify(reply.status, &reply.body, postcode)
    }
}

pub(super) fn classify(status: u16, body: &[u8], asked: &Postcode) -> Result<Answer, Failure> {
    match status {
        200 => {
            let body = object(body)?;
            let result = part(&body, "result").ok_or(Failure::Unreadable)?;
            demand_same(asked, result, "postcode")?;
            if result.contains_key("year_terminated") {
                return Ok(terminated(result));
            }
            located(
                coordinate(result, "latitude")?,
                coordinate(result, "longitude")?,
            )
        }
        404 => {
            let body = object(body)?;
            // A 404 of a proxy or a captive portal is not the provider's word. The text of `error` tells nothing: a new code
            // can be called invalid.
            if body.get("status").and_then(Value::as_u64) != Some(404) {
                return Err(Failure::Unreadable);
            }
            let Some(record) = part(&body, "terminated") else {
                return Ok(Answer::Unknown);
            };
            demand_same(asked, record, "postcode")?;
            Ok(terminated(record))
        }
        other => Err(Failure::Status(other)),
    }
}

fn terminated(record: &Map<String, Value>) -> Answer {
    let number = |name| record.get(name).and_then(Value::as_u64);
    Answer::Terminated {
        since: number("year_terminated")
            .zip(number("month_terminated"))
            .and_then(|(year, month)| year_and_month(year, month)),
    }
}
