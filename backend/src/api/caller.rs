//! Who may call: the installation's own front-end servers, which show a credential derived from the signing key.

use axum::extract::{Request, State};
use axum::http::HeaderMap;
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use model::api;
use model::problem::Code;
use process::secret;

use super::ApiState;
use super::refusal::Refusal;

/// Health is open to all, because whoever supervises the process has no key; it tells strangers nothing but yes or no.
pub(super) async fn must_be_ours(
    State(state): State<ApiState>,
    request: Request,
    next: Next,
) -> Response {
    let open = [api::HEALTH_LIVE, api::HEALTH_READY].contains(&request.uri().path());
    if open || is_ours(&state, request.headers()) {
        return next.run(request).await;
    }
    Refusal::new(
        Code::Forbidden,
        "A replica answers its front-end servers only",
        "Send the request to a front-end server.",
    )
    .into_response()
}

pub(super) fn is_ours(state: &ApiState, headers: &HeaderMap) -> bool {
    headers.get(api::CREDENTIAL).is_some_and(|shown| {
        secret::constant_time_eq(shown.as_bytes(), state.credential.as_bytes())
    })
}
