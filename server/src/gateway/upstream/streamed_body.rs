//! The body of an answer that is passed on while it arrives, instead of being buffered first.

use std::io;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};

use bytes::Bytes;
use hyper::body::{Body, Frame, SizeHint};
use tokio::time::{Instant, Sleep};

use super::connection::Connection;
use super::endpoint::{Endpoint, InFlight};
use super::http1::Framing;
use crate::gateway::config::STREAM_IDLE_TIMEOUT;

/// Why a streamed answer ended early.
#[derive(Debug, thiserror::Error)]
pub enum StreamError {
    #[error("the replica broke off its answer: {0}")]
    Broken(#[from] io::Error),
    #[error("the replica sent nothing for too long in the middle of its answer")]
    IdleTimeout,
}

/// Reads the body from the connection, and returns the connection to the pool at the body's end.
pub struct StreamedBody {
    framing: Framing,
    endpoint: Arc<Endpoint>,
    connection: Option<Connection>,
    idle_timeout: Pin<Box<Sleep>>,
    _in_flight: InFlight,
}

impl StreamedBody {
    pub fn new(
        framing: Framing,
        endpoint: &Arc<Endpoint>,
        connection: Connection,
        in_flight: InFlight,
    ) -> Self {
        Self {
            framing,
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
        let Some(connection) = &mut this.connection else {
            return Poll::Ready(None);
        };
        match connection.poll_body(&mut this.framing, context) {
            Poll::Ready(Some(Ok(data))) => {
                this.idle_timeout
                    .as_mut()
                    .reset(Instant::now() + STREAM_IDLE_TIMEOUT);
                if this.framing.remaining() == Some(0) {
                    this.release_connection();
                }
                Poll::Ready(Some(Ok(Frame::data(data))))
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
        self.framing
            .remaining()
            .map_or_else(SizeHint::default, SizeHint::with_exact)
    }
}
