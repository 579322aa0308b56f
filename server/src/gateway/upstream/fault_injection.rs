//! Sends a drill's fault to one replica, without selection, retries or hedges.

use http::header::CONTENT_TYPE;
use http::{HeaderValue, Method, Uri};
use model::drill::ReplicaFault;
use model::{Problem, api};

use super::connection::Connection;
use super::{headers, http1};
use crate::gateway::config::MAX_FAULT_ANSWER_BYTES;

/// Injects a fault into the replica at `address`. A connection that breaks counts as success: a killed replica does not answer.
///
/// # Errors
/// The reason of a failure, as text for the operator.
pub async fn inject_fault(
    address: &str,
    credential: &HeaderValue,
    fault: ReplicaFault,
) -> Result<(), String> {
    let body = serde_json::to_vec(&fault).map_err(|error| error.to_string())?;
    let mut headers = headers::own_headers(address, Some(credential));
    headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
    let target = Uri::from_static(api::FAULTS);
    let request = http1::write_request(&Method::POST, &target, &headers, &[], &body);
    let mut connection = Connection::open(address)
        .await
        .map_err(|_| "it refuses connections")?;
    let Ok((answer, framing)) = connection.send(&Method::POST, &request).await else {
        return Ok(());
    };
    if answer.status.is_success() {
        return Ok(());
    }
    let body = connection.read_body(framing, MAX_FAULT_ANSWER_BYTES).await;
    let problem = body
        .ok()
        .and_then(|body| serde_json::from_slice::<Problem>(&body).ok());
    Err(problem.map_or_else(
        || format!("it answers with {}", answer.status.as_u16()),
        |problem| format!("{}: {}", problem.title, problem.detail),
    ))
}
