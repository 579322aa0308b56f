//! The operator's sign-in: a password in, a signed cookie out.

use std::net::IpAddr;
use std::sync::Arc;

use axum::Extension;
use axum::extract::{Request, State};
use axum_extra::extract::SignedCookieJar;
use axum_extra::extract::cookie::{Cookie, Key};
use http::{HeaderMap, StatusCode};
use model::Problem;
use model::problem::Code;
use model::status::SignIn;
use process::clock::SharedClock;
use process::password::{PasswordChecker, PasswordOutcome};
use process::secret::SigningKey;

use super::password::Loaded;
use super::{Panel, body};
use crate::gateway::Peer;
use crate::origin::came_over_https;
use crate::problem::Refusal;

pub const COOKIE: &str = "tiffin-operator";
const SESSION_S: i64 = 12 * 60 * 60;

/// Who may use the switches.
pub struct Operator {
    hash: Arc<str>,
    key: Key,
    clock: SharedClock,
    gate: PasswordChecker,
}

impl Operator {
    pub fn new(key: &SigningKey, password: &Loaded, clock: SharedClock) -> Self {
        // Another password makes another key, so that it ends all sessions.
        let half = |number| {
            key.derive(&format!(
                "operator session {number} {}",
                password.generation
            ))
        };
        Self {
            hash: password.hash.as_str().into(),
            key: Key::from(&[half(1), half(2)].concat()),
            clock,
            gate: PasswordChecker::default(),
        }
    }

    /// When the caller's session ends, if there is one.
    pub fn session(&self, headers: &HeaderMap) -> Option<i64> {
        let jar = SignedCookieJar::from_headers(headers, self.key.clone());
        let ends_ms: i64 = jar.get(COOKIE)?.value().parse().ok()?;
        (self.clock.now_ms() < ends_ms).then_some(ends_ms)
    }

    /// # Errors
    /// 401 without a session.
    pub fn require(&self, headers: &HeaderMap) -> Result<(), Refusal> {
        self.session(headers).map(|_| ()).ok_or_else(|| {
            Refusal::new(
                Code::Unauthorised,
                "You are not signed in",
                "Sign in with the operator's password. Nothing was changed.",
            )
        })
    }

    async fn check(&self, from: IpAddr, password: String) -> Result<(), Refusal> {
        let hash = Some(Arc::clone(&self.hash));
        match self.gate.check(from, None, password, hash).await {
            PasswordOutcome::Correct => Ok(()),
            PasswordOutcome::TooManyAttempts(retry_after_s) => Err(too_many(retry_after_s)),
            PasswordOutcome::Wrong => {
                tracing::warn!("a sign-in with a wrong operator's password");
                Err(Refusal::new(
                    Code::Unauthorised,
                    "That is not the operator's password",
                    "It was printed when the server started for the first time.",
                ))
            }
        }
    }

    fn cookie(&self, headers: &HeaderMap) -> Cookie<'static> {
        let ends_ms = self.clock.now_ms() + SESSION_S * 1000;
        let mut cookie = bare(ends_ms.to_string(), SESSION_S);
        cookie.set_secure(came_over_https(headers));
        cookie
    }
}

fn bare(value: String, max_age_s: i64) -> Cookie<'static> {
    let attributes = format!("{COOKIE}=; Path=/; HttpOnly; SameSite=Strict; Max-Age={max_age_s}");
    let mut cookie = Cookie::parse(attributes).unwrap_or_else(|_| Cookie::from(COOKIE));
    cookie.set_value(value);
    cookie
}

fn too_many(retry_after_s: u32) -> Refusal {
    Refusal::new(
        Code::TooManyRequests,
        "Too many attempts to sign in",
        &format!("Try again in {retry_after_s} seconds."),
    )
    .retry_after_s(retry_after_s)
}

