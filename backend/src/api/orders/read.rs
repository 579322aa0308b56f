//! `GET /api/v1/orders/{token}` and `GET /api/v1/orders-by-key/{key}`: an order as it is now.

use axum::extract::State;
use axum::response::Response;
use model::api;

use crate::api::path::Name;
use crate::api::refusal::Refusal;
use crate::api::{ApiState, headers};

pub(in crate::api) async fn by_token(
    State(state): State<ApiState>,
    Name(token): Name,
) -> Result<Response, Refusal> {
    let order = state.store.order_by_token(&token).await?;
    headers::answer(&order.ok_or_else(Refusal::no_such_order)?)
}

/// "Is my order in?" A text that can be no key was never placed with either.
pub(in crate::api) async fn by_key(
    State(state): State<ApiState>,
    Name(key): Name,
) -> Result<Response, Refusal> {
    let key = api::idempotency_key(&key).ok_or_else(Refusal::not_placed)?;
    let order = state.store.order_by_key(key).await?;
    headers::answer(&order.ok_or_else(Refusal::not_placed)?)
}
