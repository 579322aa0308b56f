//! `POST /api/v1/staff/orders/{token}/…`: one path per transition. Each request carries an idempotency key and the order's version that
//! the staff saw.

use axum::extract::State;
use axum::response::Response;
use bytes::Bytes;
use model::machine::Actor;
use model::problem::FieldError;
use model::staff::{Acceptance, ExpectedVersion, Rejection, RejectionReason, StaffCancellation};
use serde::de::DeserializeOwned;

use super::outcome::{self, TransitionResponses, invalid_field};
use super::session::AuthenticatedStaff;
use crate::api::ApiState;
use crate::api::body::JsonBody;
use crate::api::error::ApiError;
use crate::api::idempotency::{IdempotencyKey, fingerprint_transition};
use crate::api::openapi::{IdempotencyKeyParam, TokenParam};
use crate::api::path::PathParam;
use crate::domain::transition::{Action, CustomerMessage, PromisedMinutes, Transition};
use crate::store::StaffTransition;

/// Body of a transition with parameters.
trait TransitionRequest: DeserializeOwned {
    fn version(&self) -> u32;

    fn action(self) -> Result<Action, FieldError>;
}

/// Accepts the order, ready in a number of minutes
#[utoipa::path(
    post, path = "/api/v1/staff/orders/{token}/acceptance", operation_id = "acceptOrder", tag = "Staff",
    security(("staffToken" = []), ("staffCookie" = [])),
    params(TokenParam, IdempotencyKeyParam), request_body = Acceptance, responses(TransitionResponses)
)]
pub(in crate::api) async fn accept(
    state: State<ApiState>,
    session: AuthenticatedStaff,
    token: PathParam,
    key: IdempotencyKey,
    body: JsonBody<Acceptance>,
) -> Result<Response, ApiError> {
    apply_request(state, session, token, key, body).await
}

/// Rejects the order, with a reason
#[utoipa::path(
    post, path = "/api/v1/staff/orders/{token}/rejection", operation_id = "rejectOrder", tag = "Staff",
    security(("staffToken" = []), ("staffCookie" = [])),
    params(TokenParam, IdempotencyKeyParam), request_body = Rejection, responses(TransitionResponses)
)]
pub(in crate::api) async fn reject(
    state: State<ApiState>,
    session: AuthenticatedStaff,
    token: PathParam,
    key: IdempotencyKey,
    body: JsonBody<Rejection>,
) -> Result<Response, ApiError> {
    apply_request(state, session, token, key, body).await
}

/// Cancels the order, with a reason
#[utoipa::path(
    post, path = "/api/v1/staff/orders/{token}/cancellation", operation_id = "cancelByStaff", tag = "Staff",
    security(("staffToken" = []), ("staffCookie" = [])),
    params(TokenParam, IdempotencyKeyParam), request_body = StaffCancellation, responses(TransitionResponses)
)]
pub(in crate::api) async fn cancel(
    state: State<ApiState>,
    session: AuthenticatedStaff,
    token: PathParam,
    key: IdempotencyKey,
    body: JsonBody<StaffCancellation>,
) -> Result<Response, ApiError> {
    apply_request(state, session, token, key, body).await
}

/// Marks the order as being prepared
#[utoipa::path(
    post, path = "/api/v1/staff/orders/{token}/preparation", operation_id = "prepareOrder", tag = "Staff",
    security(("staffToken" = []), ("staffCookie" = [])),
    params(TokenParam, IdempotencyKeyParam), request_body = ExpectedVersion, responses(TransitionResponses)
)]
pub(in crate::api) async fn prepare(
    state: State<ApiState>,
    session: AuthenticatedStaff,
    token: PathParam,
    key: IdempotencyKey,
    body: JsonBody<ExpectedVersion>,
) -> Result<Response, ApiError> {
    apply_plain(Action::Prepare, state, session, token, key, body).await
}

/// Marks the order as ready
#[utoipa::path(
    post, path = "/api/v1/staff/orders/{token}/readiness", operation_id = "makeOrderReady", tag = "Staff",
    security(("staffToken" = []), ("staffCookie" = [])),
    params(TokenParam, IdempotencyKeyParam), request_body = ExpectedVersion, responses(TransitionResponses)
)]
pub(in crate::api) async fn make_ready(
    state: State<ApiState>,
    session: AuthenticatedStaff,
    token: PathParam,
    key: IdempotencyKey,
    body: JsonBody<ExpectedVersion>,
) -> Result<Response, ApiError> {
    apply_plain(Action::MakeReady, state, session, token, key, body).await
}

