//! Authentication of callers: front-end servers of the same installation send a credential that is derived from the signing key.

use axum::extract::{Request, State};
use axum::http::HeaderMap;
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use model::api;
use model::problem::Code;
use process::secret;

use super::ApiState;
use super::error::ApiError;

/// Rejects requests without the credential. Health endpoints are exempt, because a process supervisor has no key; without the
/// credential they report readiness only.
pub(super) async fn require(
    State(state): State<ApiState>,
    request: Request,
    next: Next,
) -> Response {
    let is_exempt = [api::HEALTH_LIVE, api::HEALTH_READY].contains(&request.uri().path());
    if is_exempt || is_valid(&state, request.headers()) {
        return next.run(request).await;
    }
    ApiError::new(
        Code::Forbidden,
        "A replica answers its front-end servers only",
        "Send the request to a front-end server.",
    )
    .into_response()
}

/// Whether the request carries the credential. Compares in constant time.
pub(super) fn is_valid(state: &ApiState, headers: &HeaderMap) -> bool {
    headers
        .get(api::CREDENTIAL)
        .is_some_and(|sent| secret::equal(sent.as_bytes(), state.credential.as_bytes()))
}
