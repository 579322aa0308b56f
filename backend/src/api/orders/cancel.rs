//! `POST /api/v1/orders/{token}/cancellation`: the customer cancels, while that is still the customer's to decide.

use axum::extract::State;
use axum::response::Response;
use model::Problem;
use model::order::Order;

use crate::api::described::Token;
use crate::api::path::Name;
use crate::api::refusal::Refusal;
use crate::api::{ApiState, headers};
use crate::store::Cancellation;

/// The customer cancels, while the order is `placed`
///
/// Needs no key: cancelling twice is cancelling once.
#[utoipa::path(
    post, path = "/api/v1/orders/{token}/cancellation", operation_id = "cancelOrder", tag = "Orders",
    params(Token),
    responses(
        (status = 200, body = Order, description = "The order after it."),
        (status = 404, body = Problem, description = "`not_found`"),
        (status = 409, body = Problem, description = "`order_conflict`"),
    )
)]
pub(in crate::api) async fn cancel(
    State(state): State<ApiState>,
    Name(token): Name,
) -> Result<Response, Refusal> {
    let now_ms = state.clock.now_ms();
    match state.store.cancel_by_customer(&token, now_ms).await? {
        Cancellation::Cancelled(order) | Cancellation::AlreadyCancelled(order) => {
            headers::answer(&order)
        }
        Cancellation::Conflict(order) => Err(Refusal::order_conflict(order)),
        Cancellation::NotFound => Err(Refusal::no_such_order()),
    }
}
