//! The body of an answer: whole in memory, streamed from a replica, or made by axum.
//!
//! An enum rather than a boxed trait object: the gateway answers thousands of requests a second and needs no allocation here.

use std::pin::Pin;
use std::task::{Context, Poll};

use bytes::Bytes;
use hyper::body::{Body, Frame, SizeHint};

use crate::gateway::{StreamError, StreamedBody};

pub enum ServedBody {
    Whole(Bytes),
    Streamed(Box<StreamedBody>),
    Axum(axum::body::Body),
}

#[derive(Debug, thiserror::Error)]
pub enum BodyError {
    #[error(transparent)]
    Replica(#[from] StreamError),
    #[error("{0}")]
    Axum(#[from] axum::Error),
}

impl ServedBody {
    /// All of it is known, so that it ends as soon as the client has taken it in.
    pub fn is_whole(&self) -> bool {
        self.size_hint().exact().is_some()
    }
}

impl Body for ServedBody {
    type Data = Bytes;
    type Error = BodyError;

    fn poll_frame(
        self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, BodyError>>> {
        match self.get_mut() {
            Self::Whole(bytes) if bytes.is_empty() => Poll::Ready(None),
            Self::Whole(bytes) => Poll::Ready(Some(Ok(Frame::data(std::mem::take(bytes))))),
            Self::Streamed(streamed) => streamed.poll_frame(context).map_err(BodyError::from),
            Self::Axum(body) => Pin::new(body).poll_frame(context).map_err(BodyError::from),
        }
    }

    fn is_end_stream(&self) -> bool {
        match self {
            Self::Whole(bytes) => bytes.is_empty(),
            Self::Streamed(streamed) => streamed.is_end_stream(),
            Self::Axum(body) => body.is_end_stream(),
        }
    }

    fn size_hint(&self) -> SizeHint {
        match self {
            Self::Whole(bytes) => SizeHint::with_exact(bytes.len() as u64),
            Self::Streamed(streamed) => streamed.size_hint(),
            Self::Axum(body) => body.size_hint(),
        }
    }
}
