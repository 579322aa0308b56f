//! Error responses: the one place where a [`Problem`] becomes bytes.

use axum::response::{IntoResponse, Response as AxumResponse};
use bytes::Bytes;
use http::header::{CACHE_CONTROL, CONTENT_TYPE, RETRY_AFTER};
use http::{HeaderValue, Response, StatusCode};
use model::Problem;
use model::problem::{self, Code};

use super::response_body::ResponseBody;

/// An error response that has not been serialised yet.
#[derive(Debug)]
pub struct ProblemResponse {
    pub problem: Box<Problem>,
    /// Seconds after which the client may try again.
    pub retry_after_s: Option<u32>,
}

impl ProblemResponse {
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

    pub fn method_not_allowed() -> Self {
        Self::new(
            Code::MethodNotAllowed,
            "This address does not take that method",
            "Check the method; docs/API.md lists all of them.",
        )
    }

    fn into_bytes(self) -> Response<Bytes> {
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

    /// For what runs below axum; axum's handlers return the value itself.
    pub fn into_http(self) -> Response<ResponseBody> {
        self.into_bytes().map(ResponseBody::Whole)
    }
}

impl IntoResponse for ProblemResponse {
    fn into_response(self) -> AxumResponse {
        self.into_bytes().map(axum::body::Body::from)
    }
}
