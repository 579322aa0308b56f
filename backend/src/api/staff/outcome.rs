//! What staff are answered when they wanted to change something.

use axum::http::{HeaderValue, StatusCode};
use axum::response::Response;
use model::order::Order;
use model::problem::{Code, FieldError};
use model::{Problem, api};
use utoipa::IntoResponses;

use crate::api::headers;
use crate::api::refusal::Refusal;
use crate::store::StaffOutcome;

/// What comes of a step, in words for the API's description.
#[derive(IntoResponses)]
#[expect(dead_code, reason = "describes; what is answered is made below")]
#[allow(clippy::large_enum_variant, reason = "none is ever made")]
pub(super) enum Moved {
    /// The order after it.
    #[response(status = 200, headers(("Idempotency-Replayed" = Option<String>, description = "`true` on an answer that was given before.")))]
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

pub(super) fn answer(outcome: StaffOutcome) -> Result<Response, Refusal> {
    match outcome {
        StaffOutcome::Done(body) => Ok(headers::private_json(StatusCode::OK, body)),
        StaffOutcome::Replayed(body) => {
            let mut response = headers::private_json(StatusCode::OK, body);
            response
                .headers_mut()
                .insert(api::REPLAYED, HeaderValue::from_static("true"));
            Ok(response)
        }
        StaffOutcome::KeyReused => Err(Refusal::step_key_reused()),
        StaffOutcome::Conflict(order) => Err(Refusal::step_conflict(order)),
        StaffOutcome::Invalid(error) => Err(invalid(error)),
        StaffOutcome::NotFound => Err(Refusal::no_such_order()),
    }
}

pub(super) fn invalid(error: FieldError) -> Refusal {
    Refusal::new(
        Code::Invalid,
        "Something that this needs is missing or cannot be right",
        "Nothing was changed. Mend what is named and send it again.",
    )
    .with_errors(vec![error])
}
