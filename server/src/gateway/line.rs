//! A connection to a replica that is held open for questions about its health alone, never in the queue behind a slow answer.

use std::sync::Arc;

use bytes::Bytes;
use http::{HeaderValue, Method, StatusCode};
use http_body_util::{BodyExt, Full, Limited};
use hyper::client::conn::http1::{self, SendRequest};
use hyper_util::rt::TokioIo;
use tokio_util::task::AbortOnDropHandle;

use super::connection;
use super::endpoint::Endpoint;
use super::health::Observation;
use super::request::to_one;

const LARGEST_ANSWER_BYTES: usize = 64 * 1024;

pub struct Line {
    sender: SendRequest<Full<Bytes>>,
    _driver: AbortOnDropHandle<()>,
}

/// Asks for `path`, on the line that is held, or on a new one where there is none. The credential shows that we are one of the
/// replica's own: strangers are not told everything.
pub async fn ask(
    endpoint: &Arc<Endpoint>,
    line: &mut Option<Line>,
    path: &'static str,
    credential: Option<&HeaderValue>,
) -> Result<(StatusCode, Bytes), Observation> {
    let held = match line {
        Some(held) if !held.sender.is_closed() => held,
        _ => line.insert(connect(endpoint).await?),
    };
    let request = to_one(
        &endpoint.address,
        Method::GET,
        path,
        credential,
        Bytes::new(),
    );
    let response = held
        .sender
        .send_request(request)
        .await
        .map_err(|_| Observation::CheckBroken)?;
    let status = response.status();
    let body = Limited::new(response.into_body(), LARGEST_ANSWER_BYTES)
        .collect()
        .await
        .map_err(|_| Observation::CheckBroken)?;
    Ok((status, body.to_bytes()))
}

async fn connect(endpoint: &Arc<Endpoint>) -> Result<Line, Observation> {
    let stream = connection::connect(&endpoint.address)
        .await
        .map_err(|error| {
            if connection::is_exhaustion(&error) {
                // Late rather than refused: forgiven once, since it says nothing of the replica.
                Observation::CheckTimedOut
            } else {
                Observation::Refused
            }
        })?;
    let (sender, connection) = http1::handshake(TokioIo::new(stream))
        .await
        .map_err(|_| Observation::CheckBroken)?;
    let told = Arc::clone(endpoint);
    let driver = AbortOnDropHandle::new(tokio::spawn(async move {
        let _ = connection.await;
        told.ask_for_check();
    }));
    Ok(Line {
        sender,
        _driver: driver,
    })
}
