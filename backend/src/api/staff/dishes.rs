//! `/api/v1/staff/dishes`: stock of dishes, as set by the staff and reduced by orders since.

use axum::extract::State;
use axum::response::Response;
use model::Problem;
use model::staff::{DishStock, StaffDishes, StockChange};

use super::outcome;
use super::session::AuthenticatedStaff;
use crate::api::body::JsonBody;
use crate::api::error::ApiError;
use crate::api::idempotency::{IdempotencyKey, fingerprint_transition};
use crate::api::openapi::IdempotencyKeyParam;
use crate::api::path::PathParam;
use crate::api::{ApiState, responses};
use crate::domain::inventory::Stock;
use crate::store::SetStock;

/// Lists the dishes whose stock the staff have set
#[utoipa::path(
    get, path = "/api/v1/staff/dishes", operation_id = "listDishes", tag = "Staff",
    security(("staffToken" = []), ("staffCookie" = [])),
    responses((status = 200, body = StaffDishes, description = "By id, with the portions left now."))
)]
pub(in crate::api) async fn list(
    State(state): State<ApiState>,
    session: AuthenticatedStaff,
) -> Result<Response, ApiError> {
    let inventory = state
        .store
        .inventory(&session.account.restaurant, None)
        .await?;
    let dishes = inventory
        .stock
        .into_iter()
        .map(|(dish, stock)| dish_stock(dish, stock));
    responses::ok(&StaffDishes {
        dishes: dishes.collect(),
    })
}

/// Sets the stock of a dish: unavailable, available, or a number of portions
#[utoipa::path(
    put, path = "/api/v1/staff/dishes/{dish}", operation_id = "setDish", tag = "Staff",
    security(("staffToken" = []), ("staffCookie" = [])),
    params(("dish" = String, Path, description = "Id of the dish."), IdempotencyKeyParam), request_body = StockChange,
    responses(
        (status = 200, body = DishStock, description = "The dish with its new stock.",
            headers(("Idempotency-Replayed" = Option<String>, description = "`true` on a saved response."))),
        (status = 404, body = Problem, description = "`not_found`"),
    )
)]
pub(in crate::api) async fn set(
    State(state): State<ApiState>,
    session: AuthenticatedStaff,
    PathParam(dish): PathParam,
    IdempotencyKey(key): IdempotencyKey,
    JsonBody { value, text }: JsonBody<StockChange>,
) -> Result<Response, ApiError> {
    let restaurant = session.account.restaurant;
    state
        .catalogue
        .get(&restaurant)
        .and_then(|restaurant| restaurant.dish(&dish))
        .ok_or_else(ApiError::no_such_dish)?;
    let stock = Stock {
        off: !value.available,
        remaining: value.left,
    };
    let change = SetStock {
        key,
        fingerprint: fingerprint_transition(&dish, "stock", &text)?,
        restaurant,
        response: responses::to_json(&dish_stock(dish.clone(), stock))?,
        dish,
        stock,
    };
    outcome::response(state.store.set_stock(change).await?)
}

fn dish_stock(dish: String, stock: Stock) -> DishStock {
    DishStock {
        dish,
        available: !stock.off,
        left: stock.remaining,
    }
}
