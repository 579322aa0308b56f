//! Classifies a request: whether it may be sent more than once, and whether its answer is expected promptly.

use http::{HeaderMap, Method};
use model::api;

/// Whether sending the request again cannot change anything twice: it only reads, or carries an idempotency key.
pub fn is_replayable(method: &Method, path: &str, headers: &HeaderMap) -> bool {
    *method == Method::GET
        || *method == Method::HEAD
        || (*method == Method::POST && (api::SAFE_POSTS.contains(&path) || is_cancellation(path)))
        || headers
            .get(api::IDEMPOTENCY_KEY)
            .and_then(|value| value.to_str().ok())
            .is_some_and(|header| api::idempotency_key(header).is_some())
}

/// Whether it is a customer's cancellation, which changes nothing when it is done again.
fn is_cancellation(path: &str) -> bool {
    path.strip_prefix(api::ORDERS)
        .is_some_and(|rest| rest.ends_with(api::CANCELLATION))
}

/// Whether the answer depends on nothing but the replica and its store. A request that contains a postcode may wait for geocoding
/// providers, whose latency must not count against the replica.
pub fn expects_prompt_answer(method: &Method, path: &str) -> bool {
    !(*method == Method::POST && api::SAFE_POSTS.contains(&path))
}

#[cfg(test)]
mod tests {
    use http::HeaderValue;

    use super::*;

    #[test]
    fn reading_and_keyed_requests_are_replayable_and_nothing_else() {
        let bare = HeaderMap::new();
        let mut keyed = HeaderMap::new();
        keyed.insert(
            api::IDEMPOTENCY_KEY,
            HeaderValue::from_static("5f0c3a52-8f0e-4d5c-9a53-1f1f7e2d9d11"),
        );
        let mut malformed = HeaderMap::new();
        malformed.insert(api::IDEMPOTENCY_KEY, HeaderValue::from_static("x"));
        assert!(is_replayable(&Method::GET, "/api/v1/orders/a", &bare));
        assert!(is_replayable(&Method::HEAD, "/api/v1/orders/a", &bare));
        assert!(is_replayable(&Method::POST, api::QUOTES, &bare));
        assert!(is_replayable(&Method::POST, api::ORDERS, &keyed));
        assert!(is_replayable(
            &Method::POST,
            "/api/v1/orders/0a1b/cancellation",
            &bare
        ));
        assert!(!is_replayable(
            &Method::POST,
            "/api/v1/staff/orders/0a1b/cancellation",
            &bare
        ));
        assert!(!is_replayable(&Method::POST, api::ORDERS, &bare));
        assert!(!is_replayable(&Method::POST, api::ORDERS, &malformed));
        assert!(!is_replayable(&Method::PUT, api::QUOTES, &bare));
        assert!(!is_replayable(&Method::DELETE, api::ORDERS, &bare));
    }
}
