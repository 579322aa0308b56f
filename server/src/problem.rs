//! Answers with a [`Problem`]: the one place where one becomes bytes.

use axum::response::{IntoResponse, Response as AxumResponse};
use bytes::Bytes;
use http::header::{CACHE_CONTROL, CONTENT_TYPE, RETRY_AFTER};
use http::{HeaderValue, Response, StatusCode};
use model::Problem;
use model::problem::{self, Code};

use crate::body::ServedBody;

/// A problem on its way out, with the seconds after which a client may try again.
#[derive(Debug)]
pub struct Refusal {
    pub problem: Box<Problem>,
    pub retry_after_s: Option<u32>,
}

impl Refusal {
    pub fn new(code: Code, title: &str, detail: &str) -> Self {
        Self {
            problem: Box::new(Problem::new(code, title, detail)),
            retry_after_s: None,
        }
    }

    pub fn retry_after_s(mut self, seconds: u32) -> Self {
        self.retry_after_s = Some(seconds);
        self
    }

    pub fn not_found() -> Self {
        Self::new(
            Code::NotFound,
            "There is nothing at this address",
            "Check the address; docs/API.md lists all of them.",
        )
    }

    pub fn wrong_method() -> Self {
        Self::new(
            Code::MethodNotAllowed,
            "This address does not take that method",
            "Check the method; docs/API.md lists all of them.",
        )
    }

    pub fn unreadable() -> Self {
        Self::new(
            Code::Internal,
            "The answer of a replica cannot be read",
            "This is a fault of ours. Try again.",
        )
    }

    fn bytes(self) -> Response<Bytes> {
        let body = serde_json::to_vec(&self.problem).unwrap_or_default();
        let mut response = Response::new(Bytes::from(body));
        *response.status_mut() =
            StatusCode::from_u16(self.problem.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        let headers = response.headers_mut();
        headers.insert(
            CONTENT_TYPE,
            HeaderValue::from_static(problem::CONTENT_TYPE),
        );
        headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
        if let Some(seconds) = self.retry_after_s {
            headers.insert(RETRY_AFTER, HeaderValue::from(seconds));
        }
        response
    }

    pub fn served(self) -> Response<ServedBody> {
        self.bytes().map(ServedBody::Whole)
    }
}

impl IntoResponse for Refusal {
    fn into_response(self) -> AxumResponse {
        self.bytes().map(axum::body::Body::from)
    }
}
