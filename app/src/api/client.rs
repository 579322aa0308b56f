//! One request: sent, timed, repeated where that is safe, and its answer told apart. Must not know what is asked for.

use std::pin::pin;

use futures_util::future::{Either, select};
use json::{FromJson, ToJson};
use leptos::prelude::window;
use model::Problem;
use model::api::IDEMPOTENCY_KEY;
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::JsFuture;
use web_sys::{AbortController, AbortSignal, Headers, RequestInit, Response};

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

/// What is asked for.
#[derive(Clone, Copy)]
pub(super) enum Method {
    Get,
    Post,
    Put,
    Delete,
}

impl Method {
    fn name(self) -> &'static str {
        match self {
            Self::Get => "GET",
            Self::Post => "POST",
            Self::Put => "PUT",
            Self::Delete => "DELETE",
        }
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
        Self::new(Method::Get, path, SAFE)
    }

    /// A `POST` that changes nothing.
    pub(super) fn ask(path: &'a str, question: &impl ToJson) -> Self {
        Self::new(Method::Post, path, SAFE).json(question)
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
        let broken = || {
            if browser::online() {
                ApiError::Network
            } else {
                ApiError::Offline
            }
        };
        let (status, text) = self
            .fetch(&abort.0.signal())
            .await
            .map_err(|_: JsValue| broken())?;
        if (200..300).contains(&status) {
            return Ok(text);
        }
        Err(match json::from_str::<Problem>(&text) {
            Some(problem) => ApiError::Problem(Box::new(problem)),
            None => ApiError::from_status(status),
        })
    }

    /// The answer's status and body.
    async fn fetch(&self, signal: &AbortSignal) -> Result<(u16, String), JsValue> {
        let headers = Headers::new()?;
        headers.set("accept", "application/json")?;
        if let Some(key) = self.key {
            headers.set(IDEMPOTENCY_KEY, key)?;
        }
        let request = RequestInit::new();
        if let Some(body) = &self.body {
            headers.set("content-type", "application/json")?;
            request.set_body(&body.as_str().into());
        }
        request.set_method(self.method.name());
        request.set_headers(&headers);
        request.set_signal(Some(signal));
        let response = window().fetch_with_str_and_init(self.path, &request);
        let response: Response = JsFuture::from(response).await?.unchecked_into();
        let text = JsFuture::from(response.text()?).await?;
        Ok((response.status(), text.as_string().unwrap_or_default()))
    }
}