/// Marks the order as out for delivery
#[utoipa::path(
    post, path = "/api/v1/staff/orders/{token}/departure", operation_id = "sendOrderOut", tag = "Staff",
    security(("staffToken" = []), ("staffCookie" = [])),
    params(TokenParam, IdempotencyKeyParam), request_body = ExpectedVersion, responses(TransitionResponses)
)]
pub(in crate::api) async fn send_out(
    state: State<ApiState>,
    session: AuthenticatedStaff,
    token: PathParam,
    key: IdempotencyKey,
    body: JsonBody<ExpectedVersion>,
) -> Result<Response, ApiError> {
    apply_plain(Action::SendOut, state, session, token, key, body).await
}

/// Marks the order as completed: the customer has it
#[utoipa::path(
    post, path = "/api/v1/staff/orders/{token}/completion", operation_id = "completeOrder", tag = "Staff",
    security(("staffToken" = []), ("staffCookie" = [])),
    params(TokenParam, IdempotencyKeyParam), request_body = ExpectedVersion, responses(TransitionResponses)
)]
pub(in crate::api) async fn complete(
    state: State<ApiState>,
    session: AuthenticatedStaff,
    token: PathParam,
    key: IdempotencyKey,
    body: JsonBody<ExpectedVersion>,
) -> Result<Response, ApiError> {
    apply_plain(Action::Complete, state, session, token, key, body).await
}

/// Marks the order as failed: not collected, or not delivered
#[utoipa::path(
    post, path = "/api/v1/staff/orders/{token}/failure", operation_id = "failOrder", tag = "Staff",
    security(("staffToken" = []), ("staffCookie" = [])),
    params(TokenParam, IdempotencyKeyParam), request_body = ExpectedVersion, responses(TransitionResponses)
)]
pub(in crate::api) async fn fail(
    state: State<ApiState>,
    session: AuthenticatedStaff,
    token: PathParam,
    key: IdempotencyKey,
    body: JsonBody<ExpectedVersion>,
) -> Result<Response, ApiError> {
    apply_plain(Action::Fail, state, session, token, key, body).await
}

/// Applies a transition without parameters.
async fn apply_plain(
    action: Action,
    state: State<ApiState>,
    session: AuthenticatedStaff,
    token: PathParam,
    key: IdempotencyKey,
    JsonBody { value, text }: JsonBody<ExpectedVersion>,
) -> Result<Response, ApiError> {
    apply(state, session, token, key, &text, value.version, action).await
}

/// Applies a transition with parameters.
async fn apply_request<R: TransitionRequest>(
    state: State<ApiState>,
    session: AuthenticatedStaff,
    token: PathParam,
    key: IdempotencyKey,
    JsonBody { value, text }: JsonBody<R>,
) -> Result<Response, ApiError> {
    let version = value.version();
    let action = value.action().map_err(invalid_field)?;
    apply(state, session, token, key, &text, version, action).await
}

async fn apply(
    State(state): State<ApiState>,
    session: AuthenticatedStaff,
    PathParam(token): PathParam,
    IdempotencyKey(key): IdempotencyKey,
    text: &Bytes,
    version: u32,
    action: Action,
) -> Result<Response, ApiError> {
    let transition = StaffTransition {
        key,
        fingerprint: fingerprint_transition(&token, action.target().as_str(), text)?,
        restaurant: session.account.restaurant,
        account: session.account.id,
        token,
        version,
        transition: Transition {
            actor: Actor::Staff,
            action,
        },
        at_ms: state.clock.now_ms(),
    };
    outcome::response(state.store.transition_by_staff(transition).await?)
}

/// Names the field of a parse error.
fn for_field<T>(name: &str, parsed: Result<T, String>) -> Result<T, FieldError> {
    parsed.map_err(|message| FieldError {
        field: name.to_owned(),
        message,
    })
}

impl TransitionRequest for Acceptance {
    fn version(&self) -> u32 {
        self.version
    }

    fn action(self) -> Result<Action, FieldError> {
        let minutes = self.minutes.map(PromisedMinutes::parse).transpose();
        for_field("minutes", minutes).map(Action::Accept)
    }
}

impl TransitionRequest for Rejection {
    fn version(&self) -> u32 {
        self.version
    }

    fn action(self) -> Result<Action, FieldError> {
        let words = match (self.reason, self.words.as_deref()) {
            (RejectionReason::Other, words) => Some(for_field(
                "words",
                CustomerMessage::parse(words.unwrap_or_default()),
            )?),
            (_, None) => None,
            (_, Some(words)) => Some(for_field("words", CustomerMessage::parse(words))?),
        };
        Ok(Action::Reject(self.reason, words))
    }
}

impl TransitionRequest for StaffCancellation {
    fn version(&self) -> u32 {
        self.version
    }

    fn action(self) -> Result<Action, FieldError> {
        let words = for_field("words", CustomerMessage::parse(&self.words))?;
        Ok(Action::Cancel(Some(words)))
    }
}
