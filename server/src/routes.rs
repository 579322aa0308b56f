//! Routes each request: to the gateway, to this server's own API, or to the assets.
//!
//! Requests for replicas go straight to the gateway, below axum, whose extractors and boxed futures cost a tenth of the request rate.

use std::sync::Arc;

use axum::Router;
use axum::body::Body;
use axum::extract::{DefaultBodyLimit, Request as AxumRequest};
use axum::routing::{any, get};
use http::{Request, Response};
use model::api;
use tower::ServiceExt;
use utoipa::OpenApi;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use crate::api_docs::{self, ApiDescription};
use crate::assets::{self, Assets};
use crate::events::{self, EventHub};
use crate::gateway::Gateway;
use crate::http::cors::PageOrigin;
use crate::http::headers::set_security_headers;
use crate::http::json::MAX_JSON_BYTES;
use crate::http::listener::RequestHandler;
use crate::http::peer::Peer;
use crate::http::problem::ProblemResponse;
use crate::http::request_body::RequestBodyTimeout;
use crate::http::response_body::ResponseBody;
use crate::server_directory::ServerDirectory;
use crate::status::{self, Panel};

/// Prefix of the paths that pages call, and that `http::cors` therefore guards.
const API: &str = "/api/";
/// Prefix of the paths that replicas answer, apart from those below [`api::STATUS`], those that end in [`ORDER_EVENTS`], and the
/// staff's events.
const FORWARDED: &str = "/api/v1/";
const ORDER_EVENTS: &str = "/events";

pub struct Routes {
    gateway: Arc<Gateway>,
    servers: Arc<ServerDirectory>,
    /// What this server answers itself.
    own: Router,
}

impl Routes {
    pub fn new(
        gateway: Arc<Gateway>,
        panel: Arc<Panel>,
        hub: Arc<EventHub>,
        assets: Assets,
        servers: Arc<ServerDirectory>,
    ) -> Self {
        let metrics = Router::new()
            .route("/metrics", get(status::metrics::read_metrics))
            .with_state(Arc::clone(&panel));
        let (described, description) = described_routes(panel, hub).split_for_parts();
        let app = Router::new()
            .route(api::HEALTH_LIVE, get(|| async { "ok\n" }))
            .route("/api", any(not_found))
            .route("/api/", any(not_found))
            .route("/api/{*rest}", any(not_found))
            .fallback(assets::serve)
            .with_state(assets);
        let own = described
            .merge(api_docs::routes(&description))
            .merge(metrics)
            .method_not_allowed_fallback(method_not_allowed)
            .merge(app);
        Self {
            gateway,
            servers,
            own,
        }
    }

    async fn handle_api(
        &self,
        peer: &Peer,
        request: Request<RequestBodyTimeout>,
    ) -> Response<ResponseBody> {
        let page = PageOrigin::of(&request, &self.servers);
        let mut response = if let Some(response) = page.intercept(&request) {
            response
        } else if is_forwarded(request.uri().path()) {
            self.gateway.handle(peer, request).await
        } else {
            self.handle_own(peer, request).await
        };
        page.set_headers(response.headers_mut());
        response
    }

    async fn handle_own(
        &self,
        peer: &Peer,
        request: Request<RequestBodyTimeout>,
    ) -> Response<ResponseBody> {
        let mut request: AxumRequest = request.map(Body::new);
        request.extensions_mut().insert(peer.clone());
        match self.own.clone().oneshot(request).await {
            Ok(response) => response.map(ResponseBody::Boxed),
            Err(never) => match never {},
        }
    }
}

impl RequestHandler for Routes {
    async fn handle(
        &self,
        peer: &Peer,
        request: Request<RequestBodyTimeout>,
    ) -> Response<ResponseBody> {
        let mut response = if request.uri().path().starts_with(API) {
            self.handle_api(peer, request).await
        } else {
            self.handle_own(peer, request).await
        };
        set_security_headers(response.headers_mut());
        response
    }
}

/// The routes that the API's description lists. Their paths stand at the handlers, in `utoipa::path`.
fn described_routes(panel: Arc<Panel>, hub: Arc<EventHub>) -> OpenApiRouter {
    let status = OpenApiRouter::with_openapi(ApiDescription::openapi())
        .routes(routes!(status::read::status))
        .routes(routes!(status::follow::follow_status))
        .routes(routes!(status::session::sign_in, status::session::sign_out))
        .routes(routes!(status::read::servers))
        .routes(routes!(status::admin_state::change))
        .routes(routes!(status::drills::start))
        .routes(routes!(status::drills::current, status::drills::cancel))
        .layer(DefaultBodyLimit::max(MAX_JSON_BYTES))
        .with_state(panel);
    let events = OpenApiRouter::new()
        .routes(routes!(events::order::follow))
        .routes(routes!(events::staff::follow))
        .with_state(hub);
    status.merge(events)
}

fn is_forwarded(path: &str) -> bool {
    path.starts_with(FORWARDED)
        && path
            .strip_prefix(api::STATUS)
            .is_none_or(|rest| !rest.is_empty() && !rest.starts_with('/'))
        && !(path.starts_with(api::ORDERS) && path.ends_with(ORDER_EVENTS))
        && path != api::STAFF_EVENTS
}

async fn not_found() -> ProblemResponse {
    ProblemResponse::not_found()
}

async fn method_not_allowed() -> ProblemResponse {
    ProblemResponse::method_not_allowed()
}

#[cfg(test)]
mod tests {
    use super::is_forwarded;

    #[test]
    fn only_the_replicas_part_of_the_api_is_forwarded() {
        assert!(is_forwarded("/api/v1/orders"));
        assert!(is_forwarded("/api/v1/statuses"));
        assert!(is_forwarded("/api/v1/orders/0a1b"));
        for own in [
            "/",
            "/status",
            "/api",
            "/api/v2/orders",
            "/api/v1/status",
            "/api/v1/status/",
            "/api/v1/status/live",
            "/api/v1/orders/0a1b/events",
            "/api/v1/staff/events",
            "/health/ready",
            "/internal/v1/drill-orders",
            "/internal/v1/faults",
            "/api/v1/status/drills",
        ] {
            assert!(!is_forwarded(own), "{own}");
        }
    }
}
