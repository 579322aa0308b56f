//! One attempt: sends the request to one replica and returns its answer.
//!
//! Answers are buffered before the client gets a byte, so that one that breaks off can be retried. Endless answers, and large ones
//! beyond the buffer budget, are streamed.

use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use http::header::CONTENT_LENGTH;
use http::{Request, Response, StatusCode};
use http_body_util::Full;
use hyper::body::{Body, Incoming};

use super::replayable_request::ReplayableRequest;
use super::retry::AttemptError;
use crate::gateway::balance::Target;
use crate::gateway::config::SMALL_ANSWER_BYTES;
use crate::gateway::upstream::Endpoint;
use crate::gateway::upstream::connection::{self, Connection, ExchangeError};
use crate::gateway::upstream::endpoint::InFlight;
use crate::gateway::upstream::headers::remove_hop_by_hop;
use crate::gateway::upstream::streamed_body::StreamedBody;
use crate::http::response_body::ResponseBody;

pub enum AttemptOutcome {
    Answer(Response<ResponseBody>),
    /// The replica answered 503.
    Unavailable(Response<ResponseBody>),
    Failed(AttemptError),
}

/// Sends the request as the attempt of this `number`. `connect_timeout` limits the part in which nothing has been sent yet,
/// `timeout` all of it.
pub async fn send_attempt(
    target: &Target,
    request: &ReplayableRequest,
    number: u32,
    timeout: Duration,
    connect_timeout: Duration,
) -> AttemptOutcome {
    let prompt = request.expects_prompt_answer();
    let Ok(permit) = target.queue(prompt).admit().await else {
        return AttemptOutcome::Failed(AttemptError::Overloaded);
    };
    let endpoint = &target.endpoint;
    let in_flight = endpoint.count_in_flight();
    let _waiting = prompt.then(|| endpoint.count_waiting());
    let attempt = || request.attempt(number, timeout);
    let exchange = exchange(endpoint, request, attempt, connect_timeout, in_flight);
    match tokio::time::timeout(timeout, exchange).await {
        Ok(Ok(answer)) if answer.status() == StatusCode::SERVICE_UNAVAILABLE => {
            AttemptOutcome::Unavailable(answer)
        }
        // The replica's 504 ends this attempt only: the deadline of the request may be later than the attempt's.
        Ok(Ok(answer)) if answer.status() == StatusCode::GATEWAY_TIMEOUT => {
            AttemptOutcome::Failed(AttemptError::TimedOut)
        }
        Ok(Ok(answer)) => {
            permit.release_answered();
            AttemptOutcome::Answer(answer)
        }
        Ok(Err(error)) => AttemptOutcome::Failed(error),
        Err(_) => AttemptOutcome::Failed(AttemptError::TimedOut),
    }
}

async fn exchange(
    endpoint: &Arc<Endpoint>,
    request: &ReplayableRequest,
    attempt: impl Fn() -> Request<Full<Bytes>>,
    connect_timeout: Duration,
    in_flight: InFlight,
) -> Result<Response<ResponseBody>, AttemptError> {
    let (answer, connection) = send(endpoint, request, attempt, connect_timeout).await?;
    let (mut parts, body) = answer.into_parts();
    if request.expects_prompt_answer() {
        endpoint.count_answer();
    }
    remove_hop_by_hop(&mut parts.headers);
    let length = body.size_hint().exact();
    if length.is_none() {
        // A length beside `Transfer-Encoding` is void (RFC 9112, section 6.3).
        parts.headers.remove(CONTENT_LENGTH);
    }
    let buffered = length.and_then(|length| {
        let reservation = if length <= SMALL_ANSWER_BYTES {
            None
        } else {
            Some(endpoint.buffers.reserve(length)?)
        };
        Some((usize::try_from(length).ok()?, reservation))
    });
    let body = match buffered {
        Some((length, reservation)) => {
            let whole = connection::read_body(body, length)
                .await
                .map_err(|_| AttemptError::Broken)?;
            endpoint.pool.put_back(connection);
            ResponseBody::Whole(match reservation {
                Some(reservation) => reservation.attach_to(whole),
                None => whole,
            })
        }
        None => {
            let streamed = StreamedBody::new(body, endpoint, connection, in_flight);
            ResponseBody::streamed(streamed)
        }
    };
    Ok(Response::from_parts(parts, body))
}

async fn send(
    endpoint: &Endpoint,
    request: &ReplayableRequest,
    attempt: impl Fn() -> Request<Full<Bytes>>,
    connect_timeout: Duration,
) -> Result<(Response<Incoming>, Connection), AttemptError> {
    loop {
        // The replica may close a pooled connection at this very moment, which leaves open whether it read the request. One that
        // must not be sent twice therefore gets a new connection.
        let may_reuse = request.is_replayable();
        let pooled = may_reuse.then(|| endpoint.pool.take()).flatten();
        let is_pooled = pooled.is_some();
        let mut connection = match pooled {
            Some(connection) => connection,
            None => open(endpoint, connect_timeout).await?,
        };
        match connection.send(attempt()).await {
            Ok(answer) => return Ok((answer, connection)),
            Err(ExchangeError::NotSent) if is_pooled => {}
            Err(ExchangeError::NotSent) => return Err(AttemptError::Refused),
            Err(ExchangeError::Broken) => return Err(AttemptError::Broken),
        }
    }
}

async fn open(endpoint: &Endpoint, timeout: Duration) -> Result<Connection, AttemptError> {
    match tokio::time::timeout(timeout, Connection::open(&endpoint.address)).await {
        Ok(Ok(connection)) => Ok(connection),
        Ok(Err(error)) if connection::is_exhaustion(&error) => {
            tracing::warn!(%error, "this machine cannot open another connection to a replica");
            Err(AttemptError::Exhausted)
        }
        Ok(Err(_)) | Err(_) => Err(AttemptError::Refused),
    }
}
