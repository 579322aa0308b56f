//! The operator: checks the password, and issues and verifies the session's signed cookie.

use std::net::IpAddr;
use std::sync::Arc;

use axum_extra::extract::SignedCookieJar;
use axum_extra::extract::cookie::{Cookie, Key};
use http::HeaderMap;
use model::problem::Code;
use process::clock::SharedClock;
use process::password::{PasswordChecker, PasswordOutcome};
use process::secret::SigningKey;

use super::password::OperatorPassword;
use crate::http::origin::is_https;
use crate::http::problem::ProblemResponse;

pub const COOKIE: &str = "tiffin-operator";
const SESSION_S: i64 = 12 * 60 * 60;

pub struct Operator {
    hash: Arc<str>,
    key: Key,
    clock: SharedClock,
    passwords: PasswordChecker,
}

impl Operator {
    pub fn new(key: &SigningKey, password: &OperatorPassword, clock: SharedClock) -> Self {
        // The key depends on the password, so that a new password ends all sessions.
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
            passwords: PasswordChecker::default(),
        }
    }

    /// The end of the client's session in milliseconds since 1970, or `None` without a valid session.
    pub fn session_end_ms(&self, headers: &HeaderMap) -> Option<i64> {
        let jar = SignedCookieJar::from_headers(headers, self.key.clone());
        let end_ms: i64 = jar.get(COOKIE)?.value().parse().ok()?;
        (self.clock.now_ms() < end_ms).then_some(end_ms)
    }

    /// Signs in from `address` and returns the session's cookie. `headers` are the request's.
    ///
    /// # Errors
    /// 401 with a wrong password, 429 after too many of them.
    pub async fn sign_in(
        &self,
        address: IpAddr,
        password: String,
        headers: &HeaderMap,
    ) -> Result<SignedCookieJar, ProblemResponse> {
        let hash = Some(Arc::clone(&self.hash));
        match self.passwords.check(address, None, password, hash).await {
            PasswordOutcome::Correct => Ok(self.jar_with(self.session_cookie(headers))),
            PasswordOutcome::TooManyAttempts(retry_after_s) => {
                Err(too_many_attempts(retry_after_s))
            }
            PasswordOutcome::Wrong => {
                tracing::warn!("a sign-in with a wrong operator's password");
                Err(ProblemResponse::new(
                    Code::Unauthorised,
                    "That is not the operator's password",
                    "It was printed when the server started for the first time.",
                ))
            }
        }
    }

    /// The cookie that removes the session from the browser.
    pub fn sign_out(&self) -> SignedCookieJar {
        self.jar_with(make_cookie(String::new(), 0))
    }

    fn jar_with(&self, cookie: Cookie<'static>) -> SignedCookieJar {
        SignedCookieJar::new(self.key.clone()).add(cookie)
    }

    fn session_cookie(&self, headers: &HeaderMap) -> Cookie<'static> {
        let end_ms = self.clock.now_ms() + SESSION_S * 1000;
        let mut cookie = make_cookie(end_ms.to_string(), SESSION_S);
        cookie.set_secure(is_https(headers));
        cookie
    }
}

fn make_cookie(value: String, max_age_s: i64) -> Cookie<'static> {
    let attributes = format!("{COOKIE}=; Path=/; HttpOnly; SameSite=Strict; Max-Age={max_age_s}");
    let mut cookie = Cookie::parse(attributes).unwrap_or_else(|_| Cookie::from(COOKIE));
    cookie.set_value(value);
    cookie
}

fn too_many_attempts(retry_after_s: u32) -> ProblemResponse {
    ProblemResponse::new(
        Code::TooManyRequests,
        "Too many attempts to sign in",
        &format!("Try again in {retry_after_s} seconds."),
    )
    .retry_after_s(retry_after_s)
}

#[cfg(test)]
mod tests {
    use http::header::{COOKIE as COOKIE_HEADER, HeaderValue};
    use process::clock::ManualClock;

    use super::*;

    fn operator(generation: &str, clock: &Arc<ManualClock>) -> Operator {
        let key = SigningKey::load(Some(&"0f".repeat(32)), std::path::Path::new("")).unwrap();
        let password = OperatorPassword {
            hash: String::new(),
            generation: generation.to_owned(),
            generated: None,
        };
        Operator::new(&key, &password, Arc::clone(clock) as SharedClock)
    }

    fn signed_in(operator: &Operator) -> HeaderMap {
        let jar = operator.jar_with(operator.session_cookie(&HeaderMap::new()));
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
        let headers = signed_in(&operator);
        clock.set(SESSION_S * 1000 - 1);
        assert!(operator.session_end_ms(&headers).is_some());
        clock.advance(1);
        assert!(operator.session_end_ms(&headers).is_none());
    }

    #[test]
    fn a_new_password_ends_all_sessions_and_the_same_one_does_not() {
        let clock = ManualClock::at(0);
        let headers = signed_in(&operator("a", &clock));
        assert!(operator("a", &clock).session_end_ms(&headers).is_some());
        assert!(operator("b", &clock).session_end_ms(&headers).is_none());
    }

    #[test]
    fn a_forged_cookie_is_no_session() {
        let clock = ManualClock::at(0);
        let mut headers = HeaderMap::new();
        let forged = HeaderValue::from_static("tiffin-operator=99999999999999");
        headers.insert(COOKIE_HEADER, forged);
        assert!(operator("a", &clock).session_end_ms(&headers).is_none());
    }

    #[test]
    fn the_cookie_is_secure_over_https() {
        let operator = operator("a", &ManualClock::at(0));
        let mut https = HeaderMap::new();
        https.insert("x-forwarded-proto", HeaderValue::from_static("https"));
        assert_eq!(operator.session_cookie(&https).secure(), Some(true));
        let plain = operator.session_cookie(&HeaderMap::new()).to_string();
        assert!(!plain.contains("Secure"), "{plain}");
        for attribute in ["HttpOnly", "SameSite=Strict", "Path=/", "Max-Age=43200"] {
            assert!(plain.contains(attribute), "{plain}");
        }
    }
}
