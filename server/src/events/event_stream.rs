//! The events of one topic for one client: first what the log has after the client's cursor, then what happens, each event once and
//! in order.

use std::collections::VecDeque;
use std::sync::Arc;
use std::time::Duration;

use axum::response::sse::Event;
use http::{HeaderMap, HeaderName};
use model::feed::{EventLogPage, OrderEvent};
use serde::Serialize;
use tokio::sync::broadcast::Receiver;
use tokio::sync::broadcast::error::RecvError;

use super::EventHub;
use super::topic::Topic;

/// Name of the events that carry an order's event.
const ORDER: &str = "order";
/// Name of the keep-alive events. They are events and not SSE comments, because a page cannot see comments.
const ALIVE: &str = "alive";
/// Interval of the `alive` events. A page that has received nothing for three intervals treats its connection as dead. Shorter, and
/// every open page causes more traffic; longer, and a page shows an outdated state for longer.
const ALIVE_INTERVAL: Duration = Duration::from_secs(4);
const LAST_EVENT_ID: HeaderName = HeaderName::from_static("last-event-id");
/// Pause after a read of the log that failed.
const RETRY_PAUSE: Duration = Duration::from_millis(250);

pub struct EventStream {
    hub: Arc<EventHub>,
    topic: Topic,
    live: Receiver<Arc<OrderEvent>>,
    /// Events read from the log, sent before the live ones.
    replay: VecDeque<OrderEvent>,
    /// Sequence of the last event sent.
    cursor: i64,
    /// The log must be read before live events are sent, because some may have been missed.
    is_behind: bool,
}

/// The sequence that a browser sends when it reconnects.
pub fn last_event_id(headers: &HeaderMap) -> Option<i64> {
    headers.get(LAST_EVENT_ID)?.to_str().ok()?.parse().ok()
}

/// An `alive` event. It has data, since browsers ignore events without.
pub fn alive() -> Event {
    Event::default().event(ALIVE).data(ALIVE)
}

impl EventStream {
    /// A stream of the events after `cursor`.
    pub fn new(hub: Arc<EventHub>, topic: Topic, cursor: i64) -> Self {
        Self {
            live: topic.subscribe(&hub),
            hub,
            topic,
            replay: VecDeque::new(),
            cursor,
            is_behind: true,
        }
    }

    /// Sets a page of the log to be sent next. It must have been read after the stream was made, so that no event falls between the
    /// log and the live events.
    pub fn set_replay(&mut self, page: EventLogPage) {
        self.is_behind = self.topic.may_have_more_after(&page);
        self.replay = page.events.into();
    }

    /// Waits for the next event, or for the time of an `alive`; with `data` as the event's data. Sends nothing while the log cannot
    /// be read, so that the page notices. `None` when the server shuts down.
    pub async fn next<D: Serialize>(&mut self, data: impl Fn(OrderEvent) -> D) -> Option<Event> {
        loop {
            match tokio::time::timeout(ALIVE_INTERVAL, self.next_unsent()).await {
                Ok(None) => return None,
                Ok(Some(event)) => {
                    let id = event.sequence.to_string();
                    // Plain data, which always serialises.
                    let data = serde_json::to_string(&data(event)).unwrap_or_default();
                    return Some(Event::default().event(ORDER).id(id).data(data));
                }
                Err(_) if self.hub.is_current() => return Some(alive()),
                Err(_) => {}
            }
        }
    }

    /// Skips events up to the cursor, which the log and the live events may both have.
    async fn next_unsent(&mut self) -> Option<OrderEvent> {
        loop {
            let event = self.receive().await?;
            if event.sequence > self.cursor {
                self.cursor = event.sequence;
                return Some(event);
            }
        }
    }

    async fn receive(&mut self) -> Option<OrderEvent> {
        loop {
            if let Some(event) = self.replay.pop_front() {
                return Some(event);
            }
            if self.is_behind {
                self.catch_up().await?;
                continue;
            }
            let received = tokio::select! {
                () = self.hub.stop.cancelled() => return None,
                received = self.live.recv() => received,
            };
            match received {
                Ok(event) => return Some((*event).clone()),
                Err(RecvError::Lagged(_) | RecvError::Closed) => self.is_behind = true,
            }
        }
    }

    /// Reads the next page of the log. Cancellation-safe: a later call starts over.
    async fn catch_up(&mut self) -> Option<()> {
        self.live = self.topic.subscribe(&self.hub);
        loop {
            if self.hub.stop.is_cancelled() {
                return None;
            }
            if let Ok(page) = self.hub.read_log(&self.topic.log_path(self.cursor)).await {
                self.set_replay(page);
                return Some(());
            }
            tokio::time::sleep(RETRY_PAUSE).await;
        }
    }
}
