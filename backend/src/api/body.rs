//! Bodies: JSON, of a bounded size, of the expected shape; what is wrong with one is told with its place.

use axum::body::{self, Body};
use axum::extract::{FromRequest, Request};
use axum::http::HeaderMap;
use axum::http::header::CONTENT_TYPE;
use bytes::Bytes;
use http_body_util::LengthLimitError;
use model::problem::{Code, FieldError};
use serde::de::DeserializeOwned;

use super::refusal::Refusal;

/// The largest basket that the page can make is a tenth of it.
pub(super) const LIMIT_BYTES: usize = 64 * 1024;

/// A request's body, as it came and as it was understood.
pub(super) struct Json<T> {
    pub(super) value: T,
    pub(super) text: Bytes,
}

impl<T: DeserializeOwned, S: Sync> FromRequest<S> for Json<T> {
    type Rejection = Refusal;

    async fn from_request(request: Request, _state: &S) -> Result<Self, Refusal> {
        if !is_json(request.headers()) {
            return Err(Refusal::new(
                Code::UnsupportedMediaType,
                "The request is not JSON",
                "Send it with Content-Type: application/json.",
            ));
        }
        let text = read(request.into_body()).await?;
        let value = parse(&text)?;
        Ok(Self { value, text })
    }
}

fn is_json(headers: &HeaderMap) -> bool {
    let Some(Ok(declared)) = headers.get(CONTENT_TYPE).map(|value| value.to_str()) else {
        return false;
    };
    let kind = declared.split(';').next().unwrap_or_default().trim();
    kind.eq_ignore_ascii_case("application/json")
}

async fn read(body: Body) -> Result<Bytes, Refusal> {
    body::to_bytes(body, LIMIT_BYTES).await.map_err(|error| {
        let too_large =
            std::error::Error::source(&error).is_some_and(|cause| cause.is::<LengthLimitError>());
        if too_large {
            return Refusal::new(
                Code::BodyTooLarge,
                "The request is too large",
                format!("At most {} KB are taken.", LIMIT_BYTES / 1024),
            );
        }
        // Front-end servers have whole requests and send them whole: the way here broke, and another way may not.
        Refusal::new(
            Code::Unavailable,
            "The request broke off",
            "Nothing was done. Send it again.",
        )
    })
}

pub(super) fn parse<T: DeserializeOwned>(text: &[u8]) -> Result<T, Refusal> {
    let mut reader = serde_json::Deserializer::from_slice(text);
    let value = serde_path_to_error::deserialize(&mut reader).map_err(|error| {
        let field = error.path().to_string();
        malformed(&field, error.inner())
    })?;
    reader.end().map_err(|error| malformed(".", &error))?;
    Ok(value)
}

fn malformed(field: &str, error: &serde_json::Error) -> Refusal {
    let refusal = Refusal::new(
        Code::MalformedRequest,
        "The request cannot be understood",
        format!("Nothing was done. In its JSON: {error}."),
    );
    if field == "." {
        return refusal;
    }
    refusal.with_errors(vec![FieldError {
        field: field.replace('[', ".").replace(']', ""),
        message: error.to_string(),
    }])
}
