//! `GET /api/v1/orders/{token}` and `GET /api/v1/orders-by-key/{key}`: reads the current state of an order.

use axum::extract::State;
use axum::response::Response;
use model::order::Order;
use model::{Problem, api};

use crate::api::error::ApiError;
use crate::api::openapi::TokenParam;
use crate::api::path::PathParam;
use crate::api::{ApiState, responses};

/// Reads an order
#[utoipa::path(
    get, path = "/api/v1/orders/{token}", operation_id = "readOrder", tag = "Orders",
    params(TokenParam),
    responses(
        (status = 200, body = Order, description = "The order."),
        (status = 404, body = Problem, description = "`not_found`"),
    )
)]
pub(in crate::api) async fn by_token(
    State(state): State<ApiState>,
    PathParam(token): PathParam,
) -> Result<Response, ApiError> {
    let order = state.store.order_by_token(&token).await?;
    responses::ok(&order.ok_or_else(ApiError::no_such_order)?)
}

/// Reads the order that was placed with a key
///
/// A text that is not a valid key was never used, so it is `not_placed` as well.
#[utoipa::path(
    get, path = "/api/v1/orders-by-key/{key}", operation_id = "readOrderByKey", tag = "Orders",
    params(("key" = String, Path, description = "The `Idempotency-Key` of the order's request.")),
    responses(
        (status = 200, body = Order, description = "The order."),
        (status = 404, body = Problem, description = "`not_placed`"),
    )
)]
pub(in crate::api) async fn by_key(
    State(state): State<ApiState>,
    PathParam(key): PathParam,
) -> Result<Response, ApiError> {
    let key = api::idempotency_key(&key).ok_or_else(ApiError::not_placed)?;
    let order = state.store.order_by_key(key).await?;
    responses::ok(&order.ok_or_else(ApiError::not_placed)?)
}
