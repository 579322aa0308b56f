//! The body of an answer that is passed on while it arrives, instead of being buffered first.

use std::io;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};

use bytes::Bytes;
use hyper::body::{Frame, SizeHint};
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

    pub fn poll_frame(
        &mut self,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, StreamError>>> {
        let Some(connection) = &mut self.connection else {
            return Poll::Ready(None);
        };
        match connection.poll_body(&mut self.framing, context) {
            Poll::Ready(Some(Ok(data))) => {
                self.idle_timeout
                    .as_mut()
                    .reset(Instant::now() + STREAM_IDLE_TIMEOUT);
                if self.framing.remaining() == Some(0) {
                    self.release_connection();
                }
                Poll::Ready(Some(Ok(Frame::data(data))))
            }
            Poll::Ready(Some(Err(error))) => {
                self.connection = None;
                Poll::Ready(Some(Err(error.into())))
            }
            Poll::Ready(None) => {
                self.release_connection();
                Poll::Ready(None)
            }
            Poll::Pending => match self.idle_timeout.as_mut().poll(context) {
                Poll::Ready(()) => {
                    self.connection = None;
                    Poll::Ready(Some(Err(StreamError::IdleTimeout)))
                }
                Poll::Pending => Poll::Pending,
            },
        }
    }

    fn release_connection(&mut self) {
        if let Some(connection) = self.connection.take() {
            self.endpoint.pool.put_back(connection);
        }
    }

    pub fn is_end_stream(&self) -> bool {
        self.connection.is_none()
    }

    pub fn size_hint(&self) -> SizeHint {
        self.framing
            .remaining()
            .map_or_else(SizeHint::default, SizeHint::with_exact)
    }
}
