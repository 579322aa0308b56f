//! The unfinished attempts at one request. There is one in most cases, which needs no allocation beside itself.

use std::pin::Pin;
use std::sync::Arc;
use std::task::Poll;

use futures_util::StreamExt;
use futures_util::stream::FuturesUnordered;
use tokio::time::Instant;

use super::attempt::AttemptOutcome;
use crate::gateway::balance::Target;

pub type AttemptFuture = Pin<Box<dyn Future<Output = FinishedAttempt> + Send>>;

pub struct StartedAttempt {
    pub target: Arc<Target>,
    pub started_at: Instant,
    /// The request was hedged because this attempt was late.
    pub hedged_as_late: bool,
}

pub struct FinishedAttempt {
    pub target: Arc<Target>,
    pub outcome: AttemptOutcome,
}

#[derive(Default)]
pub struct Attempts {
    first: Option<AttemptFuture>,
    others: Option<FuturesUnordered<AttemptFuture>>,
}

impl Attempts {
    pub fn push(&mut self, attempt: AttemptFuture) {
        if self.first.is_none() {
            self.first = Some(attempt);
        } else {
            self.others.get_or_insert_default().push(attempt);
        }
    }

    pub fn is_empty(&self) -> bool {
        self.first.is_none() && self.others.as_ref().is_none_or(FuturesUnordered::is_empty)
    }

    /// Waits for the next attempt to finish; `None` when there are none. Safe to cancel.
    pub async fn next(&mut self) -> Option<FinishedAttempt> {
        std::future::poll_fn(|context| {
            if let Some(first) = &mut self.first
                && let Poll::Ready(finished) = first.as_mut().poll(context)
            {
                self.first = None;
                return Poll::Ready(Some(finished));
            }
            if let Some(others) = &mut self.others
                && let Poll::Ready(Some(finished)) = others.poll_next_unpin(context)
            {
                return Poll::Ready(Some(finished));
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
