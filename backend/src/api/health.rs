//! `GET /health/live` and `GET /health/ready`: liveness of the process, and readiness for requests.

use axum::Json;
use axum::extract::State;
use axum::http::header::CACHE_CONTROL;
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use model::status::ReplicaReport;
use serde::Serialize;

use super::{ApiState, credential};

pub(super) async fn live() -> Response {
    ([(CACHE_CONTROL, "no-store")], "live\n").into_response()
}

/// Body for callers without the credential.
#[derive(Serialize)]
struct Readiness {
    ready: bool,
    reason: Option<String>,
}

/// Reports readiness. The operator's switch is checked before the store, so that a replica that is switched off reports that even
/// if its store does not answer.
pub(super) async fn ready(State(state): State<ApiState>, headers: HeaderMap) -> Response {
    let reason = match state.replica.reason_not_ready() {
        Some(reason) => Some(reason.to_owned()),
        None => state.store.ready().await.err().map(|error| {
            tracing::warn!(%error, "not ready: the store does not answer");
            "the store does not answer".to_owned()
        }),
    };
    let ready = reason.is_none();
    let status = if ready {
        StatusCode::OK
    } else {
        StatusCode::SERVICE_UNAVAILABLE
    };
    let no_store = [(CACHE_CONTROL, "no-store")];
    if !credential::is_valid(&state, &headers) {
        return (status, no_store, Json(Readiness { ready, reason })).into_response();
    }
    let report = ReplicaReport {
        id: state.replica.id.clone(),
        version: state.replica.version.clone(),
        ready,
        reason,
        admin_state: state.replica.admin_state(),
        in_flight: state.replica.in_flight(),
        providers: state.geocoder.providers(),
        ended: state.ended.last(),
    };
    (status, no_store, Json(report)).into_response()
}
