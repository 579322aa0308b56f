//! The roots of the programs: contexts that outlive a page, and the router.

use leptos::mount::mount_to;
use leptos::prelude::*;
use leptos_router::components::{FlatRoutes, Route, Router};
use leptos_router::path;
use wasm_bindgen_futures::spawn_local;

use crate::components::{Announcements, provide_announcer};
use crate::pages::{
    AboutPage, CheckoutPage, HomePage, MenuPage, NotFoundPage, OrderPage, RestaurantsPage,
    StatusPage, provide_search_cache,
};
use crate::state::browser::sleep;
use crate::{api, shell, state};

/// Starts the shop in the page. In development it starts the status panel on the panel's address, so that `trunk serve`, which builds
/// one page, shows both.
pub fn mount_shop() {
    // Not Leptos's `spawn_local`: mounting starts the executor that it needs.
    spawn_local(async {
        // In a task of its own: with the start of the program it would be long enough to delay a tap on a slow phone.
        sleep(0).await;
        mount_shop_now();
        api::follow_servers().await;
    });
}

fn mount_shop_now() {
    if cfg!(debug_assertions) && is_status_address() {
        mount_to(shell::take_root(), DevelopmentStatusPanel).forget();
        return;
    }
    let typed = shell::read_input();
    mount_to(shell::take_root(), move || {
        provide_context(typed);
        view! { <Shop /> }
    })
    .forget();
}

/// Starts the status panel in the page.
pub fn mount_status_panel() {
    mount_to(shell::take_root(), StatusPanel).forget();
    spawn_local(api::follow_servers());
}

/// The shop with the order's page.
#[component]
fn Shop() -> impl IntoView {
    state::provide();
    provide_announcer();
    provide_search_cache();
    view! {
        <Router>
            <FlatRoutes fallback=NotFoundPage>
                <Route path=path!("/") view=HomePage />
                <Route path=path!("/restaurants") view=RestaurantsPage />
                <Route path=path!("/r/:slug") view=MenuPage />
                <Route path=path!("/checkout") view=CheckoutPage />
                <Route path=path!("/orders/:token") view=OrderPage />
                <Route path=path!("/about") view=AboutPage />
            </FlatRoutes>
        </Router>
        <Announcements />
    }
}

/// The status panel.
#[component]
fn StatusPanel() -> impl IntoView {
    provide_announcer();
    view! {
        <StatusPage />
        <Announcements />
    }
}

fn is_status_address() -> bool {
    let path = window().location().pathname();
    path.is_ok_and(|path| path.starts_with("/status"))
}

/// The status panel with its styles, which the shop's page lacks.
#[component]
fn DevelopmentStatusPanel() -> impl IntoView {
    view! {
        <style>
            {include_str!("../../style/status.css")} {include_str!("../../style/drill.css")}
        </style>
        <StatusPanel />
    }
}
