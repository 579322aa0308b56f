//! All routes of a replica, and what every request goes through.

use std::sync::Arc;

use axum::routing::{get, post};
use axum::{Extension, Router, middleware};
use model::api;
use utoipa::OpenApi;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::described::{self, Description};
use super::refusal::Refusal;
use super::staff::{dishes, orders as staff_orders, session, steps};
use super::{
    ApiState, address_checks, caller, deadline, drills, events, headers, health, menu, orders,
    quotes, restaurant_searches, slots,
};

pub fn router(state: ApiState) -> Router {
    let (described, description) = described().split_for_parts();
    let description = described::text(&description);
    described
        .layer(Extension(Arc::new(menu::Rendered::default())))
        .route(
            api::OPENAPI,
            get(async move || described::serve(description)),
        )
        .merge(for_front_end_servers())
        .fallback(async || Refusal::no_such_address())
        .method_not_allowed_fallback(async || Refusal::method_not_allowed())
        .layer(middleware::from_fn(deadline::is_kept))
        .layer(middleware::from_fn_with_state(
            state.clone(),
            caller::must_be_ours,
        ))
        // Last, and so around everything.
        .layer(middleware::from_fn_with_state(
            state.clone(),
            headers::on_every_answer,
        ))
        .with_state(state)
}

/// What front-end servers pass on. The addresses stand with the handlers, in what they say of themselves.
pub(super) fn described() -> OpenApiRouter<ApiState> {
    OpenApiRouter::with_openapi(Description::openapi())
        // For customers.
        .routes(routes!(address_checks::check))
        .routes(routes!(restaurant_searches::search))
        .routes(routes!(menu::show))
        .routes(routes!(slots::list))
        .routes(routes!(quotes::quote))
        .routes(routes!(orders::place::place))
        .routes(routes!(orders::read::by_token))
        .routes(routes!(orders::cancel::cancel))
        .routes(routes!(orders::read::by_key))
        // For restaurants' staff.
        .routes(routes!(session::sign_in, session::who, session::sign_out))
        .routes(routes!(staff_orders::open))
        .routes(routes!(staff_orders::one))
        .routes(routes!(steps::accept))
        .routes(routes!(steps::reject))
        .routes(routes!(steps::cancel))
        .routes(routes!(steps::prepare))
        .routes(routes!(steps::make_ready))
        .routes(routes!(steps::send_out))
        .routes(routes!(steps::complete))
        .routes(routes!(steps::fail))
        .routes(routes!(dishes::list))
        .routes(routes!(dishes::set))
}

/// For front-end servers themselves, and whoever supervises the process.
fn for_front_end_servers() -> Router<ApiState> {
    Router::new()
        .route(api::EVENTS, get(events::next))
        .route(
            &format!("{}/{{token}}/events", api::INTERNAL_ORDERS),
            get(events::of_order),
        )
        .route(
            &format!("{}/{{slug}}/events", api::INTERNAL_RESTAURANTS),
            get(events::of_restaurant),
        )
        .route(api::DRILL_ORDERS, post(orders::place::place_for_drill))
        .route(
            &format!("{}/{{run}}", api::DRILL_ORDERS),
            get(drills::orders),
        )
        .route(api::FAULTS, post(drills::strike))
        .route(api::HEALTH_LIVE, get(health::live))
        .route(api::HEALTH_READY, get(health::ready))
}
