//! Follows the event log.

use std::sync::Arc;
use std::time::Duration;

use model::api;
use model::feed::Events;
use tokio::time::Instant;

use super::Feed;
use crate::sync::locked;

/// After an answer that cannot be used, before asking again.
const PAUSE: Duration = Duration::from_millis(100);

/// For as long as it is polled.
pub async fn follow(feed: Arc<Feed>) {
    let mut last = None;
    loop {
        let path = match last {
            Some(after) => format!("{}?after={after}", api::EVENTS),
            None => api::EVENTS.to_owned(),
        };
        let Ok(answer) = feed.read(&path).await else {
            tokio::time::sleep(PAUSE).await;
            continue;
        };
        if let Some(after) = last
            && !continues(after, &answer)
        {
            // Another log, as after a restore: what follows is told from its end on, and the rest is read again.
            tracing::warn!(
                after,
                last = answer.last,
                "the event log does not go on where it was"
            );
            feed.lose();
            last = None;
            continue;
        }
        last = Some(answer.last);
        *locked(&feed.followed) = Some(Instant::now());
        for event in answer.events {
            feed.tell(event);
        }
    }
}

/// The events follow `after` one by one.
fn continues(after: i64, answer: &Events) -> bool {
    let sequences = answer.events.iter().map(|event| event.sequence);
    answer.last >= after && sequences.eq((after + 1..).take(answer.events.len()))
}

#[cfg(test)]
mod tests {
    use model::OrderState;
    use model::feed::OrderEvent;

    use super::*;

    fn answer(sequences: &[i64], last: i64) -> Events {
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
    fn a_log_goes_on_without_gap_repeat_or_step_back() {
        assert!(continues(4, &answer(&[5, 6, 7], 7)));
        assert!(continues(4, &answer(&[], 4)));
        assert!(!continues(4, &answer(&[6], 6)));
        assert!(!continues(4, &answer(&[4, 5], 5)));
        assert!(!continues(4, &answer(&[], 2)));
    }
}
