//! `/api/v1/staff/dishes`: what there is of a dish, as the staff say and as it was sold since.

use axum::extract::State;
use axum::response::Response;
use model::staff::{DishStock, StaffDishes, StockChange};

use super::outcome;
use super::session::Staff;
use crate::api::body::Json;
use crate::api::idempotency::{IdempotencyKey, fingerprint_of_step};
use crate::api::path::Name;
use crate::api::refusal::Refusal;
use crate::api::{ApiState, headers};
use crate::domain::supply::Stock;
use crate::store::StockWish;

/// `GET`: those that the staff have said something of.
pub(in crate::api) async fn list(
    State(state): State<ApiState>,
    staff: Staff,
) -> Result<Response, Refusal> {
    let supply = state.store.supply(&staff.account.restaurant, None).await?;
    let dishes = supply
        .dishes
        .into_iter()
        .map(|(dish, stock)| shown(dish, stock));
    headers::answer(&StaffDishes {
        dishes: dishes.collect(),
    })
}

/// `PUT …/{dish}`
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
        left: value.left,
    };
    let wanted = StockWish {
        key,
        fingerprint: fingerprint_of_step(&dish, "stock", &text)?,
        restaurant,
        answer: headers::to_json(&shown(dish.clone(), stock))?,
        dish,
        stock,
    };
    outcome::answer(state.store.set_stock(wanted).await?)
}

fn shown(dish: String, stock: Stock) -> DishStock {
    DishStock {
        dish,
        available: !stock.off,
        left: stock.left,
    }
}
