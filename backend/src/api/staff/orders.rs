//! `GET /api/v1/staff/orders` and `…/{token}`: what the kitchen needs to know of its orders.

use axum::extract::State;
use axum::response::Response;
use model::staff::{StaffOrder, StaffOrders};
use model::{OrderState, Problem};

use super::session::Staff;
use crate::api::described::Token;
use crate::api::path::Name;
use crate::api::refusal::Refusal;
use crate::api::{ApiState, headers};
use crate::domain::ticket;
use crate::store::KitchenOrder;

/// All open orders, the longest waiting first
#[utoipa::path(
    get, path = "/api/v1/staff/orders", operation_id = "listOpenOrders", tag = "Staff",
    security(("staffToken" = []), ("staffCookie" = [])),
    responses((status = 200, body = StaffOrders, description = "Those of the account's restaurant."))
)]
pub(in crate::api) async fn open(
    State(state): State<ApiState>,
    staff: Staff,
) -> Result<Response, Refusal> {
    let orders = state.store.open_orders(&staff.account.restaurant).await?;
    headers::answer(&StaffOrders {
        now_ms: state.clock.now_ms(),
        orders: orders
            .into_iter()
            .map(|order| shown(&state, order))
            .collect(),
    })
}

/// One order, whatever its state
#[utoipa::path(
    get, path = "/api/v1/staff/orders/{token}", operation_id = "readKitchenOrder", tag = "Staff",
    security(("staffToken" = []), ("staffCookie" = [])),
    params(Token),
    responses(
        (status = 200, body = StaffOrder, description = "The order as the kitchen needs it."),
        (status = 404, body = Problem, description = "`not_found`"),
    )
)]
pub(in crate::api) async fn one(
    State(state): State<ApiState>,
    staff: Staff,
    Name(token): Name,
) -> Result<Response, Refusal> {
    let found = state
        .store
        .kitchen_order(&staff.account.restaurant, &token)
        .await?;
    let order = found.ok_or_else(Refusal::no_such_order)?;
    headers::answer(&shown(&state, order))
}

fn shown(state: &ApiState, order: KitchenOrder) -> StaffOrder {
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
