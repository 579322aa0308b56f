//! `GET /api/v1/staff/events`: what happens to a restaurant's orders, as server-sent events for its staff.

use std::convert::Infallible;
use std::sync::Arc;
use std::time::Duration;

use axum::body::Body;
use axum::extract::State;
use axum::response::sse::Sse;
use axum::response::{IntoResponse, Response};
use futures_util::{StreamExt, stream};
use http::header::{AUTHORIZATION, COOKIE};
use http::{HeaderMap, HeaderName, StatusCode};
use model::feed::{KitchenUpdate, OrderEvent};
use model::{Problem, api};
use tokio::time::Instant;
use utoipa::ToSchema;

use super::Feed;
use super::listener::{Listener, alive, last_heard};
use super::subject::Subject;
use crate::headers::UNBUFFERED;

/// An account that was removed, or has another password, hears no more after this long.
const CHECKED_EVERY: Duration = Duration::from_secs(60);

/// One event of a restaurant's news.
#[derive(ToSchema)]
#[expect(dead_code, reason = "describes")]
struct KitchenEvent {
    /// `order`, or `alive` where nothing happened.
    event: String,
    /// The place in the installation's log; the first event, `alive`, has it too.
    #[schema(required = false)]
    id: String,
    /// Of an `order`: its token, version, state and instant, a `KitchenUpdate`.
    data: String,
}

/// News of a restaurant's orders, as server-sent events
///
/// Tells everything of the restaurant after `Last-Event-ID`, then what happens; without that header, what happens from now on. The
/// first event is an `alive` whose id is where the log is told from: whoever then reads the orders has missed nothing. The session
/// is looked at again every minute.
#[utoipa::path(
    get, path = "/api/v1/staff/events", operation_id = "followOrders", tag = "Staff",
    security(("staffCookie" = []), ("staffToken" = [])),
    params(("Last-Event-ID" = Option<String>, Header, description = "The last event that was heard.")),
    responses(
        (status = 200, body = KitchenEvent, content_type = "text/event-stream", description = "Endless: one event after the other."),
        (status = 500, body = Problem, description = "`internal`"),
        (status = 502, body = Problem, description = "`replica_failed`"),
        (status = 503, body = Problem, description = "`unavailable`"),
        (status = 504, body = Problem, description = "`timed_out`"),
    )
)]
pub async fn follow(State(feed): State<Arc<Feed>>, headers: HeaderMap) -> Response {
    let session = Session::of(Arc::clone(&feed), &headers);
    let restaurant = match feed.signed_in(&session.proof).await {
        Ok(account) => account.restaurant,
        Err(refused) => return refused.map(Body::new),
    };
    let subject = Subject::Restaurant(restaurant);
    let told = match last_heard(&headers) {
        Some(told) => told,
        None => match feed.read(api::EVENTS).await {
            Ok(end) => end.last,
            Err(refused) => return refused.map(Body::new),
        },
    };
    let first = stream::once(async move { Ok(alive().id(told.to_string())) });
    let listener = Listener::new(feed, subject, told);
    let events = stream::unfold((listener, session), |(mut listener, mut session)| async {
        if !session.holds().await {
            return None;
        }
        let said = listener.say().await?;
        Some((Ok::<_, Infallible>(said.event(news)), (listener, session)))
    });
    (UNBUFFERED, Sse::new(first.chain(events))).into_response()
}

/// Of whoever listens.
struct Session {
    feed: Arc<Feed>,
    /// The headers that say who asks.
    proof: HeaderMap,
    checked: Instant,
}

impl Session {
    fn of(feed: Arc<Feed>, headers: &HeaderMap) -> Self {
        let told = |name: HeaderName| {
            let value = headers.get(&name)?.clone();
            Some((name, value))
        };
        Self {
            feed,
            proof: [COOKIE, AUTHORIZATION]
                .into_iter()
                .filter_map(told)
                .collect(),
            checked: Instant::now(),
        }
    }

    /// Where nobody can say, as it was.
    async fn holds(&mut self) -> bool {
        if self.checked.elapsed() < CHECKED_EVERY {
            return true;
        }
        self.checked = Instant::now();
        let ended = |refused: Response<_>| refused.status() == StatusCode::UNAUTHORIZED;
        !self.feed.signed_in(&self.proof).await.is_err_and(ended)
    }
}

fn news(event: OrderEvent) -> KitchenUpdate {
    KitchenUpdate {
        order: event.order,
        version: event.version,
        state: event.state,
        at_ms: event.at_ms,
    }
}
