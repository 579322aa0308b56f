//! `GET /internal/v1/events`, `…/orders/{token}/events` and `…/restaurants/{slug}/events`: reads the event log, for front-end servers.

use std::time::Duration;

use axum::extract::rejection::QueryRejection;
use axum::extract::{Query, State};
use axum::response::Response;
use model::feed::EventLogPage;
use serde::Deserialize;
use tokio::time::Instant;

use super::error::ApiError;
use super::path::PathParam;
use super::{ApiState, responses};

/// Longest wait of a poll for the next event: shorter than the timeout of front-end servers.
const MAX_WAIT: Duration = Duration::from_millis(500);
/// Interval of reading the log during a poll, because other replicas write events too. A shorter one loads the store; a longer one
/// delays every event.
const READ_INTERVAL: Duration = Duration::from_millis(25);
/// Events in one response. A reader that is far behind polls again at once.
const MAX_EVENTS: u32 = 1_000;

#[derive(Deserialize)]
pub(super) struct EventsQuery {
    /// Cursor: sequence of the last event that the caller has.
    after: Option<i64>,
}

/// Responds as soon as there are events after `after`, at the latest after [`MAX_WAIT`]. Without `after`, responds with the end of the
/// log.
pub(super) async fn poll(
    State(state): State<ApiState>,
    query: Result<Query<EventsQuery>, QueryRejection>,
) -> Result<Response, ApiError> {
    let Query(query) = query.map_err(|_| ApiError::no_such_address())?;
    let Some(after) = query.after else {
        let last = state.store.last_event().await?;
        return responses::ok(&EventLogPage {
            events: Vec::new(),
            last,
        });
    };
    let started = Instant::now();
    loop {
        let events = state.store.events_after(after, MAX_EVENTS).await?;
        // A replica that is shutting down ends its polls.
        let is_over = started.elapsed() >= MAX_WAIT || state.replica.reason_not_ready().is_some();
        if let Some(event) = events.last() {
            let last = event.sequence;
            return responses::ok(&EventLogPage { events, last });
        }
        if is_over {
            // An end before `after` shows the caller that this is another log, such as a restored backup.
            let last = state.store.last_event().await?.min(after);
            return responses::ok(&EventLogPage { events, last });
        }
        tokio::time::sleep(READ_INTERVAL).await;
    }
}

/// Lists all events of an order.
pub(super) async fn list_of_order(
    State(state): State<ApiState>,
    PathParam(token): PathParam,
) -> Result<Response, ApiError> {
    let events = state.store.events_of_order(&token).await?;
    let last = events.last().ok_or_else(ApiError::no_such_order)?.sequence;
    responses::ok(&EventLogPage { events, last })
}

/// Lists the events of a restaurant after `after`, or from the beginning, up to [`MAX_EVENTS`].
pub(super) async fn list_of_restaurant(
    State(state): State<ApiState>,
    PathParam(restaurant): PathParam,
    query: Result<Query<EventsQuery>, QueryRejection>,
) -> Result<Response, ApiError> {
    let Query(query) = query.map_err(|_| ApiError::no_such_address())?;
    // Read first: events after this end belong to the next response.
    let end = state.store.last_event().await?;
    let after = query.after.unwrap_or_default();
    let events = state
        .store
        .events_of_restaurant(&restaurant, after, end, MAX_EVENTS)
        .await?;
    let last = match events.last() {
        Some(event) if events.len() == MAX_EVENTS as usize => event.sequence,
        _ => end,
    };
    responses::ok(&EventLogPage { events, last })
}
