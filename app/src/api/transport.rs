//! The transport below every API function: sends one request, limits its time, repeats it where that is safe, and moves on to another
//! front-end server when its own is unreachable. It must not know what is requested.

use std::pin::{Pin, pin};

use futures_util::future::{Either, select, select_all};
use gloo_net::http::{Method, RequestBuilder};
use model::Problem;
use model::api::IDEMPOTENCY_KEY;
use serde::Serialize;
use serde::de::DeserializeOwned;
use web_sys::{AbortController, RequestCredentials};

use super::error::ApiError;
use super::retry::{NO_RETRY, Retry, SAFE_RETRY};
use super::servers::{self, AttemptError};
use crate::json;
use crate::state::browser;

/// Aborts the fetch when the future that holds it is dropped: the page was left, or the time is up.
struct AbortOnDrop(AbortController);

impl Drop for AbortOnDrop {
    fn drop(&mut self) {
        self.0.abort();
    }
}

/// A request that is not sent yet.
pub(super) struct ApiRequest<'a> {
    method: Method,
    path: &'a str,
    idempotency_key: Option<&'a str>,
    body: Option<String>,
    timeout_ms: u32,
    retry: Retry,
    failover: Failover,
    with_credentials: bool,
}

/// When the same request may be sent to another front-end server.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Failover {
    /// After [`HEDGE_AFTER_MS`] without an answer, or at once when the connection breaks: the first server may still be working on it,
    /// which is harmless for reads and for requests with an idempotency key.
    Hedged,
    /// Only when the connection breaks: a server that hangs may still apply the request later, after a newer one.
    OnBrokenConnection,
    /// The request concerns the very server that it is sent to.
    Never,
}

/// The outcome of one attempt, with the URL of the server that it went to.
type Attempt = (String, Result<String, AttemptError>);

/// The time without an answer after which another server is tried as well, in milliseconds. Shorter, and slow mobile connections send
/// everything twice; longer, and a hung server is felt.
const HEDGE_AFTER_MS: u32 = 3_000;

/// The default timeout of one attempt, in milliseconds: long enough for a slow mobile connection, short enough that the customer is
/// still waiting.
const TIMEOUT_MS: u32 = 10_000;

impl<'a> ApiRequest<'a> {
    /// A `GET`.
    pub(super) fn get(path: &'a str) -> Self {
        Self::new(Method::GET, path, SAFE_RETRY)
    }

    /// A `POST` that changes nothing on the server and is therefore safe to repeat.
    pub(super) fn query(path: &'a str, body: &impl Serialize) -> Self {
        Self::new(Method::POST, path, SAFE_RETRY).json(body)
    }

    /// A request that changes something and is not repeated by itself.
    pub(super) fn mutation(method: Method, path: &'a str) -> Self {
        Self::new(method, path, NO_RETRY)
    }

    fn new(method: Method, path: &'a str, retry: Retry) -> Self {
        Self {
            method,
            path,
            idempotency_key: None,
            body: None,
            timeout_ms: TIMEOUT_MS,
            retry,
            failover: Failover::Hedged,
            with_credentials: false,
        }
    }

    /// Keeps the order of requests: see [`Failover::OnBrokenConnection`].
    pub(super) fn in_order(mut self) -> Self {
        self.failover = Failover::OnBrokenConnection;
        self
    }

    /// Sends to the current server only.
    pub(super) fn current_server_only(mut self) -> Self {
        self.failover = Failover::Never;
        self
    }

    /// Sends the session cookie, to other servers than the page's own too. Customers have no session.
    pub(super) fn with_credentials(mut self) -> Self {
        self.with_credentials = true;
        self
    }

    pub(super) fn json(self, body: &impl Serialize) -> Self {
        // Serialising the wire types cannot fail: they have string keys only.
        self.text(json::to_string(body).unwrap_or_default())
    }

    /// Sets a body that is JSON already.
    pub(super) fn text(mut self, body: String) -> Self {
        self.body = Some(body);
        self
    }

    pub(super) fn idempotency_key(mut self, key: &'a str) -> Self {
        self.idempotency_key = Some(key);
        self
    }

    pub(super) fn no_retry(mut self) -> Self {
        self.retry = NO_RETRY;
        self
    }

    pub(super) fn timeout_ms(mut self, timeout_ms: u32) -> Self {
        self.timeout_ms = timeout_ms;
        self
    }

