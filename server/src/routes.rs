//! Who answers what: the gateway, the status API or the assets.
//!
//! Requests for replicas go straight to the gateway, below axum: its extractors and boxed futures cost a tenth of the rate.

use std::sync::Arc;

use axum::Router;
use axum::body::Body;
use axum::extract::Request as AxumRequest;
use axum::routing::{any, get};
use http::{Request, Response};
use model::api;
use tower::ServiceExt;
use utoipa::OpenApi;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use crate::assets::{self, Assets};
use crate::body::ServedBody;
use crate::client_body::ClientBody;
use crate::cors::Page;
use crate::docs::{self, Description};
use crate::feed::{self, Feed};
use crate::gateway::{Gateway, Peer};
use crate::headers;
use crate::metrics;
use crate::problem::Refusal;
use crate::servers::Servers;
use crate::status::{self, Panel};

/// Below it is what pages call; whose pages may, `cors` says.
const API: &str = "/api/";
/// Addresses that replicas answer, apart from those below [`api::STATUS`], an order's [`NEWS`] and the staff's.
const FORWARDED: &str = "/api/v1/";
const NEWS: &str = "/events";

pub struct Routes {
    gateway: Arc<Gateway>,
    servers: Arc<Servers>,
    own: Router,
}

impl Routes {
    pub fn new(
        gateway: Arc<Gateway>,
        panel: Arc<Panel>,
        feed: Arc<Feed>,
        assets: Assets,
        servers: Arc<Servers>,
    ) -> Self {
        let metrics = Router::new()
            .route("/metrics", get(metrics::read))
            .with_state(Arc::clone(&panel));
        let (described, description) = described(panel, feed).split_for_parts();
        let app = Router::new()
            .route(api::HEALTH_LIVE, get(|| async { "ok\n" }))
            .route("/api", any(unknown))
            .route("/api/", any(unknown))
            .route("/api/{*rest}", any(unknown))
            .fallback(assets::serve)
            .with_state(assets);
        let own = described
            .merge(docs::routes(&description))
            .merge(metrics)
            .method_not_allowed_fallback(wrong_method)
            .merge(app);
        Self {
            gateway,
            servers,
            own,
        }
    }

    pub async fn answer(&self, peer: &Peer, request: Request<ClientBody>) -> Response<ServedBody> {
        let mut response = if request.uri().path().starts_with(API) {
            self.answer_page(peer, request).await
        } else {
            self.answer_itself(peer, request).await
        };
        headers::protect(response.headers_mut());
        response
    }

    async fn answer_page(&self, peer: &Peer, request: Request<ClientBody>) -> Response<ServedBody> {
        let page = Page::of(&request, &self.servers);
        let mut response = if let Some(answer) = page.answer(&request) {
            answer
        } else if is_forwarded(request.uri().path()) {
            self.gateway.handle(peer, request).await
        } else {
            self.answer_itself(peer, request).await
        };
        page.told(response.headers_mut());
        response
    }

    async fn answer_itself(
        &self,
        peer: &Peer,
        request: Request<ClientBody>,
    ) -> Response<ServedBody> {
        let mut request: AxumRequest = request.map(Body::new);
        request.extensions_mut().insert(peer.clone());
        match self.own.clone().oneshot(request).await {
            Ok(response) => response.map(ServedBody::Axum),
            Err(never) => match never {},
        }
    }
}

/// What this server answers itself. The addresses stand with the handlers, in what they say of themselves.
fn described(panel: Arc<Panel>, feed: Arc<Feed>) -> OpenApiRouter {
    let status = OpenApiRouter::with_openapi(Description::openapi())
        .routes(routes!(status::read))
        .routes(routes!(status::live::follow))
        .routes(routes!(status::session::sign_in, status::session::sign_out))
        .routes(routes!(status::servers))
        .routes(routes!(status::admin_state::change))
        .routes(routes!(status::drills::start))
        .routes(routes!(status::drills::current, status::drills::cancel))
        .with_state(panel);
    let news = OpenApiRouter::new()
        .routes(routes!(feed::order::follow))
        .routes(routes!(feed::kitchen::follow))
        .with_state(feed);
    status.merge(news)
}

fn is_forwarded(path: &str) -> bool {
    path.starts_with(FORWARDED)
        && path
            .strip_prefix(api::STATUS)
            .is_none_or(|rest| !rest.is_empty() && !rest.starts_with('/'))
        && !(path.starts_with(api::ORDERS) && path.ends_with(NEWS))
        && path != api::STAFF_EVENTS
}

async fn unknown() -> Refusal {
    Refusal::not_found()
}

async fn wrong_method() -> Refusal {
    Refusal::wrong_method()
}

#[cfg(test)]
mod tests {
    use super::is_forwarded;

    #[test]
    fn replicas_answer_the_api_and_this_server_the_rest() {
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
