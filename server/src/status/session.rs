//! `POST` and `DELETE /api/v1/status/session`: the operator signs in and out.

use std::sync::Arc;

use axum::Extension;
use axum::extract::{FromRequestParts, State};
use axum_extra::extract::SignedCookieJar;
use http::request::Parts;
use http::{HeaderMap, StatusCode};
use model::Problem;
use model::problem::Code;
use model::status::SignIn;

use super::panel::Panel;
use crate::http::json::JsonBody;
use crate::http::peer::Peer;
use crate::http::problem::ProblemResponse;

/// Extractor for handlers that only the operator may call: answers 401 without a session.
pub struct OperatorSession;

impl FromRequestParts<Arc<Panel>> for OperatorSession {
    type Rejection = ProblemResponse;

    async fn from_request_parts(
        parts: &mut Parts,
        panel: &Arc<Panel>,
    ) -> Result<Self, ProblemResponse> {
        match panel.operator.session_end_ms(&parts.headers) {
            Some(_) => Ok(Self),
            None => Err(ProblemResponse::new(
                Code::Unauthorised,
                "You are not signed in",
                "Sign in with the operator's password. Nothing was changed.",
            )),
        }
    }
}

/// The operator signs in
#[utoipa::path(
    post, path = "/api/v1/status/session", operation_id = "operatorSignIn", tag = "Status",
    request_body = SignIn,
    responses(
        (status = 204, description = "The session is a cookie."),
        (status = 401, body = Problem, description = "`unauthorised`"),
        (status = 429, body = Problem, description = "`too_many_requests`"),
    )
)]
pub async fn sign_in(
    State(panel): State<Arc<Panel>>,
    Extension(peer): Extension<Peer>,
    headers: HeaderMap,
    JsonBody(SignIn { password }): JsonBody<SignIn>,
) -> Result<(StatusCode, SignedCookieJar), ProblemResponse> {
    let operator = &panel.operator;
    let cookie = operator.sign_in(peer.address, password, &headers).await?;
    Ok((StatusCode::NO_CONTENT, cookie))
}

/// Removes the operator's cookie from the browser
///
/// The server keeps no sessions, so that there is nothing else to end.
#[utoipa::path(
    delete, path = "/api/v1/status/session", operation_id = "operatorSignOut", tag = "Status",
    responses((status = 204, description = "The cookie is gone."))
)]
pub async fn sign_out(State(panel): State<Arc<Panel>>) -> (StatusCode, SignedCookieJar) {
    (StatusCode::NO_CONTENT, panel.operator.sign_out())
}
