//! For drills, and for front-end servers alone: which of a run's orders the store has, and faults of this replica's own.
//!
//! The orders themselves are placed where all are, in `orders::place`.

use std::time::Duration;

use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;
use model::drill::{self, DrillOrders, LONGEST_HANG_MS, Strike};
use model::problem::Code;

use super::body::Json;
use super::path::Name;
use super::refusal::Refusal;
use super::{ApiState, headers};
use crate::faults;

/// `GET /internal/v1/drill-orders/{run}`.
pub(super) async fn orders(
    State(state): State<ApiState>,
    Name(run): Name,
) -> Result<Response, Refusal> {
    let prefix = drill::prefix(&run);
    let keys = state.store.drill_keys(&prefix).await?;
    headers::answer(&DrillOrders {
        numbers: keys.iter().filter_map(|key| drill::number(key)).collect(),
    })
}

/// `POST /internal/v1/faults`. Killed, there is no answer; hung, it comes when the process goes on.
pub(super) async fn strike(Json { value, .. }: Json<Strike>) -> Result<StatusCode, Refusal> {
    match value {
        Strike::Kill => {
            tracing::warn!("a drill kills this replica");
            faults::kill()
        }
        Strike::Hang { for_ms } => {
            let for_ = Duration::from_millis(for_ms.min(LONGEST_HANG_MS).into());
            tracing::warn!(?for_, "a drill stops this replica for a moment");
            let hung = tokio::task::spawn_blocking(move || faults::suspend(for_)).await;
            let error = match hung {
                Ok(Ok(())) => return Ok(StatusCode::NO_CONTENT),
                Ok(Err(error)) => error.to_string(),
                Err(error) => error.to_string(),
            };
            tracing::warn!(%error, "this replica could not be stopped");
            Err(Refusal::new(
                Code::Unavailable,
                "This replica cannot be stopped",
                format!("{error}."),
            ))
        }
    }
}