    /// Sends the request and parses the response body.
    pub(super) async fn fetch<T: DeserializeOwned>(self) -> Result<T, ApiError> {
        let text = self.send().await?;
        json::parse(&text).ok_or(ApiError::Malformed)
    }

    /// Sends the request and returns the response body.
    pub(super) async fn send(self) -> Result<String, ApiError> {
        let mut attempt = 0;
        loop {
            let error = match self.send_with_failover().await {
                Ok(text) => return Ok(text),
                Err(error) => error,
            };
            // Offline is reported at once; the page waits for the browser's `online` event.
            let wait = if error.is_transient() && error != ApiError::Offline {
                self.retry.wait_ms(attempt, browser::random())
            } else {
                None
            };
            let Some(wait) = wait else { return Err(error) };
            browser::sleep(wait).await;
            attempt += 1;
        }
    }

    /// Tries the servers one after the other, as [`Failover`] allows, until one has answered or none is left.
    async fn send_with_failover(&self) -> Result<String, ApiError> {
        let mut servers = servers::candidates().into_iter();
        let mut in_flight: Vec<Pin<Box<dyn Future<Output = Attempt> + '_>>> = Vec::new();
        let mut first_error = None;
        let mut next = servers.next();
        loop {
            if let Some(url) = next {
                in_flight.push(Box::pin(self.attempt(url)));
            }
            if in_flight.is_empty() {
                return Err(first_error.unwrap_or(ApiError::Network));
            }
            let hedge = pin!(browser::sleep(HEDGE_AFTER_MS));
            let (url, answer) = match select(select_all(in_flight), hedge).await {
                Either::Left(((attempt, _, others), _)) => {
                    in_flight = others;
                    attempt
                }
                Either::Right(((), unanswered)) => {
                    in_flight = unanswered.into_inner();
                    next = match self.failover {
                        Failover::Hedged => servers.next(),
                        Failover::OnBrokenConnection | Failover::Never => None,
                    };
                    continue;
                }
            };
            let (error, try_next) = match answer {
                Ok(text) => {
                    servers::mark_reachable(&url);
                    return Ok(text);
                }
                Err(failed) => failed.classify(first_error.is_some() || !in_flight.is_empty()),
            };
            if !try_next {
                if error != ApiError::Offline {
                    servers::mark_reachable(&url);
                }
                return Err(error);
            }
            next = match self.failover {
                Failover::Never => None,
                Failover::OnBrokenConnection if error == ApiError::TimedOut => None,
                Failover::OnBrokenConnection | Failover::Hedged => servers.next(),
            };
            // The first error is reported: it says what happened at the server that was in use.
            first_error = first_error.or(Some(error));
        }
    }

    async fn attempt(&self, server: String) -> Attempt {
        let answer = {
            let exchange = pin!(self.exchange(&server));
            let timeout = pin!(browser::sleep(self.timeout_ms));
            match select(exchange, timeout).await {
                Either::Left((answer, _)) => answer,
                Either::Right(_) => Err(AttemptError::Unreachable(ApiError::TimedOut)),
            }
        };
        (server, answer)
    }

    async fn exchange(&self, server: &str) -> Result<String, AttemptError> {
        let broken = || {
            AttemptError::Unreachable(if browser::online() {
                ApiError::Network
            } else {
                ApiError::Offline
            })
        };
        let abort = AbortOnDrop(AbortController::new().map_err(|_| broken())?);
        let mut request = RequestBuilder::new(&format!("{server}{}", self.path))
            .method(self.method.clone())
            .header("accept", "application/json")
            .abort_signal(Some(&abort.0.signal()));
        if self.with_credentials {
            request = request.credentials(RequestCredentials::Include);
        }
        if let Some(key) = self.idempotency_key {
            request = request.header(IDEMPOTENCY_KEY, key);
        }
        let request = match &self.body {
            Some(body) => request
                .header("content-type", "application/json")
                .body(body.as_str()),
            None => request.build(),
        }
        .map_err(|_| broken())?;
        let response = request.send().await.map_err(|_| broken())?;
        let text = response.text().await.map_err(|_| broken())?;
        if response.ok() {
            return Ok(text);
        }
        Err(match json::parse::<Problem>(&text) {
            Some(problem) => AttemptError::Answered(ApiError::Problem(Box::new(problem))),
            None => match ApiError::from_status(response.status()) {
                ApiError::Malformed => AttemptError::Answered(ApiError::Malformed),
                // A proxy in front of the server does not reach it.
                error => AttemptError::Unreachable(error),
            },
        })
    }
}
