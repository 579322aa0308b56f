//! `GET /api/v1/orders/{token}/events`: one order's events as server-sent events.

use std::collections::VecDeque;
use std::convert::Infallible;
use std::sync::Arc;
use std::time::Duration;

use axum::body::Body;
use axum::extract::{Path, State};
use axum::response::sse::{Event, Sse};
use axum::response::{IntoResponse, Response};
use futures_util::stream;
use http::{HeaderMap, HeaderName};
use model::feed::{OrderEvent, OrderNews};
use model::{Problem, api};
use tokio::sync::broadcast::Receiver;
use tokio::sync::broadcast::error::RecvError;
use utoipa::ToSchema;

use super::Feed;
use crate::headers::UNBUFFERED;
use crate::problem::Refusal;

/// Name of the events that tell what happened.
const ORDER: &str = "order";
/// Name of the events that tell only that nothing happened; a page cannot see comments.
const ALIVE: &str = "alive";
/// A page that heard nothing for three of these knows that its connection is dead.
const ALIVE_EVERY: Duration = Duration::from_secs(4);
const LAST_EVENT_ID: HeaderName = HeaderName::from_static("last-event-id");
/// No token is longer.
const LONGEST_TOKEN: usize = 64;
/// Before the log is read again after that failed.
const PAUSE: Duration = Duration::from_millis(250);

/// One event of an order's news.
#[derive(ToSchema)]
#[expect(dead_code, reason = "describes")]
struct NewsEvent {
    /// `order`, or `alive` where nothing happened.
    event: String,
    /// The place of an `order` in the installation's log.
    #[schema(required = false)]
    id: String,
    /// Of an `order`: its version, state and instant, an `OrderNews`.
    data: String,
}

struct Listener {
    feed: Arc<Feed>,
    order: String,
    news: Receiver<Arc<OrderEvent>>,
    /// What is to be told before the news.
    log: VecDeque<OrderEvent>,
    /// Sequence of the last one told.
    told: i64,
    /// Some news may have been missed.
    behind: bool,
}

/// News of an order, as server-sent events
///
/// Tells everything of the order after `Last-Event-ID`, or from its beginning, then what happens. An event `order` has the place in
/// the log as its id and this data; an event `alive` says that nothing happened.
#[utoipa::path(
    get, path = "/api/v1/orders/{token}/events", operation_id = "followOrder", tag = "Orders",
    params(
        ("token" = String, Path, description = "The order's token."),
        ("Last-Event-ID" = Option<String>, Header, description = "The last event that was heard."),
    ),
    responses(
        (status = 200, body = NewsEvent, content_type = "text/event-stream", description = "Endless: one event after the other."),
        (status = 404, body = Problem, description = "`not_found`"),
        (status = 500, body = Problem, description = "`internal`"),
        (status = 502, body = Problem, description = "`replica_failed`"),
        (status = 503, body = Problem, description = "`unavailable`"),
        (status = 504, body = Problem, description = "`timed_out`"),
    )
)]
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
    let log = match feed.read(&log_of(&order)).await {
        Ok(log) => log.events.into(),
        Err(refused) => return refused.map(Body::new),
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
        behind: false,
    };
    let events = stream::unfold(listener, |mut listener| async move {
        let said = listener.say().await?;
        Some((Ok::<_, Infallible>(said), listener))
    });
    (UNBUFFERED, Sse::new(events)).into_response()
}

impl Listener {
    /// What happens, or now and then that all is as it was; nothing while that cannot be known.
    async fn say(&mut self) -> Option<Event> {
        loop {
            match tokio::time::timeout(ALIVE_EVERY, self.next()).await {
                Ok(event) => return Some(shown(&event?)),
                Err(_) if self.feed.is_current() => {
                    // Without data a browser would pass it over.
                    return Some(Event::default().event(ALIVE).data(ALIVE));
                }
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
            if self.behind {
                self.catch_up().await?;
            }
            if let Some(event) = self.log.pop_front() {
                return Some(event);
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

    /// Reads the log again. May be broken off and begun anew.
    async fn catch_up(&mut self) -> Option<()> {
        self.news = self.feed.topics.of(&self.order);
        loop {
            if self.feed.stop.is_cancelled() {
                return None;
            }
            if let Ok(log) = self.feed.read(&log_of(&self.order)).await {
                self.log = log.events.into();
                self.behind = false;
                return Some(());
            }
            tokio::time::sleep(PAUSE).await;
        }
    }
}

fn log_of(order: &str) -> String {
    format!("{}/{order}/events", api::INTERNAL_ORDERS)
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
