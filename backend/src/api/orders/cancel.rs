//! `POST /api/v1/orders/{token}/cancellation`: cancels an order for the customer, until the restaurant has accepted it.

use axum::extract::State;
use axum::response::Response;
use model::Problem;
use model::order::Order;

use crate::api::error::ApiError;
use crate::api::openapi::TokenParam;
use crate::api::path::PathParam;
use crate::api::{ApiState, responses};
use crate::store::Cancellation;

/// Cancels an order for the customer, while it is `placed`
///
/// Needs no idempotency key: cancelling again has no further effect.
#[utoipa::path(
    post, path = "/api/v1/orders/{token}/cancellation", operation_id = "cancelOrder", tag = "Orders",
    params(TokenParam),
    responses(
        (status = 200, body = Order, description = "The order after the cancellation."),
        (status = 404, body = Problem, description = "`not_found`"),
        (status = 409, body = Problem, description = "`order_conflict`"),
    )
)]
pub(in crate::api) async fn cancel_order(
    State(state): State<ApiState>,
    PathParam(token): PathParam,
) -> Result<Response, ApiError> {
    let now_ms = state.clock.now_ms();
    match state.store.cancel_by_customer(&token, now_ms).await? {
        Cancellation::Cancelled(order) | Cancellation::AlreadyCancelled(order) => {
            responses::ok(&order)
        }
        Cancellation::Conflict(order) => Err(ApiError::order_conflict(order)),
        Cancellation::NotFound => Err(ApiError::no_such_order()),
    }
}
