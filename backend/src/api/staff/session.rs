//! `/api/v1/staff/session`: a password in, a signed session out, as a cookie or as a bearer token.
//!
//! A session names its account and its end, and is signed with a key derived from the installation's and from the account's
//! password: any replica accepts it, none keeps it, and a new password or the account's removal ends it.

use std::net::{IpAddr, Ipv4Addr};
use std::sync::Arc;

use axum::extract::{FromRequestParts, State};
use axum::http::header::{AUTHORIZATION, SET_COOKIE};
use axum::http::request::Parts;
use axum::http::{HeaderMap, HeaderValue, StatusCode};
use axum::response::{IntoResponse, Response};
use axum_extra::extract::CookieJar;
use axum_extra::extract::cookie::{Cookie, SameSite};
use model::problem::Code;
use model::staff::{SignedIn, StaffSignIn};
use model::{Problem, api};
use process::password::{PasswordChecker, PasswordOutcome};
use process::secret::{self, SigningKey};

use crate::api::body::Json;
use crate::api::refusal::Refusal;
use crate::api::{ApiState, headers};
use crate::store::StaffAccount;

/// A tablet by the pass is signed in once a shift, or left signed in for a few.
const SESSION_MS: i64 = 3 * 24 * 60 * 60 * 1000;

/// Signs and knows sessions, and keeps the gate against guessing.
pub struct Sessions {
    key: SigningKey,
    gate: PasswordChecker,
}

impl Sessions {
    #[must_use]
    pub fn new(key: SigningKey) -> Self {
        Self {
            key,
            gate: PasswordChecker::default(),
        }
    }

    /// `ACCOUNT.END.SIGNATURE`
    fn token(&self, account: &StaffAccount, ends_at_ms: i64) -> String {
        let signature = self.signature(account, ends_at_ms);
        format!("{}.{ends_at_ms}.{signature}", account.id)
    }

    fn signature(&self, account: &StaffAccount, ends_at_ms: i64) -> String {
        let StaffAccount {
            id, password_hash, ..
        } = account;
        let purpose = format!("staff session {id} {ends_at_ms} {password_hash}");
        hex::encode(self.key.derive(&purpose))
    }
}

/// Whoever is signed in.
pub(in crate::api) struct Staff {
    pub(super) account: StaffAccount,
    ends_at_ms: i64,
}

impl FromRequestParts<ApiState> for Staff {
    type Rejection = Refusal;

    async fn from_request_parts(parts: &mut Parts, state: &ApiState) -> Result<Self, Refusal> {
        let token = shown(&parts.headers).ok_or_else(not_signed_in)?;
        let (id, ends_at_ms, signature) = taken_apart(&token).ok_or_else(not_signed_in)?;
        if state.clock.now_ms() >= ends_at_ms {
            return Err(not_signed_in());
        }
        let account = state
            .store
            .staff_account(id)
            .await?
            .ok_or_else(not_signed_in)?;
        let expected = state.sessions.signature(&account, ends_at_ms);
        if !secret::constant_time_eq(signature.as_bytes(), expected.as_bytes()) {
            return Err(not_signed_in());
        }
        Ok(Self {
            account,
            ends_at_ms,
        })
    }
}

/// A bearer token goes before a cookie, which browsers send by themselves.
fn shown(headers: &HeaderMap) -> Option<String> {
    if let Some(authorisation) = headers.get(AUTHORIZATION) {
        let (scheme, token) = authorisation.to_str().ok()?.split_once(' ')?;
        return scheme
            .eq_ignore_ascii_case("bearer")
            .then(|| token.trim().to_owned());
    }
    let jar = CookieJar::from_headers(headers);
    jar.get(api::STAFF_COOKIE)
        .map(|cookie| cookie.value().to_owned())
}

fn taken_apart(token: &str) -> Option<(i64, i64, &str)> {
    let (id, rest) = token.split_once('.')?;
    let (ends_at_ms, signature) = rest.split_once('.')?;
    Some((id.parse().ok()?, ends_at_ms.parse().ok()?, signature))
}

