//! The body of a client's request, bounded in time.
//!
//! While a part of it is awaited the client is the slow side, not this server: the whole body has one timeout, and the connection's
//! slot counts as one that may be reclaimed. tower-http's `RequestBodyTimeout` bounds the pause between two parts instead, which lets
//! a client hold a connection for ever by sending a byte now and then.

use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, ready};
use std::time::Duration;

use bytes::Bytes;
use hyper::body::{Body, Frame, Incoming, SizeHint};
use tokio::time::Sleep;

use super::connection_slots::Slot;

/// A request body that ends with an error when the client takes too long to send all of it.
pub struct RequestBodyTimeout<B = Incoming> {
    body: B,
    slot: Arc<Slot>,
    timeout: Duration,
    /// Starts with the first part that has not arrived yet.
    timer: Option<Pin<Box<Sleep>>>,
}

#[derive(Debug, thiserror::Error)]
pub enum RequestBodyError<E> {
    #[error("the client broke off the request body: {0}")]
    Broken(E),
    #[error("the client took too long to send the request body")]
    TimedOut,
}

impl<B> RequestBodyTimeout<B> {
    /// `timeout` bounds the whole body, from the first part that has to be awaited.
    pub fn new(body: B, slot: Arc<Slot>, timeout: Duration) -> Self {
        Self {
            body,
            slot,
            timeout,
            timer: None,
        }
    }
}

impl<B: Body<Data = Bytes> + Unpin> Body for RequestBodyTimeout<B> {
    type Data = Bytes;
    type Error = RequestBodyError<B::Error>;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Self::Error>>> {
        let this = &mut *self;
        if let Poll::Ready(frame) = Pin::new(&mut this.body).poll_frame(context) {
            let more = matches!(frame, Some(Ok(_))) && !this.body.is_end_stream();
            if this.timer.is_some() && !more {
                this.slot.set_processing();
            }
            return Poll::Ready(frame.map(|frame| frame.map_err(RequestBodyError::Broken)));
        }
        let timeout = this.timeout;
        let slot = &this.slot;
        let timer = this.timer.get_or_insert_with(|| {
            slot.set_receiving();
            Box::pin(tokio::time::sleep(timeout))
        });
        ready!(timer.as_mut().poll(context));
        this.slot.set_processing();
        Poll::Ready(Some(Err(RequestBodyError::TimedOut)))
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}

impl<B> Drop for RequestBodyTimeout<B> {
    fn drop(&mut self) {
        // A handler that drops the body early answers the request now, without the rest.
        if self.timer.is_some() {
            self.slot.set_processing();
        }
    }
}
