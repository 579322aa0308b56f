//! What drills ask of the gateway: to bring an order to a replica as any customer's, and to reach one replica and no other.

use bytes::Bytes;
use http::header::CONTENT_TYPE;
use http::{HeaderValue, Method, Response};
use http_body_util::{BodyExt, Limited};
use model::drill::Strike;
use model::{Problem, api};

use super::Gateway;
use super::connection::Connection;
use super::request::{Kept, to_one};
use crate::body::ServedBody;

/// A problem is small.
const LARGEST_ANSWER_BYTES: usize = 16 * 1024;

impl Gateway {
    /// Places the drill's order of this key: counted, judged, repeated and moved as a customer's.
    pub async fn place_for_drill(&self, key: &str) -> Response<ServedBody> {
        self.counts.came();
        self.fleet.budget.pay_in();
        let kept = Kept::for_drill(key, &self.credential);
        self.deliver(kept).await.response
    }

    /// Has one replica harm itself. What it breaks off says as much as an answer does.
    ///
    /// # Errors
    /// Why it did not, for people.
    pub async fn strike(&self, replica: &str, strike: Strike) -> Result<(), String> {
        let address = self.fleet.address(replica).ok_or("it has left")?;
        let body = serde_json::to_vec(&strike).map_err(|error| error.to_string())?;
        let mut request = to_one(
            &address,
            Method::POST,
            api::FAULTS,
            Some(&self.credential),
            Bytes::from(body),
        );
        let json = HeaderValue::from_static("application/json");
        request.headers_mut().insert(CONTENT_TYPE, json);
        let mut connection = Connection::open(&address)
            .await
            .map_err(|_| "it refuses connections")?;
        let Ok(answer) = connection.ask(request).await else {
            return Ok(());
        };
        if answer.status().is_success() {
            return Ok(());
        }
        let status = answer.status();
        let body = Limited::new(answer.into_body(), LARGEST_ANSWER_BYTES).collect();
        let problem = connection
            .read(body)
            .await
            .ok()
            .and_then(|body| serde_json::from_slice::<Problem>(&body.to_bytes()).ok());
        Err(problem.map_or_else(
            || format!("it answers with {}", status.as_u16()),
            |problem| format!("{}: {}", problem.title, problem.detail),
        ))
    }
}
