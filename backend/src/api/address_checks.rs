//! `POST /api/v1/address-checks`: locates a postcode.

use axum::extract::State;
use axum::response::Response;
use model::Problem;
use model::place::{AddressCheck, Place};

use super::body::JsonBody;
use super::error::ApiError;
use super::{ApiState, postcode, responses};

/// Locates a postcode
#[utoipa::path(
    post, path = "/api/v1/address-checks", operation_id = "checkAddress", tag = "Shop",
    request_body = AddressCheck,
    responses(
        (status = 200, body = Place, description = "Also for a postcode that is unknown or could not be checked: see `finding`."),
        (status = 422, body = Problem, description = "`postcode_invalid`, `postcode_special`"),
    )
)]
pub(super) async fn check(
    State(state): State<ApiState>,
    JsonBody { value, .. }: JsonBody<AddressCheck>,
) -> Result<Response, ApiError> {
    let postcode = postcode::parse(&value.postcode, "postcode")?;
    responses::ok(&state.geocoder.locate(&postcode).await)
}
