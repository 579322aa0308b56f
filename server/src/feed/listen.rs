//! `GET /api/v1/orders/{token}/events`: one order's events as server-sent events.

use std::collections::VecDeque;
use std::convert::Infallible;
use std::sync::Arc;
use std::time::Duration;

use axum::extract::{Path, State};
use axum::response::sse::{Event, KeepAlive, Sse};
use axum::response::{IntoResponse, Response};
use bytes::Bytes;
use futures_util::stream;
use http::{HeaderMap, HeaderName};
use model::api;
use model::feed::{Events, OrderEvent, OrderNews};
use tokio::sync::broadcast::Receiver;
use tokio::sync::broadcast::error::RecvError;

use super::Feed;
use crate::problem::Refusal;

/// Name of the events that tell what happened.
const ORDER: &str = "order";
/// Name of the events that tell only that the connection lives; a page cannot see comments.
const ALIVE: &str = "alive";
/// A page that heard nothing for three of these knows that its connection is dead.
const ALIVE_EVERY: Duration = Duration::from_secs(4);
const LAST_EVENT_ID: HeaderName = HeaderName::from_static("last-event-id");
/// No token is longer.
const LONGEST_TOKEN: usize = 64;
/// Before the log is read again after that failed.
const PAUSE: Duration = Duration::from_millis(250);

struct Listener {
    feed: Arc<Feed>,
    order: String,
    news: Receiver<Arc<OrderEvent>>,
    /// What is to be told before the news.
    log: VecDeque<OrderEvent>,
    /// Sequence of the last one told.
    told: i64,
}

/// Tells everything of the order after `Last-Event-ID`, or from its beginning, then what happens.
pub async fn listen(
    State(feed): State<Arc<Feed>>,
    Path(order): Path<String>,
    headers: HeaderMap,
) -> Response {
    if order.len() > LONGEST_TOKEN || !order.bytes().all(|byte| byte.is_ascii_alphanumeric()) {
        return Refusal::not_found().into_response();
    }
    // First the news, then the log: so nothing falls between.
    let news = feed.topics.of(&order);
    let log = match read_log(&feed, &order).await {
        Ok(events) => events.into(),
        Err(refused) => return refused.into_response(),
    };
    let told = headers
        .get(LAST_EVENT_ID)
        .and_then(|id| id.to_str().ok()?.parse().ok())
        .unwrap_or_default();
    let listener = Listener {
        feed,
        order,
        news,
        log,
        told,
    };
    let events = stream::unfold(listener, |mut listener| async move {
        let event = listener.next().await?;
        Some((Ok::<_, Infallible>(shown(&event)), listener))
    });
    let alive = KeepAlive::new()
        .interval(ALIVE_EVERY)
        .event(Event::default().event(ALIVE).data(""));
    // nginx would otherwise hold events back until a buffer is full.
    (
        [(HeaderName::from_static("x-accel-buffering"), "no")],
        Sse::new(events).keep_alive(alive),
    )
        .into_response()
}

impl Listener {
    /// The next event that has not been told; none when this server ends.
    async fn next(&mut self) -> Option<OrderEvent> {
        loop {
            let event = match self.log.pop_front() {
                Some(event) => event,
                None => self.hear().await?,
            };
            if event.sequence > self.told {
                self.told = event.sequence;
                return Some(event);
            }
        }
    }

    async fn hear(&mut self) -> Option<OrderEvent> {
        let heard = tokio::select! {
            () = self.feed.stop.cancelled() => return None,
            heard = self.news.recv() => heard,
        };
        match heard {
            Ok(event) => return Some((*event).clone()),
            Err(RecvError::Lagged(_) | RecvError::Closed) => {}
        }
        self.news = self.feed.topics.of(&self.order);
        loop {
            match read_log(&self.feed, &self.order).await {
                Ok(events) => self.log = events.into(),
                Err(_) => tokio::time::sleep(PAUSE).await,
            }
            if self.feed.stop.is_cancelled() {
                return None;
            }
            if let Some(event) = self.log.pop_front() {
                return Some(event);
            }
        }
    }
}

async fn read_log(feed: &Feed, order: &str) -> Result<Vec<OrderEvent>, Response> {
    let path = format!("{}/{order}/events", api::INTERNAL_ORDERS);
    let body: Bytes = feed
        .gateway
        .fetch(&path)
        .await
        .map_err(|refused| refused.map(axum::body::Body::new))?;
    let events: Events = serde_json::from_slice(&body).map_err(|error| {
        tracing::warn!(%error, "an order's events cannot be read");
        Refusal::unreadable().into_response()
    })?;
    Ok(events.events)
}

fn shown(event: &OrderEvent) -> Event {
    let news = OrderNews {
        version: event.version,
        state: event.state,
        at_ms: event.at_ms,
    };
    // Plain data, which serialises.
    let data = serde_json::to_string(&news).unwrap_or_default();
    Event::default()
        .event(ORDER)
        .id(event.sequence.to_string())
        .data(data)
}
