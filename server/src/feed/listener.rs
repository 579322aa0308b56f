//! Somebody who listens: first what the log has that they were not told, then what happens, each once and in order.

use std::collections::VecDeque;
use std::sync::Arc;
use std::time::Duration;

use axum::response::sse::Event;
use http::{HeaderMap, HeaderName};
use model::feed::{Events, OrderEvent};
use serde::Serialize;
use tokio::sync::broadcast::Receiver;
use tokio::sync::broadcast::error::RecvError;

use super::Feed;
use super::subject::Subject;

/// Name of the events that tell what happened.
const ORDER: &str = "order";
/// Name of the events that tell only that nothing happened; a page cannot see comments.
const ALIVE: &str = "alive";
/// A page that heard nothing for three of these knows that its connection is dead.
const ALIVE_EVERY: Duration = Duration::from_secs(4);
const LAST_EVENT_ID: HeaderName = HeaderName::from_static("last-event-id");
/// Before the log is read again after that failed.
const PAUSE: Duration = Duration::from_millis(250);

pub struct Listener {
    feed: Arc<Feed>,
    subject: Subject,
    news: Receiver<Arc<OrderEvent>>,
    /// What is to be told before the news.
    log: VecDeque<OrderEvent>,
    /// Sequence of the last one told.
    told: i64,
    /// Some news may have been missed.
    behind: bool,
}

pub enum Said {
    Happened(OrderEvent),
    /// Nothing happened.
    Alive,
}

/// The last event that was heard, as a browser says when it connects again.
pub fn last_heard(headers: &HeaderMap) -> Option<i64> {
    headers.get(LAST_EVENT_ID)?.to_str().ok()?.parse().ok()
}

/// Without data a browser would pass it over.
pub fn alive() -> Event {
    Event::default().event(ALIVE).data(ALIVE)
}

impl Said {
    /// As a server-sent event with this data.
    pub fn event<D: Serialize>(self, data: impl FnOnce(OrderEvent) -> D) -> Event {
        let Self::Happened(event) = self else {
            return alive();
        };
        let id = event.sequence.to_string();
        // Plain data, which serialises.
        let data = serde_json::to_string(&data(event)).unwrap_or_default();
        Event::default().event(ORDER).id(id).data(data)
    }
}

impl Listener {
    /// To be told what comes after `told`.
    pub fn new(feed: Arc<Feed>, subject: Subject, told: i64) -> Self {
        Self {
            news: subject.news(&feed),
            feed,
            subject,
            log: VecDeque::new(),
            told,
            behind: true,
        }
    }

    /// Takes in a part of the log. It is read after the listening began: so nothing falls between.
    pub fn knows(&mut self, part: Events) {
        self.behind = self.subject.goes_on_after(&part);
        self.log = part.events.into();
    }

    /// What happens, or now and then that all is as it was; nothing while that cannot be known.
    pub async fn say(&mut self) -> Option<Said> {
        loop {
            match tokio::time::timeout(ALIVE_EVERY, self.next()).await {
                Ok(event) => return Some(Said::Happened(event?)),
                Err(_) if self.feed.is_current() => return Some(Said::Alive),
                Err(_) => {}
            }
        }
    }

    /// The next event that has not been told; none when this server ends.
    async fn next(&mut self) -> Option<OrderEvent> {
        loop {
            let event = self.hear().await?;
            if event.sequence > self.told {
                self.told = event.sequence;
                return Some(event);
            }
        }
    }

    async fn hear(&mut self) -> Option<OrderEvent> {
        loop {
            if let Some(event) = self.log.pop_front() {
                return Some(event);
            }
            if self.behind {
                self.catch_up().await?;
                continue;
            }
            let heard = tokio::select! {
                () = self.feed.stop.cancelled() => return None,
                heard = self.news.recv() => heard,
            };
            match heard {
                Ok(event) => return Some((*event).clone()),
                Err(RecvError::Lagged(_) | RecvError::Closed) => self.behind = true,
            }
        }
    }

    /// Reads the log, or its next part. May be broken off and begun anew.
    async fn catch_up(&mut self) -> Option<()> {
        self.news = self.subject.news(&self.feed);
        loop {
            if self.feed.stop.is_cancelled() {
                return None;
            }
            if let Ok(part) = self.feed.read(&self.subject.log(self.told)).await {
                self.knows(part);
                return Some(());
            }
            tokio::time::sleep(PAUSE).await;
        }
    }
}
