//! The status as server-sent events: whole, on each change and at least once a second.
//!
//! Put into words once for all listeners: once with what only the operator sees, once without. Addresses of servers that depend on
//! what a listener's request was sent to are filled in for each.

use std::convert::Infallible;
use std::sync::Arc;
use std::time::Duration;

use axum::extract::State;
use axum::response::sse::{Event, KeepAlive, Sse};
use axum::response::{IntoResponse, Response};
use futures_util::stream;
use http::{HeaderMap, Uri};
use tokio::sync::watch;
use utoipa::ToSchema;

use super::Panel;
use crate::headers::UNBUFFERED;
use crate::origin::Origin;

/// Without a change, so that the page can say how old its picture is.
const AT_LEAST_EVERY: Duration = Duration::from_secs(1);
/// Changes come in bursts; a picture every few moments shows them all.
const AT_MOST_EVERY: Duration = Duration::from_millis(40);
/// Keeps proxies from ending a quiet stream.
const COMMENT_EVERY: Duration = Duration::from_secs(15);
/// Name of the events.
const STATUS: &str = "status";

/// Stands for what a listener's request was sent to; no real host is called like that (RFC 2606).
const ASKED: &str = "http://asked.invalid";

#[derive(Clone, Default)]
struct Words {
    public: Arc<str>,
    operator: Arc<str>,
}

#[derive(Default)]
pub struct Live {
    latest: watch::Sender<Words>,
}

/// Keeps the words up to date while somebody listens, for as long as it is polled.
pub async fn render(panel: Arc<Panel>) {
    let mut bell = panel.events.bell();
    loop {
        let rung = tokio::time::timeout(AT_LEAST_EVERY, bell.changed());
        if matches!(rung.await, Ok(Err(_))) {
            return;
        }
        if panel.live.latest.receiver_count() > 0 {
            panel.live.latest.send_replace(Words {
                public: words(&panel, false),
                operator: words(&panel, true),
            });
        }
        tokio::time::sleep(AT_MOST_EVERY).await;
    }
}

fn words(panel: &Panel, signed_in: bool) -> Arc<str> {
    let asked = ASKED.parse().ok();
    // A status is plain data, which serialises; an empty event would be passed over by the page.
    serde_json::to_string(&panel.status(signed_in, asked.as_ref()))
        .unwrap_or_default()
        .into()
}

/// One event of the status as it changes.
#[derive(ToSchema)]
#[expect(dead_code, reason = "describes")]
struct StatusEvent {
    /// `status`
    event: String,
    /// A whole `Status`.
    #[schema(content_media_type = "application/json")]
    data: String,
}

struct Listener {
    panel: Arc<Panel>,
    latest: watch::Receiver<Words>,
    /// What the request was sent to, without a port.
    asked: String,
    /// Until when the listener is the operator.
    session_ends_ms: Option<i64>,
    greeted: bool,
}

impl Listener {
    async fn next(&mut self) -> Option<String> {
        if !self.greeted {
            self.greeted = true;
            self.latest.mark_unchanged();
            return Some(self.filled_in(&words(&self.panel, self.is_operator())));
        }
        tokio::select! {
            () = self.panel.stop.cancelled() => return None,
            changed = self.latest.changed() => changed.ok()?,
        }
        let is_operator = self.is_operator();
        let latest = self.latest.borrow_and_update().clone();
        Some(self.filled_in(if is_operator {
            &latest.operator
        } else {
            &latest.public
        }))
    }

    fn filled_in(&self, words: &str) -> String {
        words.replace(ASKED, &self.asked)
    }

    fn is_operator(&self) -> bool {
        self.session_ends_ms
            .is_some_and(|ends_ms| self.panel.clock.now_ms() < ends_ms)
    }
}

/// The status as server-sent events
///
/// An event `status` has the whole status as its data: one comes at once, then on each change, at least once a second.
#[utoipa::path(
    get, path = "/api/v1/status/live", operation_id = "followStatus", tag = "Status",
    responses((status = 200, body = StatusEvent, content_type = "text/event-stream", description = "Endless: one event after the other."))
)]
pub async fn follow(State(panel): State<Arc<Panel>>, uri: Uri, headers: HeaderMap) -> Response {
    let listener = Listener {
        latest: panel.live.latest.subscribe(),
        asked: Origin::asked(&uri, &headers)
            .map_or_else(|| ASKED.to_owned(), |asked| asked.without_port()),
        session_ends_ms: panel.operator.session(&headers),
        greeted: false,
        panel,
    };
    let events = stream::unfold(listener, |mut listener| async move {
        let words = listener.next().await?;
        let event = Event::default().event(STATUS).data(words);
        Some((Ok::<_, Infallible>(event), listener))
    });
    let stream = Sse::new(events).keep_alive(KeepAlive::new().interval(COMMENT_EVERY));
    (UNBUFFERED, stream).into_response()
}
