//! Responses: JSON bodies, the header common to all, and the response to a handler that panics.

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
use super::error::ApiError;

/// Middleware around all others: adds the replica's id to every response, and turns a panic into a 500.
///
/// tower-http's panic handler does not know the request, so its log line could not name the route.
pub(super) async fn finish(
    State(state): State<ApiState>,
    request: Request,
    next: Next,
) -> Response {
    // The pattern, not the URL, which may contain an order's token.
    let route = request.extensions().get::<MatchedPath>().cloned();
    let result = AssertUnwindSafe(next.run(request)).catch_unwind().await;
    let mut response = result.unwrap_or_else(|_| {
        let route = route.as_ref().map_or("no route", MatchedPath::as_str);
        tracing::error!(route, "a handler panicked");
        ApiError::internal().into_response()
    });
    if let Ok(id) = HeaderValue::from_str(&state.replica.id) {
        response.headers_mut().insert(api::REPLICA, id);
    }
    response
}

/// Makes a JSON response that no cache may store: it is about one customer, or valid for a moment.
pub(super) fn json(status: StatusCode, body: Bytes) -> Response {
    let headers = [
        (CONTENT_TYPE, HeaderValue::from_static("application/json")),
        (CACHE_CONTROL, HeaderValue::from_static("no-store")),
    ];
    (status, headers, body).into_response()
}

/// Makes a 200 response from a value, with [`json`].
pub(super) fn ok<T: Serialize>(value: &T) -> Result<Response, ApiError> {
    Ok(json(StatusCode::OK, to_json(value)?))
}

pub(super) fn to_json<T: Serialize>(value: &T) -> Result<Bytes, ApiError> {
    serde_json::to_vec(value).map(Bytes::from).map_err(|error| {
        tracing::error!(%error, "a response could not be serialised");
        ApiError::internal()
    })
}
