//! One attempt: sends the request to one replica and brings its answer back.
//!
//! Answers are read whole before the client gets a byte, so that one that breaks off can be asked for elsewhere; endless ones, and
//! large ones that there is no room for, are streamed through.

use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Duration;

use bytes::Bytes;
use http::response::Parts;
use http::{Response, StatusCode};
use hyper::body::{Body, Frame, SizeHint};
use tokio::time::{Instant, Sleep};

use super::connection::{self, Connection, Unanswered};
use super::endpoint::{Endpoint, InFlight};
use super::request::{Kept, drop_hop_by_hop};
use super::retry::Fault;
use super::wire::Framing;
use crate::http::response_body::ResponseBody;

/// A menu of forty dishes is 20 KB: such answers need no [`Room`].
const SMALL_BYTES: u64 = 256 * 1024;
/// A replica that streams says something (a comment, at least) more often than this.
const LONGEST_SILENCE: Duration = Duration::from_secs(30);

pub enum Outcome {
    Answer(Response<ResponseBody>),
    /// The replica answered 503.
    Busy(Response<ResponseBody>),
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
    let exchange = exchange(endpoint, kept, &request, connect_limit, in_flight);
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
    request: &[u8],
    connect_limit: Duration,
    in_flight: InFlight,
) -> Result<Response<ResponseBody>, Fault> {
    let ((mut parts, framing), mut connection) =
        send(endpoint, kept, request, connect_limit).await?;
    if kept.prompt() {
        endpoint.progressed();
    }
    drop_hop_by_hop(&mut parts.headers);
    let whole = framing.exact().and_then(|length| {
        let room = if length <= SMALL_BYTES {
            None
        } else {
            Some(endpoint.room.take(length)?)
        };
        Some((usize::try_from(length).ok()?, room))
    });
    let body = match whole {
        Some((length, room)) => {
            let whole = connection
                .body(framing, length)
                .await
                .map_err(|_| Fault::Broken)?;
            endpoint.pool.put_back(connection);
            ResponseBody::Whole(match room {
                Some(room) => room.keeps(whole),
                None => whole,
            })
        }
        None => {
            let streamed = Streamed::new(framing, endpoint, connection, in_flight);
            ResponseBody::streamed(streamed)
        }
    };
    Ok(Response::from_parts(parts, body))
}

async fn send(
    endpoint: &Endpoint,
    kept: &Kept,
    request: &[u8],
    connect_limit: Duration,
) -> Result<((Parts, Framing), Connection), Fault> {
    loop {
        // A warm connection may turn out to be closed just now, and then nobody can tell whether the replica read from it.
        // What must not be repeated therefore gets a fresh one.
        let warm = kept.repeatable().then(|| endpoint.pool.take()).flatten();
        let is_warm = warm.is_some();
        let mut connection = match warm {
            Some(connection) => connection,
            None => open(endpoint, connect_limit).await?,
        };
        match connection.ask(kept.method(), request).await {
            Ok(head) => return Ok((head, connection)),
            Err(Unanswered::Unsent) if is_warm => {}
            Err(Unanswered::Unsent) => return Err(Fault::Refused),
            Err(Unanswered::Broken) => return Err(Fault::Broken),
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

/// Why a streamed answer ended early.
#[derive(Debug, thiserror::Error)]
pub enum StreamError {
    #[error("the replica broke off its answer: {0}")]
    Broken(#[from] std::io::Error),
    #[error("the replica fell silent in the middle of its answer")]
    Silent,
}

/// An answer on its way through. Gives the connection back when it has been read to its end.
pub struct Streamed {
    framing: Framing,
    endpoint: Arc<Endpoint>,
    connection: Option<Connection>,
    silence: Pin<Box<Sleep>>,
    _in_flight: InFlight,
}

impl Streamed {
    fn new(
        framing: Framing,
        endpoint: &Arc<Endpoint>,
        connection: Connection,
        in_flight: InFlight,
    ) -> Self {
        Self {
            framing,
            endpoint: Arc::clone(endpoint),
            connection: Some(connection),
            silence: Box::pin(tokio::time::sleep(LONGEST_SILENCE)),
            _in_flight: in_flight,
        }
    }

    fn end(&mut self) {
        if let Some(connection) = self.connection.take() {
            self.endpoint.pool.put_back(connection);
        }
    }
}

impl Body for Streamed {
    type Data = Bytes;
    type Error = StreamError;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, StreamError>>> {
        let this = &mut *self;
        let Some(connection) = &mut this.connection else {
            return Poll::Ready(None);
        };
        match connection.poll_body(&mut this.framing, context) {
            Poll::Ready(Some(Ok(data))) => {
                this.silence
                    .as_mut()
                    .reset(Instant::now() + LONGEST_SILENCE);
                if this.framing.exact() == Some(0) {
                    this.end();
                }
                Poll::Ready(Some(Ok(Frame::data(data))))
            }
            Poll::Ready(Some(Err(error))) => {
                this.connection = None;
                Poll::Ready(Some(Err(error.into())))
            }
            Poll::Ready(None) => {
                this.end();
                Poll::Ready(None)
            }
            Poll::Pending => match this.silence.as_mut().poll(context) {
                Poll::Ready(()) => {
                    this.connection = None;
                    Poll::Ready(Some(Err(StreamError::Silent)))
                }
                Poll::Pending => Poll::Pending,
            },
        }
    }

    fn is_end_stream(&self) -> bool {
        self.connection.is_none()
    }

    fn size_hint(&self) -> SizeHint {
        self.framing
            .exact()
            .map_or_else(SizeHint::default, SizeHint::with_exact)
    }
}
