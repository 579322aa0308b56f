//! `GET /api/v1/orders/{token}/events`: one order's events as server-sent events.

use std::sync::Arc;

use axum::body::Body;
use axum::extract::{Path, State};
use axum::response::sse::Event;
use axum::response::{IntoResponse, Response};
use http::HeaderMap;
use model::Problem;
use model::feed::{OrderEvent, OrderUpdate};
use utoipa::ToSchema;

use super::EventHub;
use super::event_stream::{EventStream, last_event_id};
use super::topic::Topic;
use crate::http::problem::ProblemResponse;
use crate::http::sse::{self, EventSource};

/// Longer than any token.
const MAX_TOKEN_BYTES: usize = 64;

/// One event of an order.
#[derive(ToSchema)]
#[expect(dead_code, reason = "only describes the API")]
struct OrderSseEvent {
    /// `order`, or `alive`, which is a keep-alive.
    event: String,
    /// Of an `order`: its sequence in the installation's event log.
    #[schema(required = false)]
    id: String,
    /// Of an `order`: its version, state and time, as an `OrderUpdate`.
    data: String,
}

/// Events of an order, as server-sent events
///
/// Sends all events of the order after `Last-Event-ID`, or from its beginning, then new ones as they happen. An event `order` has
/// its sequence in the log as its id; an event `alive` is a keep-alive.
#[utoipa::path(
    get, path = "/api/v1/orders/{token}/events", operation_id = "followOrder", tag = "Orders",
    params(
        ("token" = String, Path, description = "The order's token."),
        ("Last-Event-ID" = Option<String>, Header, description = "The id of the last event received."),
    ),
    responses(
        (status = 200, body = OrderSseEvent, content_type = "text/event-stream", description = "Endless: one event after the other."),
        (status = 404, body = Problem, description = "`not_found`"),
        (status = 500, body = Problem, description = "`internal`"),
        (status = 502, body = Problem, description = "`replica_failed`"),
        (status = 503, body = Problem, description = "`unavailable`"),
        (status = 504, body = Problem, description = "`timed_out`"),
    )
)]
pub async fn follow(
    State(hub): State<Arc<EventHub>>,
    Path(token): Path<String>,
    headers: HeaderMap,
) -> Response {
    if token.len() > MAX_TOKEN_BYTES || !token.bytes().all(|byte| byte.is_ascii_alphanumeric()) {
        return ProblemResponse::not_found().into_response();
    }
    let topic = Topic::Order(token);
    let cursor = last_event_id(&headers).unwrap_or_default();
    let path = topic.log_path(cursor);
    let mut events = EventStream::new(Arc::clone(&hub), topic, cursor);
    match hub.read_log(&path).await {
        Ok(log) => events.set_replay(log),
        Err(response) => return response.map(Body::new),
    }
    sse::respond(OrderEvents(events))
}

struct OrderEvents(EventStream);

impl EventSource for OrderEvents {
    async fn next_event(&mut self) -> Option<Event> {
        self.0.next(to_update).await
    }
}

fn to_update(event: OrderEvent) -> OrderUpdate {
    OrderUpdate {
        version: event.version,
        state: event.state,
        at_ms: event.at_ms,
    }
}
