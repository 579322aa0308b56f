//! `PUT /api/v1/status/replicas/{id}/admin-state`: the operator's switch, written to the registry for everybody to see.

use std::sync::Arc;

use axum::extract::{Path, Request, State};
use axum::response::Response;
use model::Problem;
use model::problem::Code;
use model::status::{AdminStateChange, Status};
use registry::RegistryError;

use super::{Panel, body, fresh};
use crate::origin::Origin;
use crate::problem::Refusal;

const RETRY_AFTER_S: u32 = 2;

/// The switch of a replica
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
    Path(id): Path<String>,
    request: Request,
) -> Result<Response, Refusal> {
    panel.operator.require(request.headers())?;
    let asked = Origin::asked(request.uri(), request.headers());
    let AdminStateChange { admin_state } = body::json(request).await?;
    match panel.registry.set_admin_state(&id, admin_state).await {
        Ok(registration) => {
            panel.fleet.apply_switch(&registration);
            Ok(fresh(panel.status(true, asked.as_ref())))
        }
        Err(RegistryError::Unavailable(reason)) => {
            tracing::warn!(%reason, "a replica could not be switched");
            Err(Refusal::new(
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
        ) => Err(Refusal::new(
            Code::NotFound,
            "There is no such replica now",
            "It may have left. The status shows who is there.",
        )),
    }
}
