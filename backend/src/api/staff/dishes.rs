//! `/api/v1/staff/dishes`: what there is of a dish, as the staff say and as it was sold since.

use axum::extract::State;
use axum::response::Response;
use model::Problem;
use model::staff::{DishStock, StaffDishes, StockChange};

use super::outcome;
use super::session::Staff;
use crate::api::body::Json;
use crate::api::described::Keyed;
use crate::api::idempotency::{IdempotencyKey, fingerprint_of_step};
use crate::api::path::Name;
use crate::api::refusal::Refusal;
use crate::api::{ApiState, headers};
use crate::domain::inventory::Stock;
use crate::store::SetStock;

/// The dishes that the staff have said something of
#[utoipa::path(
    get, path = "/api/v1/staff/dishes", operation_id = "listDishes", tag = "Staff",
    security(("staffToken" = []), ("staffCookie" = [])),
    responses((status = 200, body = StaffDishes, description = "By id, with what is left by now."))
)]
pub(in crate::api) async fn list(
    State(state): State<ApiState>,
    staff: Staff,
) -> Result<Response, Refusal> {
    let supply = state
        .store
        .inventory(&staff.account.restaurant, None)
        .await?;
    let dishes = supply
        .stock
        .into_iter()
        .map(|(dish, stock)| shown(dish, stock));
    headers::answer(&StaffDishes {
        dishes: dishes.collect(),
    })
}

/// Switches a dish off or on, or counts its portions
#[utoipa::path(
    put, path = "/api/v1/staff/dishes/{dish}", operation_id = "setDish", tag = "Staff",
    security(("staffToken" = []), ("staffCookie" = [])),
    params(("dish" = String, Path, description = "Id of the dish."), Keyed), request_body = StockChange,
    responses(
        (status = 200, body = DishStock, description = "The dish as it was set.",
            headers(("Idempotency-Replayed" = Option<String>, description = "`true` on an answer that was given before."))),
        (status = 404, body = Problem, description = "`not_found`"),
    )
)]
pub(in crate::api) async fn set(
    State(state): State<ApiState>,
    staff: Staff,
    Name(dish): Name,
    IdempotencyKey(key): IdempotencyKey,
    Json { value, text }: Json<StockChange>,
) -> Result<Response, Refusal> {
    let restaurant = staff.account.restaurant;
    state
        .catalogue
        .get(&restaurant)
        .and_then(|restaurant| restaurant.dish(&dish))
        .ok_or_else(Refusal::no_such_dish)?;
    let stock = Stock {
        off: !value.available,
        remaining: value.left,
    };
    let wanted = SetStock {
        key,
        fingerprint: fingerprint_of_step(&dish, "stock", &text)?,
        restaurant,
        response: headers::to_json(&shown(dish.clone(), stock))?,
        dish,
        stock,
    };
    outcome::answer(state.store.set_stock(wanted).await?)
}

fn shown(dish: String, stock: Stock) -> DishStock {
    DishStock {
        dish,
        available: !stock.off,
        left: stock.remaining,
    }
}
