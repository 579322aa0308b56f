//! The attempts at one request that are under way: mostly one, which costs nothing beside itself.

use std::pin::Pin;
use std::sync::Arc;
use std::task::Poll;

use futures_util::StreamExt;
use futures_util::stream::FuturesUnordered;

use super::endpoint::Endpoint;
use super::forward::Outcome;

pub type Attempt = Pin<Box<dyn Future<Output = Ended> + Send>>;

pub struct Ended {
    pub endpoint: Arc<Endpoint>,
    pub outcome: Outcome,
}

#[derive(Default)]
pub struct Running {
    first: Option<Attempt>,
    others: Option<FuturesUnordered<Attempt>>,
}

impl Running {
    pub fn push(&mut self, attempt: Attempt) {
        if self.first.is_none() {
            self.first = Some(attempt);
        } else {
            self.others.get_or_insert_default().push(attempt);
        }
    }

    pub fn is_empty(&self) -> bool {
        self.first.is_none() && self.others.as_ref().is_none_or(FuturesUnordered::is_empty)
    }

    /// The next one that ends; none when there are none. May be broken off and begun anew.
    pub async fn next(&mut self) -> Option<Ended> {
        std::future::poll_fn(|context| {
            if let Some(first) = &mut self.first
                && let Poll::Ready(ended) = first.as_mut().poll(context)
            {
                self.first = None;
                return Poll::Ready(Some(ended));
            }
            if let Some(others) = &mut self.others
                && let Poll::Ready(Some(ended)) = others.poll_next_unpin(context)
            {
                return Poll::Ready(Some(ended));
            }
            if self.is_empty() {
                Poll::Ready(None)
            } else {
                Poll::Pending
            }
        })
        .await
    }
}
