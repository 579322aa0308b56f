//! `/api/v1/staff/session`: exchanges a password for a signed session, as a cookie or as a bearer token.
//!
//! A session states its account and its end. Its signature is derived from the installation's key and the account's password hash: every
//! replica can verify it, no replica stores it, and a new password or the removal of the account ends it.

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
use model::staff::{StaffSession, StaffSignIn};
use model::{Problem, api};
use process::password::{PasswordChecker, PasswordOutcome};
use process::secret::{self, SigningKey};

use crate::api::body::JsonBody;
use crate::api::error::ApiError;
use crate::api::{ApiState, responses};
use crate::store::StaffAccount;

/// Lifetime of a session: a few shifts of a tablet in the kitchen.
const SESSION_MS: i64 = 3 * 24 * 60 * 60 * 1000;

/// Signs and verifies sessions, and limits password guesses.
pub struct Sessions {
    key: SigningKey,
    passwords: PasswordChecker,
}

impl Sessions {
    #[must_use]
    pub fn new(key: SigningKey) -> Self {
        Self {
            key,
            passwords: PasswordChecker::default(),
        }
    }

    /// Makes a token: `ACCOUNT.END.SIGNATURE`.
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

/// Extractor: the account that a valid session proves. Answers 401 without one.
pub(in crate::api) struct AuthenticatedStaff {
    pub(super) account: StaffAccount,
    ends_at_ms: i64,
}

impl FromRequestParts<ApiState> for AuthenticatedStaff {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, state: &ApiState) -> Result<Self, ApiError> {
        let token = sent_token(&parts.headers).ok_or_else(not_signed_in)?;
        let (id, ends_at_ms, signature) = parse_token(&token).ok_or_else(not_signed_in)?;
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

/// Reads the token of a request. A bearer token takes precedence over a cookie, which browsers attach by themselves.
fn sent_token(headers: &HeaderMap) -> Option<String> {
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

/// Splits a token into account, end and signature.
fn parse_token(token: &str) -> Option<(i64, i64, &str)> {
    let (id, rest) = token.split_once('.')?;
    let (ends_at_ms, signature) = rest.split_once('.')?;
    Some((id.parse().ok()?, ends_at_ms.parse().ok()?, signature))
}

/// Signs in
///
/// The replica stores nothing, so the request may be repeated on any replica.
#[utoipa::path(
    post, path = "/api/v1/staff/session", operation_id = "staffSignIn", tag = "Staff",
    request_body = StaffSignIn,
    responses(
        (status = 200, body = StaffSession, description = "The session is a cookie, or the `token` where `bearer` was set."),
        (status = 401, body = Problem, description = "`unauthorised`"),
        (status = 429, body = Problem, description = "`too_many_requests`"),
    )
)]
pub(in crate::api) async fn sign_in(
    State(state): State<ApiState>,
    headers: HeaderMap,
    JsonBody { value, .. }: JsonBody<StaffSignIn>,
) -> Result<Response, ApiError> {
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
    let account_name = format!("{restaurant}/{name}");
    let outcome = state.sessions.passwords.check(
        client_address(&headers),
        Some(&account_name),
        password,
        hash,
    );
    let account = match (outcome.await, account) {
        (PasswordOutcome::Correct, Some(account)) => account,
        (PasswordOutcome::TooManyAttempts(seconds), _) => {
            return Err(ApiError::too_many_attempts(seconds));
        }
        (PasswordOutcome::Correct | PasswordOutcome::Wrong, _) => {
            tracing::warn!("a staff sign-in failed: wrong name or password");
            return Err(ApiError::new(
                Code::Unauthorised,
                "That is not the name and password of an account of this restaurant",
                "Check both. The operator can give the account a new password.",
            ));
        }
    };
    let ends_at_ms = state.clock.now_ms().saturating_add(SESSION_MS);
    let token = state.sessions.token(&account, ends_at_ms);
    let cookie = (!bearer).then(|| session_cookie(token.clone(), SESSION_MS / 1000, &headers));
    let mut response = responses::ok(&StaffSession {
        restaurant: account.restaurant,
        name: account.name,
        ends_at_ms,
        token: bearer.then_some(token),
    })?;
    if let Some(cookie) = cookie {
        response.headers_mut().insert(SET_COOKIE, cookie?);
    }
    Ok(response)
}

/// Shows the session and its account
#[utoipa::path(
    get, path = "/api/v1/staff/session", operation_id = "whoIsSignedIn", tag = "Staff",
    security(("staffToken" = []), ("staffCookie" = [])),
    responses((status = 200, body = StaffSession, description = "The account, and when its session ends."))
)]
pub(in crate::api) async fn show(session: AuthenticatedStaff) -> Result<Response, ApiError> {
    responses::ok(&StaffSession {
        restaurant: session.account.restaurant,
        name: session.account.name,
        ends_at_ms: session.ends_at_ms,
        token: None,
    })
}

/// Signs out: removes the cookie
///
/// The session itself is not stored, so nothing else ends.
#[utoipa::path(
    delete, path = "/api/v1/staff/session", operation_id = "staffSignOut", tag = "Staff",
    responses((status = 204, description = "The cookie is gone."))
)]
pub(in crate::api) async fn sign_out(headers: HeaderMap) -> Result<Response, ApiError> {
    let removal = session_cookie(String::new(), 0, &headers)?;
    Ok((StatusCode::NO_CONTENT, [(SET_COOKIE, removal)]).into_response())
}

fn session_cookie(
    value: String,
    max_age_s: i64,
    headers: &HeaderMap,
) -> Result<HeaderValue, ApiError> {
    // Known only from a proxy in front of the server. A client that sends the header falsely gets a cookie that it does not return.
    let https = headers
        .get("x-forwarded-proto")
        .is_some_and(|scheme| scheme.as_bytes().eq_ignore_ascii_case(b"https"));
    let mut cookie = Cookie::new(api::STAFF_COOKIE, value);
    cookie.set_path(api::STAFF);
    cookie.set_http_only(true);
    cookie.set_same_site(SameSite::Strict);
    cookie.set_secure(https);
    let cookie = format!("{cookie}; Max-Age={max_age_s}");
    HeaderValue::try_from(cookie).map_err(|error| {
        tracing::error!(%error, "a session cookie is not a valid header value");
        ApiError::internal()
    })
}

/// Reads the client's address, as the front-end server forwards it.
fn client_address(headers: &HeaderMap) -> IpAddr {
    headers
        .get("x-forwarded-for")
        .and_then(|value| value.to_str().ok())
        .and_then(|address| address.parse().ok())
        .unwrap_or(IpAddr::V4(Ipv4Addr::UNSPECIFIED))
}

fn not_signed_in() -> ApiError {
    ApiError::new(
        Code::Unauthorised,
        "You are not signed in",
        "Sign in with the restaurant's account. Nothing was changed.",
    )
}
