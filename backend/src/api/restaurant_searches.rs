//! `POST /api/v1/restaurant-searches`: lists restaurants with their terms of delivery to a postcode and of collection.

use axum::extract::State;
use axum::response::Response;
use model::Problem;
use model::restaurant::{RestaurantSearch, SearchResult};

use super::body::JsonBody;
use super::error::ApiError;
use super::{ApiState, postcode, responses};
use crate::domain;

/// Lists restaurants with their terms of delivery to a postcode
#[utoipa::path(
    post, path = "/api/v1/restaurant-searches", operation_id = "searchRestaurants", tag = "Shop",
    request_body = RestaurantSearch,
    responses(
        (status = 200, body = SearchResult, description = "All restaurants; those that deliver to the postcode come first."),
        (status = 422, body = Problem, description = "`postcode_invalid`, `postcode_special`"),
    )
)]
pub(super) async fn search(
    State(state): State<ApiState>,
    JsonBody { value, .. }: JsonBody<RestaurantSearch>,
) -> Result<Response, ApiError> {
    let postcode = postcode::parse(&value.postcode, "postcode")?;
    let place = state.geocoder.locate(&postcode).await;
    responses::ok(&domain::search_restaurants(
        &state.catalogue,
        place,
        state.clock.now_ms(),
    ))
}
