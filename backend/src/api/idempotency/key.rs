//! The `Idempotency-Key` header (draft-ietf-httpapi-idempotency-key-header-07).

use axum::extract::FromRequestParts;
use axum::http::request::Parts;
use model::api;
use model::problem::Code;

use crate::api::error::ApiError;

/// Extractor for a key that was sent once and is well-formed.
pub(in crate::api) struct IdempotencyKey(pub(in crate::api) String);

impl<S: Sync> FromRequestParts<S> for IdempotencyKey {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, _state: &S) -> Result<Self, ApiError> {
        let mut sent = parts.headers.get_all(api::IDEMPOTENCY_KEY).iter();
        let key = match (sent.next(), sent.next()) {
            (Some(only), None) => only.to_str().ok().and_then(api::idempotency_key),
            _ => None,
        };
        key.map(|key| Self(key.to_owned())).ok_or_else(|| {
            ApiError::new(
                Code::IdempotencyKeyRequired,
                "The request has no usable Idempotency-Key",
                "Send one Idempotency-Key of 16 to 64 letters, digits, hyphens or underscores, \
                 made anew for each order or step and kept when it is sent again.",
            )
        })
    }
}
