//! `GET /api/v1/restaurants/{slug}/slots?fulfilment=`: the times that can be chosen.

use axum::extract::rejection::QueryRejection;
use axum::extract::{Query, State};
use axum::response::Response;
use model::Problem;
use model::problem::{Code, FieldError};
use model::restaurant::{Fulfilment, Slots};
use serde::Deserialize;
use utoipa::IntoParams;

use super::described::Slug;
use super::path::Name;
use super::refusal::Refusal;
use super::{ApiState, headers, supply};
use crate::domain;

#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(super) struct Question {
    fulfilment: Fulfilment,
}

/// The times that can be chosen
#[utoipa::path(
    get, path = "/api/v1/restaurants/{slug}/slots", operation_id = "listSlots", tag = "Shop",
    params(Slug, Question),
    responses(
        (status = 200, body = Slots, description = "In order of time."),
        (status = 400, body = Problem, description = "`malformed_request`"),
        (status = 404, body = Problem, description = "`not_found`"),
    )
)]
pub(super) async fn list(
    State(state): State<ApiState>,
    Name(slug): Name,
    question: Result<Query<Question>, QueryRejection>,
) -> Result<Response, Refusal> {
    let restaurant = state
        .catalogue
        .get(&slug)
        .ok_or_else(Refusal::no_such_restaurant)?;
    let Query(question) = question.map_err(|_| {
        let message = "Say delivery or collection.";
        Refusal::new(Code::MalformedRequest, "Delivery or collection?", message).with_errors(vec![
            FieldError {
                field: "fulfilment".to_owned(),
                message: message.to_owned(),
            },
        ])
    })?;
    let now_ms = state.clock.now_ms();
    let supply = supply::known(&state, restaurant, now_ms).await;
    headers::answer(&domain::available_slots(
        restaurant,
        question.fulfilment,
        &supply,
        now_ms,
    ))
}
