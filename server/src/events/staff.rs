//! `GET /api/v1/staff/events`: the events of a restaurant's orders as server-sent events, for its staff.

use std::sync::Arc;
use std::time::Duration;

use axum::body::Body;
use axum::extract::State;
use axum::response::Response;
use axum::response::sse::Event;
use http::header::{AUTHORIZATION, COOKIE};
use http::{HeaderMap, HeaderName, StatusCode};
use model::feed::{KitchenUpdate, OrderEvent};
use model::{Problem, api};
use tokio::time::Instant;
use utoipa::ToSchema;

use super::EventHub;
use super::event_stream::{EventStream, alive, last_event_id};
use super::topic::Topic;
use crate::http::sse::{self, EventSource};

/// Interval of the checks of a session. Longer, and a removed account receives events for longer; shorter, and every open page
/// costs more requests to a replica.
const SESSION_CHECK_INTERVAL: Duration = Duration::from_secs(60);

/// One event of a restaurant's orders.
#[derive(ToSchema)]
#[expect(dead_code, reason = "only describes the API")]
struct StaffSseEvent {
    /// `order`, or `alive`, which is a keep-alive.
    event: String,
    /// The sequence in the installation's event log; the first event, an `alive`, has it too.
    #[schema(required = false)]
    id: String,
    /// Of an `order`: its token, version, state and time, as a `KitchenUpdate`.
    data: String,
}

/// Events of a restaurant's orders, as server-sent events
///
/// Sends all events of the restaurant after `Last-Event-ID`, then new ones as they happen; without that header, new ones only. The
/// first event is an `alive` whose id is the sequence that the events follow: a client that reads the orders after it misses
/// nothing. The session is checked again every minute.
#[utoipa::path(
    get, path = "/api/v1/staff/events", operation_id = "followOrders", tag = "Staff",
    security(("staffCookie" = []), ("staffToken" = [])),
    params(("Last-Event-ID" = Option<String>, Header, description = "The id of the last event received.")),
    responses(
        (status = 200, body = StaffSseEvent, content_type = "text/event-stream", description = "Endless: one event after the other."),
        (status = 500, body = Problem, description = "`internal`"),
        (status = 502, body = Problem, description = "`replica_failed`"),
        (status = 503, body = Problem, description = "`unavailable`"),
        (status = 504, body = Problem, description = "`timed_out`"),
    )
)]
pub async fn follow(State(hub): State<Arc<EventHub>>, headers: HeaderMap) -> Response {
    let session = StaffSession::new(Arc::clone(&hub), &headers);
    let restaurant = match hub.fetch_session(&session.headers).await {
        Ok(account) => account.restaurant,
        Err(response) => return response.map(Body::new),
    };
    let cursor = match last_event_id(&headers) {
        Some(cursor) => cursor,
        None => match hub.read_log(api::EVENTS).await {
            Ok(end) => end.last,
            Err(response) => return response.map(Body::new),
        },
    };
    sse::respond(StaffEvents {
        first: Some(alive().id(cursor.to_string())),
        events: EventStream::new(hub, Topic::Restaurant(restaurant), cursor),
        session,
    })
}

struct StaffEvents {
    first: Option<Event>,
    events: EventStream,
    session: StaffSession,
}

impl EventSource for StaffEvents {
    async fn next_event(&mut self) -> Option<Event> {
        if let Some(first) = self.first.take() {
            return Some(first);
        }
        if !self.session.is_valid().await {
            return None;
        }
        self.events.next(to_update).await
    }
}

struct StaffSession {
    hub: Arc<EventHub>,
    /// The client's headers that hold the session.
    headers: HeaderMap,
    checked: Instant,
}

impl StaffSession {
    fn new(hub: Arc<EventHub>, headers: &HeaderMap) -> Self {
        let copy = |name: HeaderName| {
            let value = headers.get(&name)?.clone();
            Some((name, value))
        };
        Self {
            hub,
            headers: [COOKIE, AUTHORIZATION]
                .into_iter()
                .filter_map(copy)
                .collect(),
            checked: Instant::now(),
        }
    }

    /// Checks the session if the last check is old. A session counts as valid while no replica answers.
    async fn is_valid(&mut self) -> bool {
        if self.checked.elapsed() < SESSION_CHECK_INTERVAL {
            return true;
        }
        self.checked = Instant::now();
        let is_over = |response: Response<_>| response.status() == StatusCode::UNAUTHORIZED;
        !self
            .hub
            .fetch_session(&self.headers)
            .await
            .is_err_and(is_over)
    }
}

fn to_update(event: OrderEvent) -> KitchenUpdate {
    KitchenUpdate {
        order: event.order,
        version: event.version,
        state: event.state,
        at_ms: event.at_ms,
    }
}
