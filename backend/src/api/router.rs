//! Routes of a replica, and the middleware around them.

use std::sync::Arc;

use axum::routing::{get, post};
use axum::{Extension, Router, middleware};
use model::api;
use utoipa::OpenApi;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::error::ApiError;
use super::openapi::{self, ApiDescription};
use super::staff::{dishes, orders as staff_orders, session, transitions};
use super::{
    ApiState, address_checks, credential, deadline, drills, events, health, menu, orders, quotes,
    responses, restaurant_searches, slots,
};

pub fn build_router(state: ApiState) -> Router {
    let (documented, description) = documented_routes().split_for_parts();
    let description = openapi::render(&description);
    documented
        .layer(Extension(Arc::new(menu::RenderedMenus::default())))
        .route(api::OPENAPI, get(async move || openapi::serve(description)))
        .merge(internal_routes())
        .fallback(async || ApiError::no_such_address())
        .method_not_allowed_fallback(async || ApiError::method_not_allowed())
        .layer(middleware::from_fn(deadline::enforce))
        .layer(middleware::from_fn_with_state(
            state.clone(),
            credential::require,
        ))
        // The outermost layer.
        .layer(middleware::from_fn_with_state(
            state.clone(),
            responses::finish,
        ))
        .with_state(state)
}

/// Routes of customers and staff, forwarded by front-end servers. Each path is declared at its handler, with the description.
fn documented_routes() -> OpenApiRouter<ApiState> {
    OpenApiRouter::with_openapi(ApiDescription::openapi())
        // Customers.
        .routes(routes!(address_checks::check))
        .routes(routes!(restaurant_searches::search))
        .routes(routes!(menu::show))
        .routes(routes!(slots::list))
        .routes(routes!(quotes::create))
        .routes(routes!(orders::place::place_order))
        .routes(routes!(orders::read::by_token))
        .routes(routes!(orders::cancel::cancel_order))
        .routes(routes!(orders::read::by_key))
        // Restaurants' staff.
        .routes(routes!(session::sign_in, session::show, session::sign_out))
        .routes(routes!(staff_orders::list_open))
        .routes(routes!(staff_orders::read))
        .routes(routes!(transitions::accept))
        .routes(routes!(transitions::reject))
        .routes(routes!(transitions::cancel))
        .routes(routes!(transitions::prepare))
        .routes(routes!(transitions::make_ready))
        .routes(routes!(transitions::send_out))
        .routes(routes!(transitions::complete))
        .routes(routes!(transitions::fail))
        .routes(routes!(dishes::list))
        .routes(routes!(dishes::set))
}

/// Routes of front-end servers themselves, and of the process supervisor.
fn internal_routes() -> Router<ApiState> {
    Router::new()
        .route(api::EVENTS, get(events::poll))
        .route(
            &format!("{}/{{token}}/events", api::INTERNAL_ORDERS),
            get(events::list_of_order),
        )
        .route(
            &format!("{}/{{slug}}/events", api::INTERNAL_RESTAURANTS),
            get(events::list_of_restaurant),
        )
        .route(api::DRILL_ORDERS, post(orders::place::place_drill_order))
        .route(
            &format!("{}/{{run}}", api::DRILL_ORDERS),
            get(drills::list_orders),
        )
        .route(api::FAULTS, post(drills::inject_fault))
        .route(api::HEALTH_LIVE, get(health::live))
        .route(api::HEALTH_READY, get(health::ready))
}
