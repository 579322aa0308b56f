//! Extractor for JSON bodies of a bounded size. Errors name the field and the position in the body.
//!
//! axum's `Json` and tower-http's body limit answer with plain text and without the field.

use axum::body::{self, Body};
use axum::extract::{FromRequest, Request};
use axum::http::HeaderMap;
use axum::http::header::CONTENT_TYPE;
use bytes::Bytes;
use http_body_util::LengthLimitError;
use model::problem::{Code, FieldError};
use serde::de::DeserializeOwned;

use super::error::ApiError;

/// Largest body that is read: ten times the largest basket of the client.
const MAX_BODY_BYTES: usize = 64 * 1024;

/// Body of a request: its bytes, and the value parsed from them.
pub(super) struct JsonBody<T> {
    pub(super) value: T,
    pub(super) text: Bytes,
}

impl<T: DeserializeOwned, S: Sync> FromRequest<S> for JsonBody<T> {
    type Rejection = ApiError;

    async fn from_request(request: Request, _state: &S) -> Result<Self, ApiError> {
        if !is_json(request.headers()) {
            return Err(ApiError::new(
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

async fn read(body: Body) -> Result<Bytes, ApiError> {
    body::to_bytes(body, MAX_BODY_BYTES).await.map_err(|error| {
        let too_large =
            std::error::Error::source(&error).is_some_and(|cause| cause.is::<LengthLimitError>());
        if too_large {
            return ApiError::new(
                Code::BodyTooLarge,
                "The request is too large",
                format!("At most {} KB are taken.", MAX_BODY_BYTES / 1024),
            );
        }
        // Front-end servers buffer requests before they send them. The connection to this replica broke, so the gateway may retry
        // on another replica.
        ApiError::new(
            Code::Unavailable,
            "The request broke off",
            "Nothing was done. Send it again.",
        )
    })
}

pub(super) fn parse<T: DeserializeOwned>(text: &[u8]) -> Result<T, ApiError> {
    let mut reader = serde_json::Deserializer::from_slice(text);
    let value = serde_path_to_error::deserialize(&mut reader).map_err(|error| {
        let field = error.path().to_string();
        malformed(&field, error.inner())
    })?;
    reader.end().map_err(|error| malformed(".", &error))?;
    Ok(value)
}

fn malformed(field: &str, error: &serde_json::Error) -> ApiError {
    let error_response = ApiError::new(
        Code::MalformedRequest,
        "The request cannot be understood",
        format!("Nothing was done. In its JSON: {error}."),
    );
    if field == "." {
        return error_response;
    }
    error_response.with_errors(vec![FieldError {
        field: field.replace('[', ".").replace(']', ""),
        message: error.to_string(),
    }])
}
