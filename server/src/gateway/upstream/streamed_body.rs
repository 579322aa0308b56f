//! The body of an answer that is passed on while it arrives, instead of being buffered first.

use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};

use bytes::Bytes;
use hyper::body::{Body, Frame, Incoming, SizeHint};
use tokio::time::{Instant, Sleep};

use super::connection::Connection;
use super::endpoint::{Endpoint, InFlight};
use crate::gateway::config::STREAM_IDLE_TIMEOUT;

/// Why a streamed answer ended early.
#[derive(Debug, thiserror::Error)]
pub enum StreamError {
    #[error("the replica broke off its answer: {0}")]
    Broken(#[from] hyper::Error),
    #[error("the replica sent nothing for too long in the middle of its answer")]
    IdleTimeout,
}

/// Reads the body from the connection, and returns the connection to the pool at the body's end.
pub struct StreamedBody {
    body: Incoming,
    endpoint: Arc<Endpoint>,
    connection: Option<Connection>,
    idle_timeout: Pin<Box<Sleep>>,
    _in_flight: InFlight,
}

impl StreamedBody {
    pub fn new(
        body: Incoming,
        endpoint: &Arc<Endpoint>,
        connection: Connection,
        in_flight: InFlight,
    ) -> Self {
        Self {
            body,
            endpoint: Arc::clone(endpoint),
            connection: Some(connection),
            idle_timeout: Box::pin(tokio::time::sleep(STREAM_IDLE_TIMEOUT)),
            _in_flight: in_flight,
        }
    }

    fn release_connection(&mut self) {
        if let Some(connection) = self.connection.take() {
            self.endpoint.pool.put_back(connection);
        }
    }
}

impl Body for StreamedBody {
    type Data = Bytes;
    type Error = StreamError;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, StreamError>>> {
        let this = &mut *self;
        if this.connection.is_none() {
            return Poll::Ready(None);
        }
        match Pin::new(&mut this.body).poll_frame(context) {
            Poll::Ready(Some(Ok(frame))) => {
                this.idle_timeout
                    .as_mut()
                    .reset(Instant::now() + STREAM_IDLE_TIMEOUT);
                if this.body.is_end_stream() {
                    this.release_connection();
                }
                Poll::Ready(Some(Ok(frame)))
            }
            Poll::Ready(Some(Err(error))) => {
                this.connection = None;
                Poll::Ready(Some(Err(error.into())))
            }
            Poll::Ready(None) => {
                this.release_connection();
                Poll::Ready(None)
            }
            Poll::Pending => match this.idle_timeout.as_mut().poll(context) {
                Poll::Ready(()) => {
                    this.connection = None;
                    Poll::Ready(Some(Err(StreamError::IdleTimeout)))
                }
                Poll::Pending => Poll::Pending,
            },
        }
    }

    fn is_end_stream(&self) -> bool {
        self.connection.is_none()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}
