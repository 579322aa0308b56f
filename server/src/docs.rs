//! What the API is, for people and programs: the description of what this server answers itself, and a page that shows it and the
//! replicas' own, and tries requests out.
//!
//! The page is Swagger UI, which is part of this program: a browser gets nothing of it from elsewhere.

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

use crate::problem::Refusal;
use crate::status::session;

/// What any request can come to.
const ALWAYS: [Code; 2] = [Code::MalformedRequest, Code::Forbidden];

/// Its scripts and styles are files of ours, but for the one style that its logo contains; it draws with pictures that its style
/// sheet contains, and asks this server alone.
const POLICY: HeaderValue = HeaderValue::from_static(
    "default-src 'none'; script-src 'self'; style-src 'self' 'sha256-RL3ie0nH+Lzz2YNqQN83mnU0J1ot4QL7b99vMdIX99w='; img-src 'self' data:; connect-src 'self'; \
     frame-ancestors 'none'; base-uri 'none'; form-action 'none'",
);
/// They change with this program alone.
const FOR_AN_HOUR: HeaderValue = HeaderValue::from_static("max-age=3600");

/// What this server answers itself. The operations come from the router.
#[derive(OpenApi)]
#[openapi(
    info(
        title = "Tiffin: status and news",
        description = "What a front-end server answers itself. Every error is a `Problem`; its `code` is named with its status."
    ),
    components(schemas(model::Problem)),
    modifiers(&Sessions)
)]
pub struct Description;

struct Sessions;

impl Modify for Sessions {
    fn modify(&self, description: &mut utoipa::openapi::OpenApi) {
        let components = description.components.get_or_insert_default();
        for (name, cookie) in [
            ("operatorCookie", session::COOKIE),
            ("staffCookie", api::STAFF_COOKIE),
        ] {
            let cookie = ApiKey::Cookie(ApiKeyValue::new(cookie));
            components.add_security_scheme(name, SecurityScheme::ApiKey(cookie));
        }
        let token = HttpBuilder::new().scheme(HttpAuthScheme::Bearer).build();
        components.add_security_scheme("staffToken", SecurityScheme::Http(token));
    }
}

/// The description that is served, and the page.
pub fn routes(description: &utoipa::openapi::OpenApi) -> Router {
    let text = Bytes::from(finish(description, &ALWAYS).to_string());
    let config = Config::new([
        Url::new("Shop, orders and staff", api::OPENAPI),
        Url::new("Status and news", api::STATUS_OPENAPI),
    ])
    .validator_url("none");
    let page = Router::new()
        .route(api::DOCS, get(index))
        .route(&format!("{}{{file}}", api::DOCS), get(file))
        .with_state(Arc::new(config));
    Router::new()
        .route(api::STATUS_OPENAPI, get(async move || described(text)))
        .route(
            api::DOCS.trim_end_matches('/'),
            get(async || Redirect::permanent(api::DOCS)),
        )
        .merge(page)
}

fn described(text: Bytes) -> Response {
    let headers = [
        (CONTENT_TYPE, "application/json"),
        (CACHE_CONTROL, "no-cache"),
    ];
    (headers, text).into_response()
}

async fn index(config: State<Arc<Config<'static>>>) -> Response {
    file(config, Path("index.html".to_owned())).await
}

async fn file(State(config): State<Arc<Config<'static>>>, Path(name): Path<String>) -> Response {
    let Ok(Some(file)) = utoipa_swagger_ui::serve(&name, config) else {
        return Refusal::not_found().into_response();
    };
    let headers = [
        (CONTENT_SECURITY_POLICY, POLICY),
        (CACHE_CONTROL, FOR_AN_HOUR),
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
