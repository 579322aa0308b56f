//! Which page an address shows. Addresses carry what a person may want to share or come back to; a postcode only ever in
//! the fragment, which a browser sends to nobody.

use leptos::prelude::*;
use leptos_router::components::{FlatRoutes, Route, Router};
use leptos_router::path;

use crate::components::{Announcements, provide_announcer};
use crate::pages::{
    AboutPage, CheckoutPage, HomePage, MenuPage, NotFoundPage, OrderPage, RestaurantsPage,
    StatusPage, provide_search,
};

/// The whole client: state that outlives a page, and the page that the address names.
#[component]
pub fn App() -> impl IntoView {
    crate::state::provide();
    provide_announcer();
    provide_search();
    view! {
        <Router>
            <FlatRoutes fallback=NotFoundPage>
                <Route path=path!("/") view=HomePage />
                <Route path=path!("/restaurants") view=RestaurantsPage />
                <Route path=path!("/r/:slug") view=MenuPage />
                <Route path=path!("/checkout") view=CheckoutPage />
                <Route path=path!("/orders/:token") view=OrderPage />
                <Route path=path!("/status") view=StatusPage />
                <Route path=path!("/about") view=AboutPage />
            </FlatRoutes>
        </Router>
        <Announcements />
    }
}
