//! One request: sent, timed, repeated where that is safe, at another server where its own is gone, and its answer told apart. Must not
//! know what is asked for.

use std::pin::{Pin, pin};

use futures_util::future::{Either, select, select_all};
use gloo_net::http::{Method, RequestBuilder};
use json::{FromJson, ToJson};
use model::Problem;
use model::api::IDEMPOTENCY_KEY;
use web_sys::{AbortController, RequestCredentials};

use super::error::ApiError;
use super::retry::{ONCE, Retry, SAFE};
use super::servers::{self, Failed};
use crate::state::browser;

/// Aborts the request when its future is dropped: when the page that waits for it goes, or its time is up.
struct AbortOnDrop(AbortController);

impl Drop for AbortOnDrop {
    fn drop(&mut self) {
        self.0.abort();
    }
}

pub(super) struct Call<'a> {
    method: Method,
    path: &'a str,
    key: Option<&'a str>,
    body: Option<String>,
    timeout_ms: u32,
    retry: Retry,
    elsewhere: Elsewhere,
    signed: bool,
}

/// May another server be sent the same request?
#[derive(Clone, Copy, PartialEq, Eq)]
enum Elsewhere {
    /// As soon as nothing is heard: the first may work on it as well, which changes nothing, or nothing twice.
    AtOnce,
    /// When the connection to the first is broken: one that hangs may still do it, later than whatever is done meanwhile.
    WhenBroken,
    /// It is about the very server that is asked.
    Never,
}

/// An answer, and from where.
type Answered = (String, Result<String, Failed>);

/// Without an answer for so long another server is asked too. Several times what an answer takes over a slow mobile connection, and still
/// bearable where a server hangs.
const PATIENCE_MS: u32 = 3_000;

/// Long enough for a slow mobile connection, short enough that a person still believes in it.
const TIMEOUT_MS: u32 = 10_000;

impl<'a> Call<'a> {
    pub(super) fn get(path: &'a str) -> Self {
        Self::new(Method::GET, path, SAFE)
    }

    /// A `POST` that changes nothing.
    pub(super) fn ask(path: &'a str, question: &impl ToJson) -> Self {
        Self::new(Method::POST, path, SAFE).json(question)
    }

    pub(super) fn change(method: Method, path: &'a str) -> Self {
        Self::new(method, path, ONCE)
    }

    fn new(method: Method, path: &'a str, retry: Retry) -> Self {
        Self {
            method,
            path,
            key: None,
            body: None,
            timeout_ms: TIMEOUT_MS,
            retry,
            elsewhere: Elsewhere::AtOnce,
            signed: false,
        }
    }

    /// What was asked for before must not be done after what is asked for next: see [`Elsewhere::WhenBroken`].
    pub(super) fn in_turn(mut self) -> Self {
        self.elsewhere = Elsewhere::WhenBroken;
        self
    }

    /// Concerns the very server that requests go to.
    pub(super) fn here(mut self) -> Self {
        self.elsewhere = Elsewhere::Never;
        self
    }

    /// With the cookie of a session, also to another server than the page's own. Customers have none.
    pub(super) fn signed(mut self) -> Self {
        self.signed = true;
        self
    }

    pub(super) fn json(self, body: &impl ToJson) -> Self {
        // Plain data with string keys: serialising it cannot fail; an empty body would be refused by the server.
        self.text(json::to_string(body))
    }

    pub(super) fn text(mut self, body: String) -> Self {
        self.body = Some(body);
        self
    }

    pub(super) fn key(mut self, key: &'a str) -> Self {
        self.key = Some(key);
        self
    }

    pub(super) fn once(mut self) -> Self {
        self.retry = ONCE;
        self
    }

    pub(super) fn within(mut self, timeout_ms: u32) -> Self {
        self.timeout_ms = timeout_ms;
        self
    }

