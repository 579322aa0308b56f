//! Sends a drill's fault to one replica, without selection, retries or hedges.

use bytes::Bytes;
use http::header::CONTENT_TYPE;
use http::{HeaderValue, Method};
use model::drill::ReplicaFault;
use model::{Problem, api};

use super::connection::{self, Connection};
use super::headers::own_request;
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
    let body = Bytes::from(body);
    let mut request = own_request(Method::POST, api::FAULTS, address, Some(credential), body);
    let json = HeaderValue::from_static("application/json");
    request.headers_mut().insert(CONTENT_TYPE, json);
    let mut connection = Connection::open(address)
        .await
        .map_err(|_| "it refuses connections")?;
    let Ok(answer) = connection.send(request).await else {
        return Ok(());
    };
    let status = answer.status();
    if status.is_success() {
        return Ok(());
    }
    let body = connection::read_body(answer.into_body(), MAX_FAULT_ANSWER_BYTES).await;
    let problem = body
        .ok()
        .and_then(|body| serde_json::from_slice::<Problem>(&body).ok());
    Err(problem.map_or_else(
        || format!("it answers with {}", status.as_u16()),
        |problem| format!("{}: {}", problem.title, problem.detail),
    ))
}
