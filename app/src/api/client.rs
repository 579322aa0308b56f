//! One request: sent, timed, repeated where that is safe, and its answer told apart. Must not know what is asked for.

use std::pin::pin;

use futures_util::future::{Either, select};
use gloo_net::http::{Method, RequestBuilder};
use json::{FromJson, ToJson};
use model::Problem;
use model::api::IDEMPOTENCY_KEY;
use web_sys::AbortController;

use super::error::ApiError;
use super::retry::{ONCE, Retry, SAFE};
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
}

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
        }
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
            let error = match self.attempt().await {
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

    async fn attempt(&self) -> Result<String, ApiError> {
        let exchange = pin!(self.exchange());
        let timer = pin!(browser::sleep(self.timeout_ms));
        match select(exchange, timer).await {
            Either::Left((answer, _)) => answer,
            Either::Right(_) => Err(ApiError::TimedOut),
        }
    }

    async fn exchange(&self) -> Result<String, ApiError> {
        let abort = AbortOnDrop(AbortController::new().map_err(|_| ApiError::Network)?);
        let mut request = RequestBuilder::new(self.path)
            .method(self.method.clone())
            .header("accept", "application/json")
            .abort_signal(Some(&abort.0.signal()));
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
        let broken = || {
            if browser::online() {
                ApiError::Network
            } else {
                ApiError::Offline
            }
        };
        let response = sent.map_err(|_| broken())?;
        let text = response.text().await.map_err(|_| broken())?;
        if response.ok() {
            return Ok(text);
        }
        Err(match json::from_str::<Problem>(&text) {
            Some(problem) => ApiError::Problem(Box::new(problem)),
            None => ApiError::from_status(response.status()),
        })
    }
}
