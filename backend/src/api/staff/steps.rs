//! `POST /api/v1/staff/orders/{token}/…`: one address a step. Each carries an idempotency key and the version that was seen.

use axum::extract::State;
use axum::response::Response;
use bytes::Bytes;
use model::machine::Actor;
use model::problem::FieldError;
use model::staff::{Acceptance, Rejection, RejectionReason, Seen, StaffCancellation};
use serde::de::DeserializeOwned;

use super::outcome::{self, Moved, invalid};
use super::session::Staff;
use crate::api::ApiState;
use crate::api::body::Json;
use crate::api::described::{Keyed, Token};
use crate::api::idempotency::{IdempotencyKey, fingerprint_of_step};
use crate::api::path::Name;
use crate::api::refusal::Refusal;
use crate::domain::transition::{Action, CustomerMessage, PromisedMinutes, Transition};
use crate::store::StaffTransition;

/// A body that asks for a step.
trait Wish: DeserializeOwned {
    fn version(&self) -> u32;

    fn action(self) -> Result<Action, FieldError>;
}

/// Accepts, in so many minutes
#[utoipa::path(
    post, path = "/api/v1/staff/orders/{token}/acceptance", operation_id = "acceptOrder", tag = "Staff",
    security(("staffToken" = []), ("staffCookie" = [])),
    params(Token, Keyed), request_body = Acceptance, responses(Moved)
)]
pub(in crate::api) async fn accept(
    state: State<ApiState>,
    staff: Staff,
    token: Name,
    key: IdempotencyKey,
    body: Json<Acceptance>,
) -> Result<Response, Refusal> {
    wished(state, staff, token, key, body).await
}

/// Rejects, with a reason
#[utoipa::path(
    post, path = "/api/v1/staff/orders/{token}/rejection", operation_id = "rejectOrder", tag = "Staff",
    security(("staffToken" = []), ("staffCookie" = [])),
    params(Token, Keyed), request_body = Rejection, responses(Moved)
)]
pub(in crate::api) async fn reject(
    state: State<ApiState>,
    staff: Staff,
    token: Name,
    key: IdempotencyKey,
    body: Json<Rejection>,
) -> Result<Response, Refusal> {
    wished(state, staff, token, key, body).await
}

/// Cancels, with a reason
#[utoipa::path(
    post, path = "/api/v1/staff/orders/{token}/cancellation", operation_id = "cancelByStaff", tag = "Staff",
    security(("staffToken" = []), ("staffCookie" = [])),
    params(Token, Keyed), request_body = StaffCancellation, responses(Moved)
)]
pub(in crate::api) async fn cancel(
    state: State<ApiState>,
    staff: Staff,
    token: Name,
    key: IdempotencyKey,
    body: Json<StaffCancellation>,
) -> Result<Response, Refusal> {
    wished(state, staff, token, key, body).await
}

/// The kitchen has begun
#[utoipa::path(
    post, path = "/api/v1/staff/orders/{token}/preparation", operation_id = "prepareOrder", tag = "Staff",
    security(("staffToken" = []), ("staffCookie" = [])),
    params(Token, Keyed), request_body = Seen, responses(Moved)
)]
pub(in crate::api) async fn prepare(
    state: State<ApiState>,
    staff: Staff,
    token: Name,
    key: IdempotencyKey,
    body: Json<Seen>,
) -> Result<Response, Refusal> {
    plain(Action::Prepare, state, staff, token, key, body).await
}

/// It is ready
#[utoipa::path(
    post, path = "/api/v1/staff/orders/{token}/readiness", operation_id = "makeOrderReady", tag = "Staff",
    security(("staffToken" = []), ("staffCookie" = [])),
    params(Token, Keyed), request_body = Seen, responses(Moved)
)]
pub(in crate::api) async fn make_ready(
    state: State<ApiState>,
    staff: Staff,
    token: Name,
    key: IdempotencyKey,
    body: Json<Seen>,
) -> Result<Response, Refusal> {
    plain(Action::MakeReady, state, staff, token, key, body).await
}

