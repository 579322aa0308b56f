//! `POST /api/v1/status/drills`, `GET` and `DELETE /api/v1/status/drills/current`: the operator's drills.

use std::sync::Arc;

use axum::Json;
use axum::extract::{Request, State};
use axum::response::{IntoResponse, Response};
use http::header::CACHE_CONTROL;
use http::{HeaderMap, StatusCode};
use model::Problem;
use model::drill::{Drill, DrillPlan, RATES, SECONDS};
use model::problem::{Code, FieldError};

use super::{Panel, body};
use crate::drill::NotStarted;
use crate::problem::Refusal;

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
pub async fn start(State(panel): State<Arc<Panel>>, request: Request) -> Result<Response, Refusal> {
    panel.operator.require(request.headers())?;
    let plan: DrillPlan = body::json(request).await?;
    within_bounds(&plan)?;
    let drill = panel.drills.start(plan).map_err(refusal)?;
    Ok((StatusCode::CREATED, shown(drill)).into_response())
}

/// The drill that runs, or the last one of this server
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
    headers: HeaderMap,
) -> Result<Response, Refusal> {
    panel.operator.require(&headers)?;
    panel.drills.current().map(shown).ok_or_else(|| {
        Refusal::new(
            Code::NotFound,
            "There has been no drill since this server started",
            "Another server may have had one; each keeps its own.",
        )
    })
}

/// Stops the drill that runs
///
/// One that has ended stays as it is.
#[utoipa::path(
    delete, path = "/api/v1/status/drills/current", operation_id = "stopDrill", tag = "Status",
    security(("operatorCookie" = [])),
    responses((status = 204, description = "None runs now."))
)]
pub async fn cancel(
    State(panel): State<Arc<Panel>>,
    headers: HeaderMap,
) -> Result<StatusCode, Refusal> {
    panel.operator.require(&headers)?;
    panel.drills.cancel();
    Ok(StatusCode::NO_CONTENT)
}

fn shown(drill: Drill) -> Response {
    ([(CACHE_CONTROL, "no-store")], Json(drill)).into_response()
}

fn within_bounds(plan: &DrillPlan) -> Result<(), Refusal> {
    let mut errors = Vec::new();
    for (field, given, bounds) in [
        ("rate_per_second", plan.rate_per_second, RATES),
        ("seconds", plan.seconds, SECONDS),
    ] {
        if !bounds.contains(&given) {
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
    let mut refusal = Refusal::new(
        Code::Invalid,
        "This drill cannot be run",
        "Nothing was started. Mend what is named.",
    );
    refusal.problem.errors = errors;
    Err(refusal)
}

fn refusal(why: NotStarted) -> Refusal {
    let refused = |title: &str, detail: &str| Refusal::new(Code::DrillRefused, title, detail);
    match why {
        NotStarted::AlreadyRuns => refused("A drill runs already", "Wait for its end, or stop it."),
        NotStarted::NotAvailable(Some(replica)) => refused(
            &format!("{replica} is not available now"),
            "Nothing was started. Choose a replica that is.",
        ),
        NotStarted::NotAvailable(None) => refused(
            "No replica is available now",
            "Nothing was started. The status shows when one is.",
        ),
        NotStarted::NoOther(replica) => refused(
            &format!("{replica} is the only replica that is available"),
            "Nothing was started: with this fault nobody would take orders. Start another replica first, or drill without a \
             fault.",
        ),
        NotStarted::NoName => Refusal::new(
            Code::Internal,
            "The drill could not be started",
            "The system gives no random numbers just now. Try again.",
        ),
    }
}
