//! `GET /health/live` and `GET /health/ready`: whether the process runs, and whether it should be sent requests.

use axum::Json;
use axum::extract::State;
use axum::http::header::CACHE_CONTROL;
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use model::status::ReplicaReport;
use serde::Serialize;

use super::{ApiState, caller};

pub(super) async fn live() -> Response {
    ([(CACHE_CONTROL, "no-store")], "live\n").into_response()
}

/// What strangers are told.
#[derive(Serialize)]
struct YesOrNo {
    ready: bool,
    reason: Option<String>,
}

/// The operator's switch first: a replica that is switched off says so whether or not its store answers.
pub(super) async fn ready(State(state): State<ApiState>, asked: HeaderMap) -> Response {
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
    let never_kept = [(CACHE_CONTROL, "no-store")];
    if !caller::is_ours(&state, &asked) {
        return (status, never_kept, Json(YesOrNo { ready, reason })).into_response();
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
    (status, never_kept, Json(report)).into_response()
}
