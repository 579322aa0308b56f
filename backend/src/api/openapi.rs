//! OpenAPI description of the customers' and staff's API, and the parameters that several operations share.

use axum::http::header::{CACHE_CONTROL, CONTENT_TYPE};
use axum::response::{IntoResponse, Response};
use bytes::Bytes;
use model::api;
use model::openapi::finished;
use model::problem::Code;
use utoipa::openapi::security::{ApiKey, ApiKeyValue, HttpAuthScheme, HttpBuilder, SecurityScheme};
use utoipa::{IntoParams, Modify, OpenApi};

/// Error codes that every operation can answer, from the gateway or from a replica.
const COMMON_CODES: [Code; 7] = [
    Code::MalformedRequest,
    Code::Forbidden,
    Code::BodyTooLarge,
    Code::Internal,
    Code::ReplicaFailed,
    Code::Unavailable,
    Code::TimedOut,
];

/// Path parameter: a restaurant.
#[derive(IntoParams)]
#[into_params(parameter_in = Path)]
#[expect(dead_code, reason = "describes a parameter; the extractor reads it")]
pub(super) struct SlugParam {
    /// The restaurant's name in URLs.
    slug: String,
}

/// Path parameter: an order.
#[derive(IntoParams)]
#[into_params(parameter_in = Path)]
#[expect(dead_code, reason = "describes a parameter; the extractor reads it")]
pub(super) struct TokenParam {
    /// The order's token.
    token: String,
}

/// Header that makes a request repeatable.
#[derive(IntoParams)]
#[into_params(parameter_in = Header)]
#[expect(dead_code, reason = "describes a parameter; the extractor reads it")]
pub(super) struct IdempotencyKeyParam {
    /// New for each order or transition, the same when the request is repeated.
    #[param(
        rename = "Idempotency-Key",
        pattern = r#"^([A-Za-z0-9_-]{16,64}|"[A-Za-z0-9_-]{16,64}")$"#
    )]
    key: String,
}

/// The description without its operations, which the router adds.
#[derive(OpenApi)]
#[openapi(
    info(
        title = "Tiffin: shop, orders and staff",
        description = "Requests of customers and of restaurants' staff, answered by a replica. Every error is a `Problem`; the \
                       codes are listed by status."
    ),
    components(schemas(model::Problem)),
    modifiers(&SessionSchemes)
)]
pub(super) struct ApiDescription;

/// Adds the two ways of sending a staff session: cookie and bearer token.
struct SessionSchemes;

impl Modify for SessionSchemes {
    fn modify(&self, description: &mut utoipa::openapi::OpenApi) {
        let components = description.components.get_or_insert_default();
        let cookie = ApiKey::Cookie(ApiKeyValue::new(api::STAFF_COOKIE));
        components.add_security_scheme("staffCookie", SecurityScheme::ApiKey(cookie));
        let token = HttpBuilder::new().scheme(HttpAuthScheme::Bearer).build();
        components.add_security_scheme("staffToken", SecurityScheme::Http(token));
    }
}

/// Renders the complete description as JSON.
pub(super) fn render(description: &utoipa::openapi::OpenApi) -> Bytes {
    finished(description, &COMMON_CODES).to_string().into()
}

/// `GET /api/v1/openapi.json`
pub(super) fn serve(json: Bytes) -> Response {
    let headers = [
        (CONTENT_TYPE, "application/json"),
        (CACHE_CONTROL, "no-cache"),
    ];
    (headers, json).into_response()
}
