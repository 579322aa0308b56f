//! JSON request bodies of this server's own API: axum's `Json` with its rejections as problems.

use axum::Json;
use axum::extract::rejection::{BytesRejection, FailedToBufferBody, JsonRejection};
use axum::extract::{FromRequest, Request};
use model::problem::Code;
use serde::de::DeserializeOwned;

use super::problem::ProblemResponse;

/// Largest body that [`JsonBody`] reads, in bytes: a password or the plan of a drill. The router sets it as axum's body limit.
pub const MAX_JSON_BYTES: usize = 4 * 1024;

/// Extracts a JSON body, or answers 400, 413 or 415 with a problem.
pub struct JsonBody<T>(pub T);

impl<T, S> FromRequest<S> for JsonBody<T>
where
    T: DeserializeOwned,
    S: Send + Sync,
{
    type Rejection = ProblemResponse;

    async fn from_request(request: Request, state: &S) -> Result<Self, ProblemResponse> {
        match Json::from_request(request, state).await {
            Ok(Json(value)) => Ok(Self(value)),
            Err(rejection) => Err(problem_of(&rejection)),
        }
    }
}

fn problem_of(rejection: &JsonRejection) -> ProblemResponse {
    match rejection {
        JsonRejection::MissingJsonContentType(_) => ProblemResponse::new(
            Code::UnsupportedMediaType,
            "The request is not JSON",
            "Send it with Content-Type: application/json.",
        ),
        JsonRejection::BytesRejection(BytesRejection::FailedToBufferBody(
            FailedToBufferBody::LengthLimitError(_),
        )) => ProblemResponse::new(
            Code::BodyTooLarge,
            "The request is too large",
            "At most 4 KB are taken here. Nothing was changed.",
        ),
        _ => ProblemResponse::new(
            Code::MalformedRequest,
            "The request cannot be read",
            "Its body is missing, did not arrive whole or is not of the expected shape. Nothing was changed.",
        ),
    }
}
