//! `POST /api/v1/restaurant-searches`: who delivers to a postcode, on what terms, and where one may collect.

use axum::extract::State;
use axum::response::Response;
use model::Problem;
use model::restaurant::{RestaurantSearch, SearchResult};

use super::body::Json;
use super::refusal::Refusal;
use super::{ApiState, headers, postcode};
use crate::domain;

/// Who delivers to a postcode, on what terms, and where one may collect
#[utoipa::path(
    post, path = "/api/v1/restaurant-searches", operation_id = "searchRestaurants", tag = "Shop",
    request_body = RestaurantSearch,
    responses(
        (status = 200, body = SearchResult, description = "Every restaurant, those that deliver there first."),
        (status = 422, body = Problem, description = "`postcode_invalid`, `postcode_special`"),
    )
)]
pub(super) async fn search(
    State(state): State<ApiState>,
    Json { value, .. }: Json<RestaurantSearch>,
) -> Result<Response, Refusal> {
    let postcode = postcode::parse(&value.postcode, "postcode")?;
    let place = state.geocoder.locate(&postcode).await;
    headers::answer(&domain::search_restaurants(
        &state.catalogue,
        place,
        state.clock.now_ms(),
    ))
}
