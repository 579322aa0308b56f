//! Responses to changes by staff: transitions of orders and stock of dishes.

use axum::http::{HeaderValue, StatusCode};
use axum::response::Response;
use model::order::Order;
use model::problem::{Code, FieldError};
use model::{Problem, api};
use utoipa::IntoResponses;

use crate::api::error::ApiError;
use crate::api::responses;
use crate::store::StaffOutcome;

/// Responses of a transition, for the OpenAPI description.
#[derive(IntoResponses)]
#[expect(dead_code, reason = "describes responses, which `response` makes")]
pub(super) enum TransitionResponses {
    /// The order after the transition.
    #[response(status = 200, headers(("Idempotency-Replayed" = Option<String>, description = "`true` on a saved response.")))]
    Done(Box<Order>),
    /// `not_found`
    #[response(status = 404)]
    NotFound(Problem),
    /// `order_conflict`
    #[response(status = 409)]
    Conflict(Problem),
    /// `invalid`
    #[response(status = 422)]
    Invalid(Problem),
}

pub(super) fn response(outcome: StaffOutcome) -> Result<Response, ApiError> {
    match outcome {
        StaffOutcome::Done(body) => Ok(responses::json(StatusCode::OK, body)),
        StaffOutcome::Replayed(body) => {
            let mut response = responses::json(StatusCode::OK, body);
            response
                .headers_mut()
                .insert(api::IDEMPOTENCY_REPLAYED, HeaderValue::from_static("true"));
            Ok(response)
        }
        StaffOutcome::KeyReused => Err(ApiError::transition_key_reused()),
        StaffOutcome::Conflict(order) => Err(ApiError::transition_conflict(order)),
        StaffOutcome::Invalid(error) => Err(invalid_field(error)),
        StaffOutcome::NotFound => Err(ApiError::no_such_order()),
    }
}

/// Makes the 422 response for one invalid field.
pub(super) fn invalid_field(error: FieldError) -> ApiError {
    ApiError::new(
        Code::Invalid,
        "Something that this needs is missing or cannot be right",
        "Nothing was changed. Mend what is named and send it again.",
    )
    .with_errors(vec![error])
}
