//! All routes of a replica, and what every request goes through.

use std::sync::Arc;

use axum::Router;
use axum::middleware;
use axum::routing::{get, post, put};
use model::api;

use super::refusal::Refusal;
use super::staff::steps::{self, Plain};
use super::staff::{self, dishes, session};
use super::{
    ApiState, address_checks, caller, deadline, drills, events, headers, health, menu, orders,
    quotes, restaurant_searches, slots,
};

pub fn router(state: ApiState) -> Router {
    let menus = Arc::new(menu::Rendered::default());
    Router::new()
        // For customers, through a front-end server.
        .route(api::ADDRESS_CHECKS, post(address_checks::check))
        .route(api::RESTAURANT_SEARCHES, post(restaurant_searches::search))
        .route(
            &format!("{}/{{slug}}/menu", api::RESTAURANTS),
            get(move |state, slug, headers| menu::show(menus, state, slug, headers)),
        )
        .route(
            &format!("{}/{{slug}}/slots", api::RESTAURANTS),
            get(slots::list),
        )
        .route(api::QUOTES, post(quotes::quote))
        .route(api::ORDERS, post(orders::place::place))
        .route(
            &format!("{}/{{token}}", api::ORDERS),
            get(orders::read::by_token),
        )
        .route(
            &format!("{}/{{token}}{}", api::ORDERS, api::CANCELLATION),
            post(orders::cancel::cancel),
        )
        .route(
            &format!("{}/{{key}}", api::ORDERS_BY_KEY),
            get(orders::read::by_key),
        )
        .merge(for_staff())
        .route(api::EVENTS, get(events::next))
        .route(
            &format!("{}/{{token}}/events", api::INTERNAL_ORDERS),
            get(events::of_order),
        )
        .route(api::DRILL_ORDERS, post(orders::place::place_for_drill))
        .route(
            &format!("{}/{{run}}", api::DRILL_ORDERS),
            get(drills::orders),
        )
        .route(api::FAULTS, post(drills::strike))
        // For front-end servers and whoever supervises the process.
        .route(api::HEALTH_LIVE, get(health::live))
        .route(api::HEALTH_READY, get(health::ready))
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

/// For restaurants' staff, through a front-end server.
fn for_staff() -> Router<ApiState> {
    let one = format!("{}/{{token}}", api::STAFF_ORDERS);
    let plain = |name: &str, step: Plain| {
        let path = format!("{one}/{name}");
        Router::new().route(
            &path,
            post(move |state, staff, token, key, body| {
                steps::plain(step, state, staff, token, key, body)
            }),
        )
    };
    Router::new()
        .route(
            api::STAFF_SESSION,
            post(session::sign_in)
                .get(session::who)
                .delete(session::sign_out),
        )
        .route(api::STAFF_DISHES, get(dishes::list))
        .route(&format!("{}/{{dish}}", api::STAFF_DISHES), put(dishes::set))
        .route(api::STAFF_ORDERS, get(staff::orders::open))
        .route(&one, get(staff::orders::one))
        .route(&format!("{one}/acceptance"), post(steps::accept))
        .route(&format!("{one}/rejection"), post(steps::reject))
        .route(&format!("{one}/cancellation"), post(steps::cancel))
        .merge(plain("preparation", Plain::Prepare))
        .merge(plain("readiness", Plain::MakeReady))
        .merge(plain("departure", Plain::SendOut))
        .merge(plain("completion", Plain::Complete))
        .merge(plain("failure", Plain::Fail))
}
