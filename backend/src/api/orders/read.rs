//! `GET /api/v1/orders/{token}` and `GET /api/v1/orders-by-key/{key}`: an order as it is now.

use axum::extract::State;
use axum::response::Response;
use model::order::Order;
use model::{Problem, api};

use crate::api::described::Token;
use crate::api::path::Name;
use crate::api::refusal::Refusal;
use crate::api::{ApiState, headers};

/// An order as it is now
#[utoipa::path(
    get, path = "/api/v1/orders/{token}", operation_id = "readOrder", tag = "Orders",
    params(Token),
    responses(
        (status = 200, body = Order, description = "The order."),
        (status = 404, body = Problem, description = "`not_found`"),
    )
)]
pub(in crate::api) async fn by_token(
    State(state): State<ApiState>,
    Name(token): Name,
) -> Result<Response, Refusal> {
    let order = state.store.order_by_token(&token).await?;
    headers::answer(&order.ok_or_else(Refusal::no_such_order)?)
}

/// "Is my order in?"
///
/// A text that can be no key was never placed with either.
#[utoipa::path(
    get, path = "/api/v1/orders-by-key/{key}", operation_id = "readOrderByKey", tag = "Orders",
    params(("key" = String, Path, description = "The `Idempotency-Key` that the order was sent with.")),
    responses(
        (status = 200, body = Order, description = "It is: the order."),
        (status = 404, body = Problem, description = "`not_placed`"),
    )
)]
pub(in crate::api) async fn by_key(
    State(state): State<ApiState>,
    Name(key): Name,
) -> Result<Response, Refusal> {
    let key = api::idempotency_key(&key).ok_or_else(Refusal::not_placed)?;
    let order = state.store.order_by_key(key).await?;
    headers::answer(&order.ok_or_else(Refusal::not_placed)?)
}
