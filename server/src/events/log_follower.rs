//! The log follower: reads the event log in long polls and publishes its events.

use std::sync::Arc;
use std::time::Duration;

use model::api;
use model::feed::Events;
use tokio::time::Instant;

use super::EventHub;
use crate::sync::lock;

/// Pause after a read that failed.
const RETRY_PAUSE: Duration = Duration::from_millis(100);

/// Follows the log from its present end. Runs until dropped.
pub async fn follow_log(hub: Arc<EventHub>) {
    let mut cursor = None;
    loop {
        let path = match cursor {
            Some(after) => format!("{}?after={after}", api::EVENTS),
            None => api::EVENTS.to_owned(),
        };
        let Ok(part) = hub.read_log(&path).await else {
            tokio::time::sleep(RETRY_PAUSE).await;
            continue;
        };
        if let Some(after) = cursor
            && !continues(after, &part)
        {
            // A restored backup has another log: start at its end, and let subscribers read the rest again.
            tracing::warn!(
                after,
                last = part.last,
                "the event log does not continue where it was read last"
            );
            hub.reset_subscriptions();
            cursor = None;
            continue;
        }
        cursor = Some(part.last);
        *lock(&hub.read_at) = Some(Instant::now());
        for event in part.events {
            hub.publish(event);
        }
    }
}

/// True if the events of `part` follow `after` one by one.
fn continues(after: i64, part: &Events) -> bool {
    let sequences = part.events.iter().map(|event| event.sequence);
    part.last >= after && sequences.eq((after + 1..).take(part.events.len()))
}

#[cfg(test)]
mod tests {
    use model::OrderState;
    use model::feed::OrderEvent;

    use super::*;

    fn part(sequences: &[i64], last: i64) -> Events {
        let events = sequences.iter().map(|&sequence| OrderEvent {
            sequence,
            order: "token".to_owned(),
            restaurant: "noodle-bar".to_owned(),
            version: 1,
            state: OrderState::Placed,
            at_ms: 0,
        });
        Events {
            events: events.collect(),
            last,
        }
    }

    #[test]
    fn a_log_continues_without_gap_repeat_or_step_back() {
        assert!(continues(4, &part(&[5, 6, 7], 7)));
        assert!(continues(4, &part(&[], 4)));
        assert!(!continues(4, &part(&[6], 6)));
        assert!(!continues(4, &part(&[4, 5], 5)));
        assert!(!continues(4, &part(&[], 2)));
    }
}
