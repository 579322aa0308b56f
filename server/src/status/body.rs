//! Small JSON bodies, read with an eye on size and time; what is wrong with one is told as a problem.

use std::error::Error;
use std::time::Duration;

use axum::body::to_bytes;
use axum::extract::Request;
use http::header::CONTENT_TYPE;
use http_body_util::LengthLimitError;
use model::problem::Code;
use serde::de::DeserializeOwned;

use crate::problem::Refusal;

const LARGEST_BYTES: usize = 4 * 1024;
const PATIENCE: Duration = Duration::from_secs(10);

pub async fn json<T: DeserializeOwned>(request: Request) -> Result<T, Refusal> {
    let is_json = request
        .headers()
        .get(CONTENT_TYPE)
        .and_then(|value| value.to_str().ok())
        .and_then(|value| value.split(';').next())
        .is_some_and(|kind| kind.trim().eq_ignore_ascii_case("application/json"));
    if !is_json {
        return Err(Refusal::new(
            Code::UnsupportedMediaType,
            "The request is not JSON",
            "Send it with Content-Type: application/json.",
        ));
    }
    let read = tokio::time::timeout(PATIENCE, to_bytes(request.into_body(), LARGEST_BYTES));
    let bytes = match read.await {
        Ok(Ok(bytes)) => bytes,
        Ok(Err(error))
            if error
                .source()
                .is_some_and(|cause| cause.is::<LengthLimitError>()) =>
        {
            return Err(Refusal::new(
                Code::BodyTooLarge,
                "The request is too large",
                "At most 4 KB are taken here. Nothing was changed.",
            ));
        }
        Ok(Err(_)) | Err(_) => return Err(malformed()),
    };
    serde_json::from_slice(&bytes).map_err(|_| malformed())
}

fn malformed() -> Refusal {
    Refusal::new(
        Code::MalformedRequest,
        "The request cannot be read",
        "Its body is missing, did not arrive whole or is not of the expected shape. Nothing was changed.",
    )
}
