//! What every answer carries, and the last net under every request.

use std::panic::AssertUnwindSafe;

use axum::extract::{MatchedPath, Request, State};
use axum::http::header::{CACHE_CONTROL, CONTENT_TYPE};
use axum::http::{HeaderValue, StatusCode};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use bytes::Bytes;
use futures_util::FutureExt;
use model::api;
use serde::Serialize;

use super::ApiState;
use super::refusal::Refusal;

/// Adds the replica's id; turns a panic into a 500, so that it costs one request and not the process.
pub(super) async fn on_every_answer(
    State(state): State<ApiState>,
    request: Request,
    next: Next,
) -> Response {
    // The pattern, not the address: that may hold an order's token.
    let route = request.extensions().get::<MatchedPath>().cloned();
    let answering = AssertUnwindSafe(next.run(request)).catch_unwind().await;
    let mut response = answering.unwrap_or_else(|_| {
        let route = route.as_ref().map_or("no route", MatchedPath::as_str);
        tracing::error!(route, "a request panicked");
        Refusal::internal().into_response()
    });
    if let Ok(id) = HeaderValue::from_str(&state.replica.id) {
        response.headers_mut().insert(api::REPLICA, id);
    }
    response
}

/// JSON that nobody may keep: it is about one customer, or true for a moment only.
pub(super) fn private_json(status: StatusCode, body: Bytes) -> Response {
    let headers = [
        (CONTENT_TYPE, HeaderValue::from_static("application/json")),
        (CACHE_CONTROL, HeaderValue::from_static("no-store")),
    ];
    (status, headers, body).into_response()
}

/// 200 with JSON that nobody may keep.
pub(super) fn answer<T: Serialize>(value: &T) -> Result<Response, Refusal> {
    Ok(private_json(StatusCode::OK, to_json(value)?))
}

pub(super) fn to_json<T: Serialize>(value: &T) -> Result<Bytes, Refusal> {
    serde_json::to_vec(value).map(Bytes::from).map_err(|error| {
        tracing::error!(%error, "an answer could not be written as JSON");
        Refusal::internal()
    })
}
