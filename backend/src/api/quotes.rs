//! `POST /api/v1/quotes`: what a basket costs, and what stands in its way.

use axum::extract::State;
use axum::response::Response;
use model::Problem;
use model::basket::{Basket, Quote};

use super::body::Json;
use super::refusal::Refusal;
use super::{ApiState, headers, postcode, supply};
use crate::domain;

/// What a basket costs, and what stands in its way
#[utoipa::path(
    post, path = "/api/v1/quotes", operation_id = "quoteBasket", tag = "Shop",
    request_body = Basket,
    responses(
        (status = 200, body = Quote, description = "Also where the basket cannot be ordered as it is: `obstacles` says why."),
        (status = 404, body = Problem, description = "`not_found`"),
        (status = 422, body = Problem, description = "`postcode_invalid`, `postcode_special`"),
    )
)]
pub(super) async fn quote(
    State(state): State<ApiState>,
    Json { value: basket, .. }: Json<Basket>,
) -> Result<Response, Refusal> {
    let restaurant = state
        .catalogue
        .get(&basket.restaurant)
        .ok_or_else(Refusal::no_such_restaurant)?;
    let place = postcode::place_of(&state, &basket, "postcode").await?;
    let now_ms = state.clock.now_ms();
    let supply = supply::known(&state, restaurant, now_ms).await;
    headers::answer(&domain::quote_basket(
        restaurant,
        &basket,
        place.as_ref(),
        &supply,
        now_ms,
    ))
}