    /// The answer's body, read as `T`.
    pub(super) async fn read<T: FromJson>(self) -> Result<T, ApiError> {
        let text = self.send().await?;
        json::from_str(&text).ok_or(ApiError::Malformed)
    }

    /// The answer's body as it came.
    pub(super) async fn send(self) -> Result<String, ApiError> {
        let mut attempt = 0;
        loop {
            let error = match self.round().await {
                Ok(text) => return Ok(text),
                Err(error) => error,
            };
            // Without a connection the page says so at once and waits for the browser's word that it is back.
            let wait = if error.is_passing() && error != ApiError::Offline {
                self.retry.wait_ms(attempt, browser::random())
            } else {
                None
            };
            let Some(wait) = wait else { return Err(error) };
            browser::sleep(wait).await;
            attempt += 1;
        }
    }

    /// Asks one server, and the next one where nothing is heard of it, until one has answered or all are gone.
    async fn round(&self) -> Result<String, ApiError> {
        let mut servers = servers::order().into_iter();
        let mut running: Vec<Pin<Box<dyn Future<Output = Answered> + '_>>> = Vec::new();
        let mut failure = None;
        let mut next = servers.next();
        loop {
            if let Some(url) = next {
                running.push(Box::pin(self.attempt(url)));
            }
            if running.is_empty() {
                return Err(failure.unwrap_or(ApiError::Network));
            }
            let patience = pin!(browser::sleep(PATIENCE_MS));
            let (url, answer) = match select(select_all(running), patience).await {
                Either::Left(((answered, _, others), _)) => {
                    running = others;
                    answered
                }
                Either::Right(((), silent)) => {
                    running = silent.into_inner();
                    next = match self.elsewhere {
                        Elsewhere::AtOnce => servers.next(),
                        _ => None,
                    };
                    continue;
                }
            };
            let (error, gone) = match answer {
                Ok(text) => {
                    servers::found(&url);
                    return Ok(text);
                }
                Err(failed) => failed.judged(failure.is_some() || !running.is_empty()),
            };
            if !gone {
                if error != ApiError::Offline {
                    servers::found(&url);
                }
                return Err(error);
            }
            next = match self.elsewhere {
                Elsewhere::Never => None,
                Elsewhere::WhenBroken if error == ApiError::TimedOut => None,
                _ => servers.next(),
            };
            // The first is what happened where the request was before.
            failure = failure.or(Some(error));
        }
    }

    async fn attempt(&self, server: String) -> Answered {
        let answer = {
            let exchange = pin!(self.exchange(&server));
            let timer = pin!(browser::sleep(self.timeout_ms));
            match select(exchange, timer).await {
                Either::Left((answer, _)) => answer,
                Either::Right(_) => Err(Failed::Gone(ApiError::TimedOut)),
            }
        };
        (server, answer)
    }

    async fn exchange(&self, server: &str) -> Result<String, Failed> {
        let broken = || {
            Failed::Gone(if browser::online() {
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
        if self.signed {
            request = request.credentials(RequestCredentials::Include);
        }
        if let Some(key) = self.key {
            request = request.header(IDEMPOTENCY_KEY, key);
        }
        let sent = match &self.body {
            Some(body) => match request
                .header("content-type", "application/json")
                .body(body.as_str())
            {
                Ok(request) => request.send().await,
                Err(error) => Err(error),
            },
            None => request.send().await,
        };
        let response = sent.map_err(|_| broken())?;
        let text = response.text().await.map_err(|_| broken())?;
        if response.ok() {
            return Ok(text);
        }
        Err(match json::from_str::<Problem>(&text) {
            Some(problem) => Failed::Told(ApiError::Problem(Box::new(problem))),
            None => match ApiError::from_status(response.status()) {
                ApiError::Malformed => Failed::Told(ApiError::Malformed),
                // A proxy that stands before the server and does not reach it.
                error => Failed::Gone(error),
            },
        })
    }
}
