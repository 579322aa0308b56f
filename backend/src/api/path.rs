//! The one variable part of an address.

use axum::extract::{FromRequestParts, Path};
use axum::http::request::Parts;

use super::refusal::Refusal;

/// A slug, a token or a key. One that is no text names nothing.
pub(super) struct Name(pub(super) String);

impl<S: Send + Sync> FromRequestParts<S> for Name {
    type Rejection = Refusal;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Refusal> {
        Path::from_request_parts(parts, state)
            .await
            .map(|Path(name)| Self(name))
            .map_err(|_| Refusal::no_such_address())
    }
}
