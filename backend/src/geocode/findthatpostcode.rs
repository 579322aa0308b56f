//! findthatpostcode.uk: `GET /postcodes/{postcode}.json`, answered wrapped in `data`, or flat by a newer version of it. Its
//! word on what does not exist counts.

use async_trait::async_trait;
use model::Postcode;
use model::place::Source;
use serde_json::{Map, Value};

use super::fetch::{Base, Fetcher};
use super::provider::{
    Answer, Failure, Provider, coordinate, demand_same, located, object, part, year_and_month,
};

pub struct FindThatPostcode {
    pub(super) base: Base,
    pub(super) fetcher: Fetcher,
}

#[async_trait]
impl Provider for FindThatPostcode {
    fn source(&self) -> Source {
        Source::FindThatPostcode
    }

    async fn look_up(&self, postcode: &Postcode) -> Result<Answer, Failure> {
        let file = [postcode.outward(), postcode.inward(), ".json"].concat();
        let reply = self
            .fetcher
            .get(self.base.path(&["postcodes", &file]))
            .await?;
        classify(reply.status, &reply.body, postcode)
    }
}

pub(super) fn classify(status: u16, body: &[u8], asked: &Postcode) -> Result<Answer, Failure> {
    match status {
        200 => {
            let body = object(body)?;
            match part(&body, "data") {
                Some(data) => wrapped(data, asked),
                None => flat(&body, asked),
            }
        }
        404 => {
            let body = object(body)?;
            // A 404 of a proxy or a captive portal is not the provider's word.
            let is_own = part(&body, "message")
                .is_some_and(|message| message.contains_key("errors"))
                || body.contains_key("errors")
                || body.contains_key("detail");
            is_own.then_some(Answer::Unknown).ok_or(Failure::Unreadable)
        }
        other => Err(Failure::Status(other)),
    }
}

fn wrapped(data: &Map<String, Value>, asked: &Postcode) -> Result<Answer, Failure> {
    // It mends O to 0 in the inward code and answers for the mended one.
    demand_same(asked, data, "id")?;
    let attributes = part(data, "attributes").ok_or(Failure::Unreadable)?;
    if let Some(terminated) = terminated(attributes)? {
        return Ok(terminated);
    }
    // `lat` and `long` are no use here: without coordinates they are null and 0.0.
    match attributes.get("location") {
        None | Some(Value::Null) => Ok(Answer::NotLocatable),
        Some(location) => at(location),
    }
}

fn flat(body: &Map<String, Value>, asked: &Postcode) -> Result<Answer, Failure> {
    let name = ["pcds", "postcode", "id", "pcd"]
        .into_iter()
        .find(|name| body.get(*name).is_some_and(Value::is_string))
        .ok_or(Failure::Unreadable)?;
    demand_same(asked, body, name)?;
    if let Some(terminated) = terminated(body)? {
        return Ok(terminated);
    }
    match body.get("location") {
        Some(location @ Value::Object(_)) => at(location),
        _ => match coordinate(body, "lat")? {
            // `long` is 0.0 then.
            None => Ok(Answer::NotLocatable),
            latitude => located(latitude, coordinate(body, "long")?),
        },
    }
}

fn at(location: &Value) -> Result<Answer, Failure> {
    let location = location.as_object().ok_or(Failure::Unreadable)?;
    located(coordinate(location, "lat")?, coordinate(location, "lon")?)
}

/// `doterm` is a date, `1996-06-01`, or null or empty while the postcode is in use.
fn terminated(record: &Map<String, Value>) -> Result<Option<Answer>, Failure> {
    match record.get("doterm") {
        None | Some(Value::Null) => Ok(None),
        Some(Value::String(date)) if date.is_empty() => Ok(None),
        Some(Value::String(date)) => {
            let mut parts = date.split('-').map(str::parse::<u64>);
            let since = match (parts.next(), parts.next()) {
                (Some(Ok(year)), Some(Ok(month))) => year_and_month(year, month),
                _ => None,
            };
            Ok(Some(Answer::Terminated { since }))
        }
        Some(_) => Err(Failure::Unreadable),
    }
}
