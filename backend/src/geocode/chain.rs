//! Queries the providers for one postcode: in order of preference, with a hedged request to the next one when one is slow, within
//! one deadline. Must not know caches.

use std::sync::Arc;
use std::time::Duration;

use model::Postcode;
use model::place::Source;
use tokio::sync::mpsc;
use tokio::time::{Instant, sleep_until};

use super::consensus::{Consensus, Votes};
use super::guarded_provider::GuardedProvider;
use super::provider::{ProviderAnswer, ProviderError};

pub struct ProviderChain {
    /// In order of preference.
    pub(super) providers: Vec<Arc<GuardedProvider>>,
    /// Deadline of a query, all providers together. The customer is waiting in the order form: beyond it, the approximate answer of
    /// the gazetteer is worth more.
    pub(super) timeout: Duration,
    /// Silence of a provider after which the next one is queried as well. A shorter delay doubles the load on free services; a
    /// longer one adds to the customer's wait when one of them is slow.
    pub(super) hedge: Duration,
}

struct Reply {
    source: Source,
    is_authoritative: bool,
    answer: Result<ProviderAnswer, ProviderError>,
}

impl ProviderChain {
    pub async fn query(&self, postcode: &Postcode) -> Consensus {
        let deadline = Instant::now() + self.timeout;
        let (sender, mut replies) = mpsc::unbounded_channel();
        let mut remaining = self.providers.iter();
        let mut votes = Votes::default();
        let mut in_flight = 0_u32;
        let mut query_next_at = Instant::now();
        loop {
            if in_flight == 0 || query_next_at <= Instant::now() {
                if start_next(&mut remaining, postcode, &sender) {
                    in_flight += 1;
                }
                query_next_at = Instant::now() + self.hedge;
            }
            if in_flight == 0 {
                return votes.conclude();
            }
            tokio::select! {
                biased;
                Some(reply) = replies.recv() => {
                    in_flight -= 1;
                    let consensus = reply.answer.ok().and_then(|answer| {
                        votes.add(answer, reply.source, reply.is_authoritative)
                    });
                    if let Some(consensus) = consensus {
                        return consensus;
                    }
                }
                () = sleep_until(deadline) => return votes.conclude(),
                () = sleep_until(query_next_at), if remaining.len() > 0 => {}
            }
        }
    }
}

/// Queries the next provider that grants a permit; `false` if there is none left.
///
/// The request runs in a task of its own and is not cancelled when another provider answers first, so that the breaker of a slow
/// provider records its timeout.
fn start_next<'a>(
    remaining: &mut impl Iterator<Item = &'a Arc<GuardedProvider>>,
    postcode: &Postcode,
    sender: &mpsc::UnboundedSender<Reply>,
) -> bool {
    let granted = remaining.find_map(|provider| Some((provider, provider.try_acquire()?)));
    let Some((provider, permit)) = granted else {
        return false;
    };
    let (source, is_authoritative) = (provider.source(), provider.is_authoritative());
    let (postcode, sender) = (postcode.clone(), sender.clone());
    tokio::spawn(async move {
        let answer = permit.look_up(&postcode).await;
        // The receiver is gone when another provider was faster.
        let _ = sender.send(Reply {
            source,
            is_authoritative,
            answer,
        });
    });
    true
}
