//! One attempt: sends the request to one replica and brings its answer back.
//!
//! Answers are read whole before the client gets a byte, so that one that breaks off can be asked for elsewhere; endless ones, and
//! large ones that there is no room for, are streamed through.

use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Duration;

use bytes::{Bytes, BytesMut};
use http::{Request, Response, StatusCode};
use http_body_util::{BodyExt, Full};
use hyper::body::{Body, Frame, Incoming, SizeHint};
use tokio::time::{Instant, Sleep};

use super::connection::{self, Connection};
use super::endpoint::{Endpoint, InFlight};
use super::request::{Kept, drop_hop_by_hop};
use super::retry::Fault;
use crate::body::{BodyError, ServedBody};

/// A menu of forty dishes is 20 KB: such answers need no [`Room`].
const SMALL_BYTES: u64 = 256 * 1024;
/// A replica that streams says something (a comment, at least) more often than this.
const LONGEST_SILENCE: Duration = Duration::from_secs(30);

pub enum Outcome {
    Answer(Response<ServedBody>),
    /// The replica answered 503.
    Busy(Response<ServedBody>),
    Failed(Fault),
}

/// `connect_limit` bounds the part in which nothing has been sent yet, `limit` all of it.
pub async fn attempt(
    endpoint: &Arc<Endpoint>,
    kept: &Kept,
    number: u32,
    limit: Duration,
    connect_limit: Duration,
) -> Outcome {
    let Ok(admitted) = endpoint.gate(kept.prompt()).enter().await else {
        return Outcome::Failed(Fault::Overloaded);
    };
    let in_flight = endpoint.enter();
    let _waiting = kept.prompt().then(|| endpoint.wait());
    let request = kept.attempt(number, limit);
    let exchange = exchange(endpoint, kept, request, connect_limit, in_flight);
    match tokio::time::timeout(limit, exchange).await {
        Ok(Ok(answer)) if answer.status() == StatusCode::SERVICE_UNAVAILABLE => {
            Outcome::Busy(answer)
        }
        // The deadline that it was given is this attempt's: another may still answer in time.
        Ok(Ok(answer)) if answer.status() == StatusCode::GATEWAY_TIMEOUT => {
            Outcome::Failed(Fault::TimedOut)
        }
        Ok(Ok(answer)) => {
            admitted.answered();
            Outcome::Answer(answer)
        }
        Ok(Err(fault)) => Outcome::Failed(fault),
        Err(_) => Outcome::Failed(Fault::TimedOut),
    }
}

async fn exchange(
    endpoint: &Arc<Endpoint>,
    kept: &Kept,
    request: Request<Full<Bytes>>,
    connect_limit: Duration,
    in_flight: InFlight,
) -> Result<Response<ServedBody>, Fault> {
    let (mut response, mut connection) =
        send(endpoint, kept.repeatable(), request, connect_limit).await?;
    if kept.prompt() {
        endpoint.progressed();
    }
    drop_hop_by_hop(response.headers_mut());
    let (parts, incoming) = response.into_parts();
    let whole = incoming.size_hint().exact().and_then(|length| {
        let room = if length <= SMALL_BYTES {
            None
        } else {
            Some(endpoint.room.take(length)?)
        };
        Some((length, room))
    });
    let body = match whole {
        Some((length, room)) => {
            let whole = connection
                .read(read_whole(incoming, length as usize))
                .await
                .map_err(|_| Fault::Broken)?;
            endpoint.pool.put_back(connection);
            ServedBody::Whole(match room {
                Some(room) => room.keeps(whole),
                None => whole,
            })
        }
        None => {
            connection.let_go();
            ServedBody::Streamed(Streamed::new(incoming, endpoint, connection, in_flight))
        }
    };
    Ok(Response::from_parts(parts, body))
}

async fn send(
    endpoint: &Endpoint,
    repeatable: bool,
    mut request: Request<Full<Bytes>>,
    connect_limit: Duration,
) -> Result<(Response<Incoming>, Connection), Fault> {
    loop {
        // A warm connection may turn out to be closed just now, and then nobody can tell whether the replica read from it.
        // What must not be repeated therefore gets a fresh one.
        let warm = repeatable.then(|| endpoint.pool.take()).flatten();
        let is_warm = warm.is_some();
        let mut connection = match warm {
            Some(connection) => connection,
            None => open(endpoint, connect_limit).await?,
        };
        let mut failed = match connection.ask(request).await {
            Ok(response) => return Ok((response, connection)),
            Err(failed) => failed,
        };
        match failed.take_message() {
            Some(unsent) if is_warm => request = unsent,
            Some(_) => return Err(Fault::Refused),
            None => return Err(Fault::Broken),
        }
    }
}

async fn open(endpoint: &Endpoint, limit: Duration) -> Result<Connection, Fault> {
    match tokio::time::timeout(limit, Connection::open(&endpoint.address)).await {
        Ok(Ok(connection)) => Ok(connection),
        Ok(Err(error)) if connection::is_exhaustion(&error) => {
            tracing::warn!(%error, "no connection to a replica can be made from here");
            Err(Fault::Exhausted)
        }
        Ok(Err(_)) | Err(_) => Err(Fault::Refused),
    }
}

async fn read_whole(mut incoming: Incoming, length: usize) -> Result<Bytes, hyper::Error> {
    let mut pieces = BytesMut::new();
    while let Some(frame) = incoming.frame().await {
        let Ok(data) = frame?.into_data() else {
            continue;
        };
        if pieces.is_empty() && data.len() == length {
            // One piece, as small answers mostly are; the end still has to be seen for the connection to be free again.
            while let Some(frame) = incoming.frame().await {
                frame?;
            }
            return Ok(data);
        }
        pieces.reserve(length.saturating_sub(pieces.len()));
        pieces.extend_from_slice(&data);
    }
    Ok(pieces.freeze())
}

/// An answer on its way through. Gives the connection back when it has been read to its end.
pub struct Streamed {
    incoming: Incoming,
    endpoint: Arc<Endpoint>,
    connection: Option<Connection>,
    silence: Pin<Box<Sleep>>,
    _in_flight: InFlight,
}

impl Streamed {
    fn new(
        incoming: Incoming,
        endpoint: &Arc<Endpoint>,
        connection: Connection,
        in_flight: InFlight,
    ) -> Self {
        Self {
            incoming,
            endpoint: Arc::clone(endpoint),
            connection: Some(connection),
            silence: Box::pin(tokio::time::sleep(LONGEST_SILENCE)),
            _in_flight: in_flight,
        }
    }

    pub fn poll_frame(
        &mut self,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, BodyError>>> {
        match Pin::new(&mut self.incoming).poll_frame(context) {
            Poll::Ready(Some(Ok(frame))) => {
                self.silence
                    .as_mut()
                    .reset(Instant::now() + LONGEST_SILENCE);
                Poll::Ready(Some(Ok(frame)))
            }
            Poll::Ready(Some(Err(error))) => {
                self.connection = None;
                Poll::Ready(Some(Err(error.into())))
            }
            Poll::Ready(None) => {
                if let Some(connection) = self.connection.take() {
                    self.endpoint.pool.put_back(connection);
                }
                Poll::Ready(None)
            }
            Poll::Pending => match self.silence.as_mut().poll(context) {
                Poll::Ready(()) => Poll::Ready(Some(Err(BodyError::Silent))),
                Poll::Pending => Poll::Pending,
            },
        }
    }

    pub fn is_end_stream(&self) -> bool {
        self.incoming.is_end_stream()
    }

    pub fn size_hint(&self) -> SizeHint {
        self.incoming.size_hint()
    }
}
