//! Internal endpoints of drills: lists the orders of a run that are in the store, and injects faults into this replica.
//!
//! `orders::place` places the drill orders, on the path of all orders.

use std::time::Duration;

use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;
use model::drill::{self, DrillOrders, MAX_HANG_MS, ReplicaFault};
use model::problem::Code;

use super::body::JsonBody;
use super::error::ApiError;
use super::path::PathParam;
use super::{ApiState, responses};
use crate::faults;

/// `GET /internal/v1/drill-orders/{run}`.
pub(super) async fn list_orders(
    State(state): State<ApiState>,
    PathParam(run): PathParam,
) -> Result<Response, ApiError> {
    let prefix = drill::prefix(&run);
    let keys = state.store.drill_keys(&prefix).await?;
    responses::ok(&DrillOrders {
        numbers: keys.iter().filter_map(|key| drill::number(key)).collect(),
    })
}

/// `POST /internal/v1/faults`. `Kill` gives no response; `Hang` responds when the process resumes.
pub(super) async fn inject_fault(
    JsonBody { value, .. }: JsonBody<ReplicaFault>,
) -> Result<StatusCode, ApiError> {
    match value {
        ReplicaFault::Kill => {
            tracing::warn!("a drill kills this replica");
            faults::kill()
        }
        ReplicaFault::Hang { for_ms } => {
            let for_ = Duration::from_millis(for_ms.min(MAX_HANG_MS).into());
            tracing::warn!(?for_, "a drill suspends this replica");
            let hung = tokio::task::spawn_blocking(move || faults::suspend(for_)).await;
            let error = match hung {
                Ok(Ok(())) => return Ok(StatusCode::NO_CONTENT),
                Ok(Err(error)) => error.to_string(),
                Err(error) => error.to_string(),
            };
            tracing::warn!(%error, "a drill could not suspend this replica");
            Err(ApiError::new(
                Code::Unavailable,
                "This replica cannot be stopped",
                format!("{error}."),
            ))
        }
    }
}
