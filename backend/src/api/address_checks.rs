//! `POST /api/v1/address-checks`: what is known of a postcode.

use axum::extract::State;
use axum::response::Response;
use model::place::AddressQuestion;

use super::body::Json;
use super::refusal::Refusal;
use super::{ApiState, headers, postcode};

pub(super) async fn check(
    State(state): State<ApiState>,
    Json { value, .. }: Json<AddressQuestion>,
) -> Result<Response, Refusal> {
    let postcode = postcode::parse(&value.postcode, "postcode")?;
    headers::answer(&state.geocoder.locate(&postcode).await)
}
