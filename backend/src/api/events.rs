//! `GET /internal/v1/events`, `…/orders/{token}/events` and `…/restaurants/{slug}/events`: the event log, for front-end servers alone.

use std::time::Duration;

use axum::extract::rejection::QueryRejection;
use axum::extract::{Query, State};
use axum::response::Response;
use model::feed::Events;
use serde::Deserialize;
use tokio::time::Instant;

use super::path::Name;
use super::refusal::Refusal;
use super::{ApiState, headers};

/// How long an answer waits for the next event: shorter than a front-end server waits for any answer. Other replicas write
/// events too, so that the log is looked at again and again.
const WAIT: Duration = Duration::from_millis(500);
const LOOK_EVERY: Duration = Duration::from_millis(25);
/// In one answer: whoever is far behind asks again at once.
const MOST: u32 = 1_000;

#[derive(Deserialize)]
pub(super) struct From {
    after: Option<i64>,
}

/// Answers as soon as there are events after `after`, or after a while without any.
pub(super) async fn next(
    State(state): State<ApiState>,
    from: Result<Query<From>, QueryRejection>,
) -> Result<Response, Refusal> {
    let Query(from) = from.map_err(|_| Refusal::no_such_address())?;
    let Some(after) = from.after else {
        let last = state.store.last_event().await?;
        return headers::answer(&Events {
            events: Vec::new(),
            last,
        });
    };
    let began = Instant::now();
    loop {
        let events = state.store.events_after(after, MOST).await?;
        // One that is to end keeps nobody waiting.
        let over = began.elapsed() >= WAIT || state.replica.reason_not_ready().is_some();
        if let Some(event) = events.last() {
            let last = event.sequence;
            return headers::answer(&Events { events, last });
        }
        if over {
            // Before `after`, where the log is not the one that was followed.
            let last = state.store.last_event().await?.min(after);
            return headers::answer(&Events { events, last });
        }
        tokio::time::sleep(LOOK_EVERY).await;
    }
}

/// All of one order's.
pub(super) async fn of_order(
    State(state): State<ApiState>,
    Name(token): Name,
) -> Result<Response, Refusal> {
    let events = state.store.events_of_order(&token).await?;
    let last = events.last().ok_or_else(Refusal::no_such_order)?.sequence;
    headers::answer(&Events { events, last })
}

/// A restaurant's after `after`, or from the beginning, as many as go into one answer.
pub(super) async fn of_restaurant(
    State(state): State<ApiState>,
    Name(restaurant): Name,
    from: Result<Query<From>, QueryRejection>,
) -> Result<Response, Refusal> {
    let Query(from) = from.map_err(|_| Refusal::no_such_address())?;
    // What comes after it belongs to the next answer.
    let end = state.store.last_event().await?;
    let after = from.after.unwrap_or_default();
    let events = state
        .store
        .events_of_restaurant(&restaurant, after, end, MOST)
        .await?;
    let last = match events.last() {
        Some(event) if events.len() == MOST as usize => event.sequence,
        _ => end,
    };
    headers::answer(&Events { events, last })
}
