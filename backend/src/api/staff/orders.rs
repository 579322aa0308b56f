//! `GET /api/v1/staff/orders` and `…/{token}`: orders with what the kitchen needs: allergens, phone number, expiry.

use axum::extract::State;
use axum::response::Response;
use model::staff::{StaffOrder, StaffOrders};
use model::{OrderState, Problem};

use super::session::AuthenticatedStaff;
use crate::api::error::ApiError;
use crate::api::openapi::TokenParam;
use crate::api::path::PathParam;
use crate::api::{ApiState, responses};
use crate::domain::ticket;
use crate::store::KitchenOrder;

/// Lists all open orders, the oldest first
#[utoipa::path(
    get, path = "/api/v1/staff/orders", operation_id = "listOpenOrders", tag = "Staff",
    security(("staffToken" = []), ("staffCookie" = [])),
    responses((status = 200, body = StaffOrders, description = "The orders of the session's restaurant."))
)]
pub(in crate::api) async fn list_open(
    State(state): State<ApiState>,
    session: AuthenticatedStaff,
) -> Result<Response, ApiError> {
    let orders = state.store.open_orders(&session.account.restaurant).await?;
    responses::ok(&StaffOrders {
        now_ms: state.clock.now_ms(),
        orders: orders
            .into_iter()
            .map(|order| staff_order(&state, order))
            .collect(),
    })
}

/// Reads one order, in any state
#[utoipa::path(
    get, path = "/api/v1/staff/orders/{token}", operation_id = "readKitchenOrder", tag = "Staff",
    security(("staffToken" = []), ("staffCookie" = [])),
    params(TokenParam),
    responses(
        (status = 200, body = StaffOrder, description = "The order."),
        (status = 404, body = Problem, description = "`not_found`"),
    )
)]
pub(in crate::api) async fn read(
    State(state): State<ApiState>,
    session: AuthenticatedStaff,
    PathParam(token): PathParam,
) -> Result<Response, ApiError> {
    let found = state
        .store
        .kitchen_order(&session.account.restaurant, &token)
        .await?;
    let order = found.ok_or_else(ApiError::no_such_order)?;
    responses::ok(&staff_order(&state, order))
}

fn staff_order(state: &ApiState, order: KitchenOrder) -> StaffOrder {
    let KitchenOrder {
        order,
        customer_phone,
        expires_at_ms,
    } = order;
    let restaurant = state.catalogue.get(&order.restaurant.slug);
    StaffOrder {
        customer_phone,
        expires_at_ms: expires_at_ms.filter(|_| order.state == OrderState::Placed),
        allergens: order
            .lines
            .iter()
            .map(|line| {
                restaurant.and_then(|restaurant| ticket::collect_allergens(restaurant, line))
            })
            .collect(),
        order,
    }
}