/// Signs in
///
/// Nothing is kept, so it may be repeated on any replica.
#[utoipa::path(
    post, path = "/api/v1/staff/session", operation_id = "staffSignIn", tag = "Staff",
    request_body = StaffSignIn,
    responses(
        (status = 200, body = SignedIn, description = "The session is a cookie, or the `token` where `bearer` was set."),
        (status = 401, body = Problem, description = "`unauthorised`"),
        (status = 429, body = Problem, description = "`too_many_requests`"),
    )
)]
pub(in crate::api) async fn sign_in(
    State(state): State<ApiState>,
    asked: HeaderMap,
    Json { value, .. }: Json<StaffSignIn>,
) -> Result<Response, Refusal> {
    let StaffSignIn {
        restaurant,
        name,
        password,
        bearer,
    } = value;
    let account = state.store.staff_account_named(&restaurant, &name).await?;
    let hash = account
        .as_ref()
        .map(|account| Arc::clone(&account.password_hash));
    let guessed = format!("{restaurant}/{name}");
    let verdict = state
        .sessions
        .gate
        .check(caller(&asked), Some(&guessed), password, hash);
    let account = match (verdict.await, account) {
        (PasswordOutcome::Correct, Some(account)) => account,
        (PasswordOutcome::TooManyAttempts(seconds), _) => {
            return Err(Refusal::too_many_attempts(seconds));
        }
        (PasswordOutcome::Correct | PasswordOutcome::Wrong, _) => {
            tracing::warn!("a sign-in of staff with a wrong name or password");
            return Err(Refusal::new(
                Code::Unauthorised,
                "That is not the name and password of an account of this restaurant",
                "Check both. Whoever runs Tiffin can give the account a new password.",
            ));
        }
    };
    let ends_at_ms = state.clock.now_ms().saturating_add(SESSION_MS);
    let token = state.sessions.token(&account, ends_at_ms);
    let cookie = (!bearer).then(|| cookie(token.clone(), SESSION_MS / 1000, &asked));
    let mut answer = headers::answer(&SignedIn {
        restaurant: account.restaurant,
        name: account.name,
        ends_at_ms,
        token: bearer.then_some(token),
    })?;
    if let Some(cookie) = cookie {
        answer.headers_mut().insert(SET_COOKIE, cookie?);
    }
    Ok(answer)
}

/// Who is signed in
#[utoipa::path(
    get, path = "/api/v1/staff/session", operation_id = "whoIsSignedIn", tag = "Staff",
    security(("staffToken" = []), ("staffCookie" = [])),
    responses((status = 200, body = SignedIn, description = "The account, and when its session ends."))
)]
pub(in crate::api) async fn who(staff: Staff) -> Result<Response, Refusal> {
    headers::answer(&SignedIn {
        restaurant: staff.account.restaurant,
        name: staff.account.name,
        ends_at_ms: staff.ends_at_ms,
        token: None,
    })
}

/// Takes the cookie from the browser
///
/// Nothing is kept here that could end.
#[utoipa::path(
    delete, path = "/api/v1/staff/session", operation_id = "staffSignOut", tag = "Staff",
    responses((status = 204, description = "The cookie is gone."))
)]
pub(in crate::api) async fn sign_out(asked: HeaderMap) -> Result<Response, Refusal> {
    let gone = cookie(String::new(), 0, &asked)?;
    Ok((StatusCode::NO_CONTENT, [(SET_COOKIE, gone)]).into_response())
}

fn cookie(value: String, max_age_s: i64, asked: &HeaderMap) -> Result<HeaderValue, Refusal> {
    // Only a proxy in front can know; a client that lies about it gets a cookie that it will not send back.
    let https = asked
        .get("x-forwarded-proto")
        .is_some_and(|scheme| scheme.as_bytes().eq_ignore_ascii_case(b"https"));
    let mut cookie = Cookie::new(api::STAFF_COOKIE, value);
    cookie.set_path(api::STAFF);
    cookie.set_http_only(true);
    cookie.set_same_site(SameSite::Strict);
    cookie.set_secure(https);
    let cookie = format!("{cookie}; Max-Age={max_age_s}");
    HeaderValue::try_from(cookie).map_err(|error| {
        tracing::error!(%error, "a session's cookie cannot be a header");
        Refusal::internal()
    })
}

/// Who is guessing, as the front-end server says.
fn caller(headers: &HeaderMap) -> IpAddr {
    headers
        .get("x-forwarded-for")
        .and_then(|value| value.to_str().ok())
        .and_then(|address| address.parse().ok())
        .unwrap_or(IpAddr::V4(Ipv4Addr::UNSPECIFIED))
}

fn not_signed_in() -> Refusal {
    Refusal::new(
        Code::Unauthorised,
        "You are not signed in",
        "Sign in with the restaurant's account. Nothing was changed.",
    )
}
