//! `GET /api/v1/restaurants/{slug}/slots?fulfilment=`: lists the slots that can be chosen.

use axum::extract::rejection::QueryRejection;
use axum::extract::{Query, State};
use axum::response::Response;
use model::Problem;
use model::problem::{Code, FieldError};
use model::restaurant::{Fulfilment, Slots};
use serde::Deserialize;
use utoipa::IntoParams;

use super::error::ApiError;
use super::openapi::SlugParam;
use super::path::PathParam;
use super::{ApiState, inventory, responses};
use crate::domain;

#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(super) struct SlotsQuery {
    fulfilment: Fulfilment,
}

/// Lists the slots that can be chosen
#[utoipa::path(
    get, path = "/api/v1/restaurants/{slug}/slots", operation_id = "listSlots", tag = "Shop",
    params(SlugParam, SlotsQuery),
    responses(
        (status = 200, body = Slots, description = "In order of time."),
        (status = 400, body = Problem, description = "`malformed_request`"),
        (status = 404, body = Problem, description = "`not_found`"),
    )
)]
pub(super) async fn list(
    State(state): State<ApiState>,
    PathParam(slug): PathParam,
    query: Result<Query<SlotsQuery>, QueryRejection>,
) -> Result<Response, ApiError> {
    let restaurant = state
        .catalogue
        .get(&slug)
        .ok_or_else(ApiError::no_such_restaurant)?;
    let Query(query) = query.map_err(|_| {
        let message = "Say delivery or collection.";
        ApiError::new(Code::MalformedRequest, "Delivery or collection?", message).with_errors(vec![
            FieldError {
                field: "fulfilment".to_owned(),
                message: message.to_owned(),
            },
        ])
    })?;
    let now_ms = state.clock.now_ms();
    let inventory = inventory::load_or_default(&state, restaurant, now_ms).await;
    responses::ok(&domain::available_slots(
        restaurant,
        query.fulfilment,
        &inventory,
        now_ms,
    ))
}
