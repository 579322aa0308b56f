//! `GET /api/v1/status/live`: the whole status as server-sent events, on each change and at least once a second.
//!
//! The server addresses in a status depend on the origin that a client's request was sent to. The shared JSON has a placeholder
//! there, which is replaced for each client.

use std::sync::Arc;
use std::time::Duration;

use axum::extract::State;
use axum::response::Response;
use axum::response::sse::Event;
use http::{HeaderMap, Uri};
use tokio::sync::watch;
use utoipa::ToSchema;

use super::live::SerialisedStatus;
use super::panel::Panel;
use crate::http::origin::Origin;
use crate::http::sse::{self, EventSource};

/// Maximum time between two events: the page shows the age of its status, and treats a silent connection as dead.
const MAX_INTERVAL: Duration = Duration::from_secs(1);
/// Minimum time between two events. Changes come in bursts, which one event shows as well as many.
const MIN_INTERVAL: Duration = Duration::from_millis(40);
/// Name of the events.
const STATUS: &str = "status";

/// Placeholder for the target's scheme and host. No real host has such a name (RFC 2606).
const TARGET: &str = "http://target.invalid";

/// Publishes the status on each change while clients follow it. Runs until dropped.
pub async fn publish_changes(panel: Arc<Panel>) {
    let mut changes = panel.history.changes();
    loop {
        let changed = tokio::time::timeout(MAX_INTERVAL, changes.changed());
        if matches!(changed.await, Ok(Err(_))) {
            return;
        }
        if panel.live.has_subscribers() {
            panel.live.publish(SerialisedStatus {
                public: serialise(&panel, false),
                operator: serialise(&panel, true),
            });
        }
        tokio::time::sleep(MIN_INTERVAL).await;
    }
}

fn serialise(panel: &Panel, signed_in: bool) -> Arc<str> {
    let target = TARGET.parse().ok();
    // Plain data, which always serialises; a page would ignore an empty event.
    serde_json::to_string(&panel.status(signed_in, target.as_ref()))
        .unwrap_or_default()
        .into()
}

/// One event of the status as it changes.
#[derive(ToSchema)]
#[expect(dead_code, reason = "only describes the API")]
struct StatusEvent {
    /// `status`
    event: String,
    /// A whole `Status`.
    #[schema(content_media_type = "application/json")]
    data: String,
}

struct StatusEvents {
    panel: Arc<Panel>,
    latest: watch::Receiver<SerialisedStatus>,
    /// Scheme and host that the request was sent to.
    target: String,
    /// When the operator's session ends; `None` for other clients.
    session_end_ms: Option<i64>,
    is_first: bool,
}

impl EventSource for StatusEvents {
    async fn next_event(&mut self) -> Option<Event> {
        let status = self.next_status().await?;
        let data = status.replace(TARGET, &self.target);
        Some(Event::default().event(STATUS).data(data))
    }
}

impl StatusEvents {
    async fn next_status(&mut self) -> Option<Arc<str>> {
        if self.is_first {
            self.is_first = false;
            self.latest.mark_unchanged();
            return Some(serialise(&self.panel, self.is_operator()));
        }
        tokio::select! {
            () = self.panel.stop.cancelled() => return None,
            changed = self.latest.changed() => changed.ok()?,
        }
        let is_operator = self.is_operator();
        let latest = self.latest.borrow_and_update().clone();
        Some(if is_operator {
            latest.operator
        } else {
            latest.public
        })
    }

    fn is_operator(&self) -> bool {
        self.session_end_ms
            .is_some_and(|end_ms| self.panel.clock.now_ms() < end_ms)
    }
}

/// The status as server-sent events
///
/// An event `status` has the whole status as its data: one comes at once, then on each change, at least once a second.
#[utoipa::path(
    get, path = "/api/v1/status/live", operation_id = "followStatus", tag = "Status",
    responses((status = 200, body = StatusEvent, content_type = "text/event-stream", description = "Endless: one event after the other."))
)]
pub async fn follow_status(
    State(panel): State<Arc<Panel>>,
    uri: Uri,
    headers: HeaderMap,
) -> Response {
    sse::respond(StatusEvents {
        latest: panel.live.subscribe(),
        target: Origin::of_target(&uri, &headers)
            .map_or_else(|| TARGET.to_owned(), |target| target.without_port()),
        session_end_ms: panel.operator.session_end_ms(&headers),
        is_first: true,
        panel,
    })
}