/// It is on its way
#[utoipa::path(
    post, path = "/api/v1/staff/orders/{token}/departure", operation_id = "sendOrderOut", tag = "Staff",
    security(("staffToken" = []), ("staffCookie" = [])),
    params(Token, Keyed), request_body = Seen, responses(Moved)
)]
pub(in crate::api) async fn send_out(
    state: State<ApiState>,
    staff: Staff,
    token: Name,
    key: IdempotencyKey,
    body: Json<Seen>,
) -> Result<Response, Refusal> {
    plain(Action::SendOut, state, staff, token, key, body).await
}

/// It is with the customer
#[utoipa::path(
    post, path = "/api/v1/staff/orders/{token}/completion", operation_id = "completeOrder", tag = "Staff",
    security(("staffToken" = []), ("staffCookie" = [])),
    params(Token, Keyed), request_body = Seen, responses(Moved)
)]
pub(in crate::api) async fn complete(
    state: State<ApiState>,
    staff: Staff,
    token: Name,
    key: IdempotencyKey,
    body: Json<Seen>,
) -> Result<Response, Refusal> {
    plain(Action::Complete, state, staff, token, key, body).await
}

/// Nobody came for it, or it could not be handed over
#[utoipa::path(
    post, path = "/api/v1/staff/orders/{token}/failure", operation_id = "failOrder", tag = "Staff",
    security(("staffToken" = []), ("staffCookie" = [])),
    params(Token, Keyed), request_body = Seen, responses(Moved)
)]
pub(in crate::api) async fn fail(
    state: State<ApiState>,
    staff: Staff,
    token: Name,
    key: IdempotencyKey,
    body: Json<Seen>,
) -> Result<Response, Refusal> {
    plain(Action::Fail, state, staff, token, key, body).await
}

/// The steps that need nothing but the version.
async fn plain(
    action: Action,
    state: State<ApiState>,
    staff: Staff,
    token: Name,
    key: IdempotencyKey,
    Json { value, text }: Json<Seen>,
) -> Result<Response, Refusal> {
    take(state, staff, token, key, &text, value.version, action).await
}

async fn wished<W: Wish>(
    state: State<ApiState>,
    staff: Staff,
    token: Name,
    key: IdempotencyKey,
    Json { value, text }: Json<W>,
) -> Result<Response, Refusal> {
    let version = value.version();
    let action = value.action().map_err(invalid)?;
    take(state, staff, token, key, &text, version, action).await
}

async fn take(
    State(state): State<ApiState>,
    staff: Staff,
    Name(token): Name,
    IdempotencyKey(key): IdempotencyKey,
    text: &Bytes,
    version: u32,
    action: Action,
) -> Result<Response, Refusal> {
    let wanted = StaffTransition {
        key,
        fingerprint: fingerprint_of_step(&token, action.target().as_str(), text)?,
        restaurant: staff.account.restaurant,
        account: staff.account.id,
        token,
        version,
        transition: Transition {
            actor: Actor::Staff,
            action,
        },
        at_ms: state.clock.now_ms(),
    };
    outcome::answer(state.store.transition_by_staff(wanted).await?)
}

fn field<T>(name: &str, parsed: Result<T, String>) -> Result<T, FieldError> {
    parsed.map_err(|message| FieldError {
        field: name.to_owned(),
        message,
    })
}

impl Wish for Acceptance {
    fn version(&self) -> u32 {
        self.version
    }

    fn action(self) -> Result<Action, FieldError> {
        let minutes = self.minutes.map(PromisedMinutes::parse).transpose();
        field("minutes", minutes).map(Action::Accept)
    }
}

impl Wish for Rejection {
    fn version(&self) -> u32 {
        self.version
    }

    fn action(self) -> Result<Action, FieldError> {
        let words = match (self.reason, self.words.as_deref()) {
            (RejectionReason::Other, words) => Some(field(
                "words",
                CustomerMessage::parse(words.unwrap_or_default()),
            )?),
            (_, None) => None,
            (_, Some(words)) => Some(field("words", CustomerMessage::parse(words))?),
        };
        Ok(Action::Reject(self.reason, words))
    }
}

impl Wish for StaffCancellation {
    fn version(&self) -> u32 {
        self.version
    }

    fn action(self) -> Result<Action, FieldError> {
        let words = field("words", CustomerMessage::parse(&self.words))?;
        Ok(Action::Cancel(Some(words)))
    }
}
