//! `POST /api/v1/quotes`: prices a basket, and lists what prevents ordering it.

use axum::extract::State;
use axum::response::Response;
use model::Problem;
use model::basket::{Basket, Quote};

use super::body::JsonBody;
use super::error::ApiError;
use super::{ApiState, inventory, postcode, responses};
use crate::domain;

/// Prices a basket, and lists what prevents ordering it
#[utoipa::path(
    post, path = "/api/v1/quotes", operation_id = "quoteBasket", tag = "Shop",
    request_body = Basket,
    responses(
        (status = 200, body = Quote, description = "Also where the basket cannot be ordered: see `obstacles`."),
        (status = 404, body = Problem, description = "`not_found`"),
        (status = 422, body = Problem, description = "`postcode_invalid`, `postcode_special`"),
    )
)]
pub(super) async fn create(
    State(state): State<ApiState>,
    JsonBody { value: basket, .. }: JsonBody<Basket>,
) -> Result<Response, ApiError> {
    let restaurant = state
        .catalogue
        .get(&basket.restaurant)
        .ok_or_else(ApiError::no_such_restaurant)?;
    let place = postcode::locate_delivery(&state, &basket, "postcode").await?;
    let now_ms = state.clock.now_ms();
    let inventory = inventory::load_or_default(&state, restaurant, now_ms).await;
    responses::ok(&domain::quote_basket(
        restaurant,
        &basket,
        place.as_ref(),
        &inventory,
        now_ms,
    ))
}
