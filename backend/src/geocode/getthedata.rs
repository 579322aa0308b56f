//! getthedata.com: `GET /postcode/{postcode}`. Its data is of August 2023 and without Northern Ireland: trusted for a yes,
//! never for a no.

use async_trait::async_trait;
use model::Postcode;
use model::place::Source;
use serde_json::Value;

use super::fetch::{Base, Fetcher};
use super::provider::{Answer, Failure, Provider, coordinate, demand_same, located, object, part};

pub struct GetTheData {
    pub(super) base: Base,
    pub(super) fetcher: Fetcher,
}

#[async_trait]
impl Provider for GetTheData {
    fn source(&self) -> Source {
        Source::GetTheData
    }

    fn knows_absence(&self) -> bool {
        false
    }

    async fn look_up(&self, postcode: &Postcode) -> Result<Answer, Failure> {
        let compact = [postcode.outward(), postcode.inward()].concat();
        let reply = self
            .fetcher
            .get(self.base.path(&["postcode", &compact]))
            .await?;
        classify(reply.status, &reply.body, postcode)
    }
}

pub(super) fn classify(status: u16, body: &[u8], asked: &Postcode) -> Result<Answer, Failure> {
    if status != 200 {
        return Err(Failure::Status(status));
    }
    let body = object(body)?;
    let text = |name| body.get(name).and_then(Value::as_str);
    match text("status") {
        Some("no_match") => return Ok(Answer::Unknown),
        Some("match") => {}
        _ => return Err(Failure::Unreadable),
    }
    // It also matches sectors and districts, which say nothing of the unit.
    if text("match_type") != Some("unit_postcode") {
        return Ok(Answer::Unknown);
    }
    let data = part(&body, "data").ok_or(Failure::Unreadable)?;
    demand_same(asked, data, "postcode")?;
    match data.get("status").and_then(Value::as_str) {
        Some("live") => located(
            coordinate(data, "latitude")?,
            coordinate(data, "longitude")?,
        ),
        Some(_) => Ok(Answer::Terminated { since: None }),
        None => Err(Failure::Unreadable),
    }
}