/// The operator signs in
#[utoipa::path(
    post, path = "/api/v1/status/session", operation_id = "operatorSignIn", tag = "Status",
    request_body = SignIn,
    responses(
        (status = 204, description = "The session is a cookie."),
        (status = 401, body = Problem, description = "`unauthorised`"),
        (status = 429, body = Problem, description = "`too_many_requests`"),
    )
)]
pub async fn sign_in(
    State(panel): State<Arc<Panel>>,
    Extension(peer): Extension<Peer>,
    request: Request,
) -> Result<(StatusCode, SignedCookieJar), Refusal> {
    let cookie = panel.operator.cookie(request.headers());
    let SignIn { password } = body::json(request).await?;
    panel.operator.check(peer.address, password).await?;
    let jar = SignedCookieJar::new(panel.operator.key.clone()).add(cookie);
    Ok((StatusCode::NO_CONTENT, jar))
}

/// Takes the operator's cookie from the browser
///
/// Nothing is kept here that could end.
#[utoipa::path(
    delete, path = "/api/v1/status/session", operation_id = "operatorSignOut", tag = "Status",
    responses((status = 204, description = "The cookie is gone."))
)]
pub async fn sign_out(State(panel): State<Arc<Panel>>) -> (StatusCode, SignedCookieJar) {
    let gone = bare(String::new(), 0);
    let jar = SignedCookieJar::new(panel.operator.key.clone()).add(gone);
    (StatusCode::NO_CONTENT, jar)
}

#[cfg(test)]
mod tests {
    use http::header::{COOKIE as COOKIE_HEADER, HeaderValue};
    use process::clock::ManualClock;

    use super::*;

    fn operator(generation: &str, clock: &Arc<ManualClock>) -> Operator {
        let key = SigningKey::load(Some(&"0f".repeat(32)), std::path::Path::new("")).unwrap();
        let password = Loaded {
            hash: String::new(),
            generation: generation.to_owned(),
            made: None,
        };
        Operator::new(&key, &password, Arc::clone(clock) as SharedClock)
    }

    fn signed(operator: &Operator) -> HeaderMap {
        let jar =
            SignedCookieJar::new(operator.key.clone()).add(operator.cookie(&HeaderMap::new()));
        let response = axum::response::IntoResponse::into_response(jar);
        let set = response.headers()["set-cookie"].to_str().unwrap();
        let mut headers = HeaderMap::new();
        let pair = set.split(';').next().unwrap();
        headers.insert(COOKIE_HEADER, HeaderValue::from_str(pair).unwrap());
        headers
    }

    #[test]
    fn a_session_ends_after_twelve_hours() {
        let clock = ManualClock::at(0);
        let operator = operator("a", &clock);
        let headers = signed(&operator);
        clock.set(SESSION_S * 1000 - 1);
        assert!(operator.session(&headers).is_some());
        clock.advance(1);
        assert!(operator.session(&headers).is_none());
    }

    #[test]
    fn another_password_ends_all_sessions_and_the_same_one_does_not() {
        let clock = ManualClock::at(0);
        let headers = signed(&operator("a", &clock));
        assert!(operator("a", &clock).session(&headers).is_some());
        assert!(operator("b", &clock).session(&headers).is_none());
    }

    #[test]
    fn a_cookie_of_ones_own_making_is_no_session() {
        let clock = ManualClock::at(0);
        let mut headers = HeaderMap::new();
        let forged = HeaderValue::from_static("tiffin-operator=99999999999999");
        headers.insert(COOKIE_HEADER, forged);
        assert!(operator("a", &clock).session(&headers).is_none());
    }

    #[test]
    fn the_cookie_is_secure_where_the_page_is() {
        let operator = operator("a", &ManualClock::at(0));
        let mut https = HeaderMap::new();
        https.insert("x-forwarded-proto", HeaderValue::from_static("https"));
        assert_eq!(operator.cookie(&https).secure(), Some(true));
        let plain = operator.cookie(&HeaderMap::new()).to_string();
        assert!(!plain.contains("Secure"), "{plain}");
        for attribute in ["HttpOnly", "SameSite=Strict", "Path=/", "Max-Age=43200"] {
            assert!(plain.contains(attribute), "{plain}");
        }
    }
}
