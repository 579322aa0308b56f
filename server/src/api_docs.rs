//! The API's documentation: the OpenAPI description of what this server answers itself, and Swagger UI, which shows it and the
//! replicas' description.
//!
//! Swagger UI is compiled in: a browser loads nothing of it from elsewhere.

use std::sync::Arc;

use axum::Router;
use axum::extract::{Path, State};
use axum::response::{IntoResponse, Redirect, Response};
use axum::routing::get;
use bytes::Bytes;
use http::HeaderValue;
use http::header::{CACHE_CONTROL, CONTENT_ENCODING, CONTENT_SECURITY_POLICY, CONTENT_TYPE};
use model::api;
use model::openapi::finish;
use model::problem::Code;
use utoipa::openapi::security::{ApiKey, ApiKeyValue, HttpAuthScheme, HttpBuilder, SecurityScheme};
use utoipa::{Modify, OpenApi};
use utoipa_swagger_ui::{Config, Url};

use crate::http::problem::ProblemResponse;
use crate::status::operator;

/// The errors that any operation can end with.
const COMMON_ERRORS: [Code; 2] = [Code::MalformedRequest, Code::Forbidden];

/// The page's content security policy. Its scripts and styles are files of this server, but for one inline style of its logo; its
/// style sheet contains images as `data:`; it calls this server only.
const POLICY: HeaderValue = HeaderValue::from_static(
    "default-src 'none'; script-src 'self'; style-src 'self' 'sha256-RL3ie0nH+Lzz2YNqQN83mnU0J1ot4QL7b99vMdIX99w='; img-src 'self' data:; connect-src 'self'; \
     frame-ancestors 'none'; base-uri 'none'; form-action 'none'",
);
/// The files change only with this program.
const CACHE_ONE_HOUR: HeaderValue = HeaderValue::from_static("max-age=3600");

/// The description of what this server answers itself. The router adds the operations.
#[derive(OpenApi)]
#[openapi(
    info(
        title = "Tiffin: status and events",
        description = "The operations that a front-end server answers itself. Every error is a `Problem`; its `code` is named with its status."
    ),
    components(schemas(model::Problem)),
    modifiers(&SessionSchemes)
)]
pub struct ApiDescription;

struct SessionSchemes;

impl Modify for SessionSchemes {
    fn modify(&self, description: &mut utoipa::openapi::OpenApi) {
        let components = description.components.get_or_insert_default();
        for (name, cookie) in [
            ("operatorCookie", operator::COOKIE),
            ("staffCookie", api::STAFF_COOKIE),
        ] {
            let cookie = ApiKey::Cookie(ApiKeyValue::new(cookie));
            components.add_security_scheme(name, SecurityScheme::ApiKey(cookie));
        }
        let token = HttpBuilder::new().scheme(HttpAuthScheme::Bearer).build();
        components.add_security_scheme("staffToken", SecurityScheme::Http(token));
    }
}

/// Routes of the description and of Swagger UI.
pub fn routes(description: &utoipa::openapi::OpenApi) -> Router {
    let text = Bytes::from(finish(description, &COMMON_ERRORS).to_string());
    let config = Config::new([
        Url::new("Shop, orders and staff", api::OPENAPI),
        Url::new("Status and events", api::STATUS_OPENAPI),
    ])
    .validator_url("none");
    let page = Router::new()
        .route(api::DOCS, get(serve_index))
        .route(&format!("{}{{file}}", api::DOCS), get(serve_file))
        .with_state(Arc::new(config));
    Router::new()
        .route(
            api::STATUS_OPENAPI,
            get(async move || serve_description(text)),
        )
        .route(
            api::DOCS.trim_end_matches('/'),
            get(async || Redirect::permanent(api::DOCS)),
        )
        .merge(page)
}

fn serve_description(text: Bytes) -> Response {
    let headers = [
        (CONTENT_TYPE, "application/json"),
        (CACHE_CONTROL, "no-cache"),
    ];
    (headers, text).into_response()
}

async fn serve_index(config: State<Arc<Config<'static>>>) -> Response {
    serve_file(config, Path("index.html".to_owned())).await
}

async fn serve_file(
    State(config): State<Arc<Config<'static>>>,
    Path(name): Path<String>,
) -> Response {
    let Ok(Some(file)) = utoipa_swagger_ui::serve(&name, config) else {
        return ProblemResponse::not_found().into_response();
    };
    let headers = [
        (CONTENT_SECURITY_POLICY, POLICY),
        (CACHE_CONTROL, CACHE_ONE_HOUR),
    ];
    let kind = [(CONTENT_TYPE, file.content_type)];
    let mut response = (headers, kind, file.bytes.into_owned()).into_response();
    if file.gzpipped {
        response
            .headers_mut()
            .insert(CONTENT_ENCODING, HeaderValue::from_static("gzip"));
    }
    response
}
