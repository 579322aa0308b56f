//! The log follower: reads the event log in long polls and publishes its events.

use std::sync::Arc;
use std::time::Duration;

use model::api;
use model::feed::EventLogPage;
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
        let Ok(page) = hub.read_log(&path).await else {
            tokio::time::sleep(RETRY_PAUSE).await;
            continue;
        };
        if let Some(after) = cursor
            && !continues(after, &page)
        {
            // A restored backup has another log: start at its end, and let subscribers read the rest again.
            tracing::warn!(
                after,
                last = page.last,
                "the event log does not continue where it was read last"
            );
            hub.reset_subscriptions();
            cursor = None;
            continue;
        }
        cursor = Some(page.last);
        *lock(&hub.read_at) = Some(Instant::now());
        for event in page.events {
            hub.publish(event);
        }
    }
}

/// True if the events of `page` follow `after` one by one.
fn continues(after: i64, page: &EventLogPage) -> bool {
    let sequences = page.events.iter().map(|event| event.sequence);
    page.last >= after && sequences.eq((after + 1..).take(page.events.len()))
}

#[cfg(test)]
mod tests {
    use model::OrderState;
    use model::feed::OrderEvent;

    use super::*;

    fn page(sequences: &[i64], last: i64) -> EventLogPage {
        let events = sequences.iter().map(|&sequence| OrderEvent {
            sequence,
            order: "token".to_owned(),
            restaurant: "noodle-bar".to_owned(),
            version: 1,
            state: OrderState::Placed,
            at_ms: 0,
        });
        EventLogPage {
            events: events.collect(),
            last,
        }
    }

    #[test]
    fn a_log_continues_without_gap_repeat_or_step_back() {
        assert!(continues(4, &page(&[5, 6, 7], 7)));
        assert!(continues(4, &page(&[], 4)));
        assert!(!continues(4, &page(&[6], 6)));
        assert!(!continues(4, &page(&[4, 5], 5)));
        assert!(!continues(4, &page(&[], 2)));
    }
}
