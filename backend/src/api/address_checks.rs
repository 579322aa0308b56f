//! `POST /api/v1/address-checks`: what is known of a postcode.

use axum::extract::State;
use axum::response::Response;
use model::Problem;
use model::place::{AddressCheck, Place};

use super::body::Json;
use super::refusal::Refusal;
use super::{ApiState, headers, postcode};

/// What is known of a postcode
#[utoipa::path(
    post, path = "/api/v1/address-checks", operation_id = "checkAddress", tag = "Shop",
    request_body = AddressCheck,
    responses(
        (status = 200, body = Place, description = "For everything that has the shape of a postcode."),
        (status = 422, body = Problem, description = "`postcode_invalid`, `postcode_special`"),
    )
)]
pub(super) async fn check(
    State(state): State<ApiState>,
    Json { value, .. }: Json<AddressCheck>,
) -> Result<Response, Refusal> {
    let postcode = postcode::parse(&value.postcode, "postcode")?;
    headers::answer(&state.geocoder.locate(&postcode).await)
}
