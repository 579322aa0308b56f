//! The body of a response: whole in memory, or a stream.
//!
//! An enum rather than a boxed trait object throughout: most responses are whole, and thousands of them a second need no
//! allocation here. Knows nothing of where a stream comes from.

use std::pin::Pin;
use std::task::{Context, Poll};

use bytes::Bytes;
use hyper::body::{Body, Frame, SizeHint};

pub enum ResponseBody {
    Whole(Bytes),
    /// A replica's streamed response, or whatever an axum handler made.
    Boxed(axum::body::Body),
}

impl ResponseBody {
    pub fn streamed<B>(body: B) -> Self
    where
        B: Body<Data = Bytes, Error: Into<axum::BoxError>> + Send + 'static,
    {
        Self::Boxed(axum::body::Body::new(body))
    }

    /// True when the length is known, so that the response ends as soon as the client has read it.
    pub fn has_known_length(&self) -> bool {
        self.size_hint().exact().is_some()
    }
}

impl Body for ResponseBody {
    type Data = Bytes;
    type Error = axum::Error;

    fn poll_frame(
        self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, axum::Error>>> {
        match self.get_mut() {
            Self::Whole(bytes) if bytes.is_empty() => Poll::Ready(None),
            Self::Whole(bytes) => Poll::Ready(Some(Ok(Frame::data(std::mem::take(bytes))))),
            Self::Boxed(body) => Pin::new(body).poll_frame(context),
        }
    }

    fn is_end_stream(&self) -> bool {
        match self {
            Self::Whole(bytes) => bytes.is_empty(),
            Self::Boxed(body) => body.is_end_stream(),
        }
    }

    fn size_hint(&self) -> SizeHint {
        match self {
            Self::Whole(bytes) => SizeHint::with_exact(bytes.len() as u64),
            Self::Boxed(body) => body.size_hint(),
        }
    }
}
