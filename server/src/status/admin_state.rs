//! `PUT /api/v1/status/replicas/{id}/admin-state`: the operator's switch, stored in the registry, where all servers and the replica
//! see it.

use std::sync::Arc;

use axum::extract::{Path, State};
use axum::response::Response;
use http::{HeaderMap, Uri};
use model::Problem;
use model::problem::Code;
use model::status::{AdminStateChange, Status};
use registry::RegistryError;

use super::panel::{Panel, uncached_json};
use super::session::OperatorSession;
use crate::http::json::JsonBody;
use crate::http::origin::Origin;
use crate::http::problem::ProblemResponse;

const RETRY_AFTER_S: u32 = 2;

/// Sets the admin state of a replica
#[utoipa::path(
    put, path = "/api/v1/status/replicas/{id}/admin-state", operation_id = "switchReplica", tag = "Status",
    security(("operatorCookie" = [])),
    params(("id" = String, Path, description = "Id of the replica.")),
    request_body = AdminStateChange,
    responses(
        (status = 200, body = Status, description = "The status after the change."),
        (status = 404, body = Problem, description = "`not_found`"),
        (status = 503, body = Problem, description = "`unavailable`"),
    )
)]
pub async fn change(
    State(panel): State<Arc<Panel>>,
    _: OperatorSession,
    Path(id): Path<String>,
    uri: Uri,
    headers: HeaderMap,
    JsonBody(AdminStateChange { admin_state }): JsonBody<AdminStateChange>,
) -> Result<Response, ProblemResponse> {
    match panel.registry.set_admin_state(&id, admin_state).await {
        Ok(registration) => {
            panel.fleet.apply_switch(&registration);
            let target = Origin::of_target(&uri, &headers);
            Ok(uncached_json(panel.status(true, target.as_ref())))
        }
        Err(RegistryError::Unavailable(reason)) => {
            tracing::warn!(%reason, "cannot change a replica's admin state");
            Err(ProblemResponse::new(
                Code::Unavailable,
                "The registry cannot be written just now",
                "Nothing was switched. Try again in a few seconds.",
            )
            .retry_after_s(RETRY_AFTER_S))
        }
        Err(
            RegistryError::NotRegistered { .. }
            | RegistryError::LeaseLost { .. }
            | RegistryError::LeaseTaken { .. },
        ) => Err(ProblemResponse::new(
            Code::NotFound,
            "There is no such replica now",
            "It may have left. The status shows who is there.",
        )),
    }
}
