//! What several operations ask for, in words for the API's description, and the description as a whole.

use axum::http::header::{CACHE_CONTROL, CONTENT_TYPE};
use axum::response::{IntoResponse, Response};
use bytes::Bytes;
use model::api;
use model::openapi::finish;
use model::problem::Code;
use utoipa::openapi::security::{ApiKey, ApiKeyValue, HttpAuthScheme, HttpBuilder, SecurityScheme};
use utoipa::{IntoParams, Modify, OpenApi};

/// What any request can come to, on its way here and here.
const ALWAYS: [Code; 7] = [
    Code::MalformedRequest,
    Code::Forbidden,
    Code::BodyTooLarge,
    Code::Internal,
    Code::ReplicaFailed,
    Code::Unavailable,
    Code::TimedOut,
];

/// Of a restaurant.
#[derive(IntoParams)]
#[into_params(parameter_in = Path)]
#[expect(dead_code, reason = "describes")]
pub(super) struct Slug {
    /// The restaurant's name in addresses.
    slug: String,
}

/// Of an order.
#[derive(IntoParams)]
#[into_params(parameter_in = Path)]
#[expect(dead_code, reason = "describes")]
pub(super) struct Token {
    /// The order's token.
    token: String,
}

/// What lets a request be sent again.
#[derive(IntoParams)]
#[into_params(parameter_in = Header)]
#[expect(dead_code, reason = "describes")]
pub(super) struct Keyed {
    /// Made anew for each order or step, and kept when it is sent again.
    #[param(
        rename = "Idempotency-Key",
        pattern = r#"^([A-Za-z0-9_-]{16,64}|"[A-Za-z0-9_-]{16,64}")$"#
    )]
    key: String,
}

/// What a replica answers to customers and staff. The operations come from the router.
#[derive(OpenApi)]
#[openapi(
    info(
        title = "Tiffin: shop, orders and staff",
        description = "What customers and restaurants ask for, answered by a replica. Every error is a `Problem`; its `code` is \
                       named with its status."
    ),
    components(schemas(model::Problem)),
    modifiers(&Sessions)
)]
pub(super) struct Description;

struct Sessions;

impl Modify for Sessions {
    fn modify(&self, description: &mut utoipa::openapi::OpenApi) {
        let components = description.components.get_or_insert_default();
        let cookie = ApiKey::Cookie(ApiKeyValue::new(api::STAFF_COOKIE));
        components.add_security_scheme("staffCookie", SecurityScheme::ApiKey(cookie));
        let token = HttpBuilder::new().scheme(HttpAuthScheme::Bearer).build();
        components.add_security_scheme("staffToken", SecurityScheme::Http(token));
    }
}

/// The text that is served.
pub(super) fn text(description: &utoipa::openapi::OpenApi) -> Bytes {
    finish(description, &ALWAYS).to_string().into()
}

/// `GET /api/v1/openapi.json`
pub(super) fn serve(text: Bytes) -> Response {
    let headers = [
        (CONTENT_TYPE, "application/json"),
        (CACHE_CONTROL, "no-cache"),
    ];
    (headers, text).into_response()
}
