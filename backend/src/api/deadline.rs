//! Deadline of a request, sent by the front-end server as its remaining time: work whose caller has stopped waiting is dropped.
//!
//! tower-http's timeout layer has one duration for all requests and an empty response.

use std::time::Duration;

use axum::extract::Request;
use axum::http::HeaderMap;
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use model::api;
use model::problem::Code;

use super::error::ApiError;

/// Answers 504 and drops the work when the deadline has passed. A write that has reached the store may still be committed, as when a
/// connection breaks.
pub(super) async fn enforce(request: Request, next: Next) -> Response {
    let Some(remaining) = remaining_time(request.headers()) else {
        return next.run(request).await;
    };
    match tokio::time::timeout(remaining, next.run(request)).await {
        Ok(response) => response,
        Err(_) => ApiError::new(
            Code::TimedOut,
            "There was no answer in time",
            "It is not known whether the request was carried out. Sending it again with the same key is safe.",
        )
        .into_response(),
    }
}

/// Reads the header; a value that is not a number is ignored.
fn remaining_time(headers: &HeaderMap) -> Option<Duration> {
    let remaining_ms = headers.get(api::DEADLINE)?.to_str().ok()?.parse().ok()?;
    Some(Duration::from_millis(remaining_ms))
}

#[cfg(test)]
mod tests {
    use axum::Router;
    use axum::body::Body;
    use axum::http::StatusCode;
    use axum::middleware;
    use axum::routing::get;
    use tower::ServiceExt;

    use super::*;

    async fn status(path: &str, deadline: &str) -> StatusCode {
        let router = Router::new()
            .route("/quick", get(async || "done"))
            .route("/never", get(std::future::pending::<&'static str>))
            .layer(middleware::from_fn(enforce));
        let request = Request::get(path)
            .header(api::DEADLINE, deadline)
            .body(Body::empty())
            .unwrap();
        router.oneshot(request).await.unwrap().status()
    }

    #[tokio::test(start_paused = true)]
    async fn work_is_dropped_when_its_deadline_has_passed() {
        assert_eq!(status("/never", "250").await, StatusCode::GATEWAY_TIMEOUT);
        assert_eq!(status("/quick", "250").await, StatusCode::OK);
    }

    #[tokio::test]
    async fn a_value_that_is_not_a_number_is_ignored() {
        for deadline in ["", "soon", "-1", "1e3"] {
            assert_eq!(status("/quick", deadline).await, StatusCode::OK);
        }
    }
}
