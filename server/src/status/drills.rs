//! `POST /api/v1/status/drills`, `GET` and `DELETE /api/v1/status/drills/current`: the operator starts, reads and stops drills.

use std::sync::Arc;

use axum::extract::State;
use axum::response::{IntoResponse, Response};
use http::StatusCode;
use model::Problem;
use model::drill::{Drill, DrillPlan, RATES, SECONDS};
use model::problem::{Code, FieldError};

use super::panel::{Panel, uncached_json};
use super::session::OperatorSession;
use crate::drill::StartError;
use crate::http::json::JsonBody;
use crate::http::problem::ProblemResponse;

/// Starts a drill
#[utoipa::path(
    post, path = "/api/v1/status/drills", operation_id = "startDrill", tag = "Status",
    security(("operatorCookie" = [])),
    request_body = DrillPlan,
    responses(
        (status = 201, body = Drill, description = "The drill as it begins."),
        (status = 409, body = Problem, description = "`drill_refused`"),
        (status = 422, body = Problem, description = "`invalid`"),
    )
)]
pub async fn start(
    State(panel): State<Arc<Panel>>,
    _: OperatorSession,
    JsonBody(plan): JsonBody<DrillPlan>,
) -> Result<Response, ProblemResponse> {
    check_bounds(&plan)?;
    let drill = panel.drills.start(plan).map_err(problem_of)?;
    Ok((StatusCode::CREATED, uncached_json(drill)).into_response())
}

/// Returns the running drill, or the last one of this server
#[utoipa::path(
    get, path = "/api/v1/status/drills/current", operation_id = "readDrill", tag = "Status",
    security(("operatorCookie" = [])),
    responses(
        (status = 200, body = Drill, description = "As it is now, or as it ended."),
        (status = 404, body = Problem, description = "`not_found`: there was none since this server started"),
    )
)]
pub async fn current(
    State(panel): State<Arc<Panel>>,
    _: OperatorSession,
) -> Result<Response, ProblemResponse> {
    panel.drills.current().map(uncached_json).ok_or_else(|| {
        ProblemResponse::new(
            Code::NotFound,
            "There has been no drill since this server started",
            "Another server may have had one; each keeps its own.",
        )
    })
}

/// Stops the running drill
///
/// A drill that has ended stays as it is.
#[utoipa::path(
    delete, path = "/api/v1/status/drills/current", operation_id = "stopDrill", tag = "Status",
    security(("operatorCookie" = [])),
    responses((status = 204, description = "No drill is running now."))
)]
pub async fn cancel(State(panel): State<Arc<Panel>>, _: OperatorSession) -> StatusCode {
    panel.drills.cancel();
    StatusCode::NO_CONTENT
}

fn check_bounds(plan: &DrillPlan) -> Result<(), ProblemResponse> {
    let mut errors = Vec::new();
    for (field, value, bounds) in [
        ("rate_per_second", plan.rate_per_second, RATES),
        ("seconds", plan.seconds, SECONDS),
    ] {
        if !bounds.contains(&value) {
            let message = format!(
                "Choose a number from {} to {}.",
                bounds.start(),
                bounds.end()
            );
            errors.push(FieldError {
                field: field.to_owned(),
                message,
            });
        }
    }
    if errors.is_empty() {
        return Ok(());
    }
    let mut response = ProblemResponse::new(
        Code::Invalid,
        "This drill cannot be run",
        "Nothing was started. Mend what is named.",
    );
    response.problem.errors = errors;
    Err(response)
}

fn problem_of(error: StartError) -> ProblemResponse {
    let refused =
        |title: &str, detail: &str| ProblemResponse::new(Code::DrillRefused, title, detail);
    match error {
        StartError::AlreadyRunning => refused(
            "A drill is already running",
            "Wait for its end, or stop it.",
        ),
        StartError::NotAvailable(Some(replica)) => refused(
            &format!("{replica} is not available now"),
            "Nothing was started. Choose a replica that is.",
        ),
        StartError::NotAvailable(None) => refused(
            "No replica is available now",
            "Nothing was started. The status shows when one is.",
        ),
        StartError::OnlyReplica(replica) => refused(
            &format!("{replica} is the only replica that is available"),
            "Nothing was started: with this fault no replica would take orders. Start another replica first, or drill without a \
             fault.",
        ),
        StartError::NoRandomBytes => ProblemResponse::new(
            Code::Internal,
            "The drill could not be started",
            "The system gives no random numbers just now. Try again.",
        ),
    }
}
