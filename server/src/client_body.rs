//! The body of a client's request. While its parts are awaited it is the client who takes time, not this server: only so much of
//! it, and the client's seat counts as one that could make room.

use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, ready};
use std::time::Duration;

use bytes::Bytes;
use hyper::body::{Body, Frame, Incoming, SizeHint};
use tokio::time::Sleep;

use crate::seats::Seat;

pub struct ClientBody<B = Incoming> {
    incoming: B,
    seat: Arc<Seat>,
    patience: Duration,
    /// Made when a part has to be waited for.
    late: Option<Pin<Box<Sleep>>>,
}

#[derive(Debug, thiserror::Error)]
pub enum Unsent<E> {
    #[error("the client broke off: {0}")]
    Broken(E),
    #[error("the client took too long to send it")]
    Late,
}

impl<B> ClientBody<B> {
    /// `patience`: for all of it, from the first part that is waited for.
    pub fn new(incoming: B, seat: Arc<Seat>, patience: Duration) -> Self {
        Self {
            incoming,
            seat,
            patience,
            late: None,
        }
    }
}

impl<B: Body<Data = Bytes> + Unpin> Body for ClientBody<B> {
    type Data = Bytes;
    type Error = Unsent<B::Error>;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Self::Error>>> {
        let this = &mut *self;
        if let Poll::Ready(frame) = Pin::new(&mut this.incoming).poll_frame(context) {
            let more = matches!(frame, Some(Ok(_))) && !this.incoming.is_end_stream();
            if this.late.is_some() && !more {
                this.seat.is_busy();
            }
            return Poll::Ready(frame.map(|frame| frame.map_err(Unsent::Broken)));
        }
        let patience = this.patience;
        let seat = &this.seat;
        let late = this.late.get_or_insert_with(|| {
            seat.is_sending();
            Box::pin(tokio::time::sleep(patience))
        });
        ready!(late.as_mut().poll(context));
        this.seat.is_busy();
        Poll::Ready(Some(Err(Unsent::Late)))
    }

    fn is_end_stream(&self) -> bool {
        self.incoming.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.incoming.size_hint()
    }
}

impl<B> Drop for ClientBody<B> {
    fn drop(&mut self) {
        // What was read of it is answered now.
        if self.late.is_some() {
            self.seat.is_busy();
        }
    }
}
