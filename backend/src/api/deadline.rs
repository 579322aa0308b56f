//! The deadline that a front-end server sends with a request: when nobody waits for the answer any more, the work is dropped.

use std::time::Duration;

use axum::extract::Request;
use axum::http::HeaderMap;
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use model::api;
use model::problem::Code;

use super::refusal::Refusal;

/// Drops the work at the deadline. What had reached the store by then may be done all the same, as whenever a connection breaks.
pub(super) async fn is_kept(request: Request, next: Next) -> Response {
    let Some(left) = left(request.headers()) else {
        return next.run(request).await;
    };
    match tokio::time::timeout(left, next.run(request)).await {
        Ok(response) => response,
        Err(_) => Refusal::new(
            Code::TimedOut,
            "There was no answer in time",
            "It is not known whether the request was carried out. Sending it again with the same key is safe.",
        )
        .into_response(),
    }
}

/// Anything that is no number is no deadline.
fn left(headers: &HeaderMap) -> Option<Duration> {
    let left_ms = headers.get(api::DEADLINE)?.to_str().ok()?.parse().ok()?;
    Some(Duration::from_millis(left_ms))
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
            .layer(middleware::from_fn(is_kept));
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
    async fn what_is_no_number_is_no_deadline() {
        for deadline in ["", "soon", "-1", "1e3"] {
            assert_eq!(status("/quick", deadline).await, StatusCode::OK);
        }
    }
}
