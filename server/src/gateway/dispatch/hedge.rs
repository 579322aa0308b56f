//! Hedging: decides when and to which second replica a request is sent beside an unfinished attempt.

use std::sync::Arc;

use super::attempts::StartedAttempt;
use super::replayable_request::ReplayableRequest;
use crate::gateway::balance::Target;
use crate::gateway::config::REPEAT_HEDGE_DELAY;
use crate::gateway::fleet::Fleet;

#[derive(Clone, Copy, PartialEq, Eq)]
pub enum HedgeCause {
    /// The replica hangs or may hang.
    Suspect,
    /// The answer takes longer than the replica's hedge delay.
    Late,
}

/// Waits until the latest attempt needs a hedge and there is a target for it.
pub async fn until_hedge(
    fleet: &Fleet,
    tried: &[Arc<Target>],
    started: &[StartedAttempt],
    request: &ReplayableRequest,
) -> (Arc<Target>, HedgeCause) {
    let Some(latest) = started.last() else {
        return std::future::pending().await;
    };
    let cause = tokio::select! {
        biased;
        () = latest.target.endpoint.until_suspect() => HedgeCause::Suspect,
        () = until_late(latest, request) => HedgeCause::Late,
    };
    // Without an untried target, one on which the request failed earlier gets it again after a delay.
    let repeat = async {
        tokio::time::sleep(REPEAT_HEDGE_DELAY).await;
        let in_use: Vec<_> = started
            .iter()
            .map(|attempt| Arc::clone(&attempt.target))
            .collect();
        fleet.until_alternative(&in_use).await
    };
    let target = tokio::select! {
        biased;
        target = fleet.until_alternative(tried) => target,
        target = repeat => target,
    };
    (target, cause)
}

async fn until_late(attempt: &StartedAttempt, request: &ReplayableRequest) {
    // A request that waits for a provider is answered no sooner by another replica.
    if !request.expects_prompt_answer() || attempt.hedged_as_late {
        std::future::pending::<()>().await;
    }
    let Target {
        endpoint,
        prompt_queue,
        ..
    } = &*attempt.target;
    tokio::time::sleep_until(attempt.started_at + endpoint.hedge_delay()).await;
    // Hedging adds load, which makes an overload worse.
    while prompt_queue.has_queue() {
        tokio::time::sleep(endpoint.hedge_delay()).await;
    }
}
