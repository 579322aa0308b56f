//! `GET /api/v1/orders/{token}/events`: one order's events as server-sent events.

use std::convert::Infallible;
use std::sync::Arc;

use axum::body::Body;
use axum::extract::{Path, State};
use axum::response::sse::Sse;
use axum::response::{IntoResponse, Response};
use futures_util::stream;
use http::HeaderMap;
use model::Problem;
use model::feed::{OrderEvent, OrderUpdate};
use utoipa::ToSchema;

use super::Feed;
use super::listener::{Listener, last_heard};
use super::subject::Subject;
use crate::headers::UNBUFFERED;
use crate::problem::Refusal;

/// No token is longer.
const LONGEST_TOKEN: usize = 64;

/// One event of an order's news.
#[derive(ToSchema)]
#[expect(dead_code, reason = "describes")]
struct NewsEvent {
    /// `order`, or `alive` where nothing happened.
    event: String,
    /// The place of an `order` in the installation's log.
    #[schema(required = false)]
    id: String,
    /// Of an `order`: its version, state and instant, an `OrderUpdate`.
    data: String,
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
pub async fn follow(
    State(feed): State<Arc<Feed>>,
    Path(order): Path<String>,
    headers: HeaderMap,
) -> Response {
    if order.len() > LONGEST_TOKEN || !order.bytes().all(|byte| byte.is_ascii_alphanumeric()) {
        return Refusal::not_found().into_response();
    }
    let subject = Subject::Order(order);
    let log = subject.log(0);
    let mut listener = Listener::new(
        Arc::clone(&feed),
        subject,
        last_heard(&headers).unwrap_or_default(),
    );
    match feed.read(&log).await {
        Ok(log) => listener.knows(log),
        Err(refused) => return refused.map(Body::new),
    }
    let events = stream::unfold(listener, |mut listener| async move {
        let said = listener.say().await?;
        Some((Ok::<_, Infallible>(said.event(news)), listener))
    });
    (UNBUFFERED, Sse::new(events)).into_response()
}

fn news(event: OrderEvent) -> OrderUpdate {
    OrderUpdate {
        version: event.version,
        state: event.state,
        at_ms: event.at_ms,
    }
}
