//! What drills ask of the gateway: to bring an order to a replica as any customer's, and to reach one replica and no other.

use http::header::CONTENT_TYPE;
use http::{HeaderValue, Method, Response, Uri};
use model::drill::Strike;
use model::{Problem, api};

use super::connection::Connection;
use super::request::{Kept, headers_to};
use super::{Gateway, wire};
use crate::http::response_body::ResponseBody;

/// A problem is small.
const LARGEST_ANSWER_BYTES: usize = 16 * 1024;

impl Gateway {
    /// Places the drill's order of this key: counted, judged, repeated and moved as a customer's.
    pub async fn place_for_drill(&self, key: &str) -> Response<ResponseBody> {
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
        let mut headers = headers_to(&address, Some(&self.credential));
        headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
        let target = Uri::from_static(api::FAULTS);
        let request = wire::request(&Method::POST, &target, &headers, &[], &body);
        let mut connection = Connection::open(&address)
            .await
            .map_err(|_| "it refuses connections")?;
        let Ok((answer, body)) = connection.ask(&Method::POST, &request).await else {
            return Ok(());
        };
        if answer.status.is_success() {
            return Ok(());
        }
        let body = connection.body(body, LARGEST_ANSWER_BYTES).await;
        let problem = body
            .ok()
            .and_then(|body| serde_json::from_slice::<Problem>(&body).ok());
        Err(problem.map_or_else(
            || format!("it answers with {}", answer.status.as_u16()),
            |problem| format!("{}: {}", problem.title, problem.detail),
        ))
    }
}
