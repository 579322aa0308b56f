//! Which page an address shows. Addresses carry what a person may want to share or come back to; a postcode only ever in
//! the fragment, which a browser sends to nobody.
//!
//! Written by hand: the six addresses of this app need neither nesting nor loading in advance, and `leptos_router` would be
//! a fifth of all that a phone has to fetch.

mod address;

use crate::prelude::*;

pub use address::{fragment, go, query, replace};

use crate::components::{Announcements, provide_announcer};
use crate::pages::{
    AboutPage, CheckoutPage, HomePage, MenuPage, NotFoundPage, OrderPage, RestaurantsPage,
    provide_search,
};
use address::path;

/// A page, with what its address names.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Route {
    Home,
    Restaurants,
    /// Slug of the restaurant.
    Menu(String),
    Checkout,
    /// Token of the order.
    Order(String),
    About,
    Nowhere,
}

impl Route {
    fn of(path: &str) -> Self {
        let mut parts = path.split('/').filter(|part| !part.is_empty());
        let route = match (parts.next(), parts.next()) {
            (None, _) => Self::Home,
            (Some("restaurants"), None) => Self::Restaurants,
            (Some("r"), Some(slug)) => Self::Menu(slug.to_owned()),
            (Some("checkout"), None) => Self::Checkout,
            (Some("orders"), Some(token)) => Self::Order(token.to_owned()),
            (Some("about"), None) => Self::About,
            _ => Self::Nowhere,
        };
        if parts.next().is_some() {
            return Self::Nowhere;
        }
        route
    }
}

/// The whole shop: state that outlives a page, and the page that the address names.
#[component]
pub fn App() -> View {
    crate::state::provide();
    provide_announcer();
    provide_search();
    address::provide();
    let path = path();
    let route = memo(move || path.with(|path| Route::of(path)));
    view! {
        {move || match route.get() {
            Route::Home => view! { <HomePage /> },
            Route::Restaurants => view! { <RestaurantsPage /> },
            Route::Menu(slug) => view! { <MenuPage slug /> },
            Route::Checkout => view! { <CheckoutPage /> },
            Route::Order(token) => view! { <OrderPage token /> },
            Route::About => view! { <AboutPage /> },
            Route::Nowhere => view! { <NotFoundPage /> },
        }}
        <Announcements />
    }
}

#[cfg(test)]
mod tests {
    use super::Route;

    #[test]
    fn every_address_has_its_page() {
        assert_eq!(Route::of("/"), Route::Home);
        assert_eq!(Route::of("/restaurants"), Route::Restaurants);
        assert_eq!(Route::of("/restaurants/"), Route::Restaurants);
        assert_eq!(Route::of("/r/cenere"), Route::Menu("cenere".into()));
        assert_eq!(Route::of("/checkout"), Route::Checkout);
        assert_eq!(Route::of("/orders/abc"), Route::Order("abc".into()));
        assert_eq!(Route::of("/about"), Route::About);
    }

    #[test]
    fn any_other_address_leads_nowhere() {
        for path in ["/r", "/orders", "/r/cenere/more", "/about/us", "/elsewhere"] {
            assert_eq!(Route::of(path), Route::Nowhere, "{path}");
        }
    }
}
