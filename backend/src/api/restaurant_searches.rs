//! `POST /api/v1/restaurant-searches`: who delivers to a postcode, on what terms, and where one may collect.

use axum::extract::State;
use axum::response::Response;
use model::restaurant::RestaurantSearch;

use super::body::Json;
use super::refusal::Refusal;
use super::{ApiState, headers, postcode};
use crate::domain;

pub(super) async fn search(
    State(state): State<ApiState>,
    Json { value, .. }: Json<RestaurantSearch>,
) -> Result<Response, Refusal> {
    let postcode = postcode::parse(&value.postcode, "postcode")?;
    let place = state.geocoder.locate(&postcode).await;
    headers::answer(&domain::search(
        &state.catalogue,
        place,
        state.clock.now_ms(),
    ))
}
