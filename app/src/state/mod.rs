//! What the app keeps, on the phone and across tabs: baskets, postcode, the customer's details, the order in progress, recent orders.
//! It must not know pages or views. The rules are pure functions; only `browser`, `persistent`, `ticker` and `time` touch the browser.

pub mod basket;
pub mod browser;
pub mod calendar;
pub mod checkout_draft;
pub mod pending_orders;
pub mod persistent;
pub mod quote;
pub mod recent_orders;
pub mod resource;
pub mod submission;
pub mod ticker;
pub mod time;

use leptos::prelude::*;

use basket::{Basket, Baskets};
use browser::Area;
use checkout_draft::{CheckoutDraft, SavedCustomer};
use pending_orders::PendingOrders;
use persistent::PersistentSignal;
use recent_orders::RecentOrders;

/// Everything that is stored. `Copy`: pass it into closures.
#[derive(Clone, Copy)]
pub struct AppState {
    pub baskets: PersistentSignal<Baskets>,
    /// The last postcode, normalised where it was parsed.
    pub postcode: PersistentSignal<String>,
    /// The customer's details, if the customer has agreed to save them.
    pub saved_customer: PersistentSignal<SavedCustomer>,
    /// The input of the checkout form, for a reload of this tab.
    pub draft: PersistentSignal<CheckoutDraft>,
    pub recent_orders: PersistentSignal<RecentOrders>,
    pub pending_orders: PersistentSignal<PendingOrders>,
}

/// Provides [`AppState`] as a context. Called once, by the root of the app.
pub fn provide() {
    provide_context(AppState {
        baskets: PersistentSignal::new(Area::Local, "tiffin.v1.baskets"),
        postcode: PersistentSignal::new(Area::Local, "tiffin.v1.postcode"),
        saved_customer: PersistentSignal::new(Area::Local, "tiffin.v1.customer"),
        draft: PersistentSignal::new(Area::Session, "tiffin.v1.draft"),
        recent_orders: PersistentSignal::new(Area::Local, "tiffin.v1.orders"),
        pending_orders: PersistentSignal::new(Area::Local, "tiffin.v1.pending"),
    });
}

/// The state that the root of the app provided.
#[must_use]
pub fn use_state() -> AppState {
    expect_context()
}

impl AppState {
    /// One restaurant's basket; empty where there is none. Tracks.
    #[must_use]
    pub fn basket(self, restaurant: &str) -> Basket {
        self.baskets
            .with(|baskets| baskets.get(restaurant).cloned().unwrap_or_default())
    }

    /// Changes one restaurant's basket, in every tab.
    pub fn change_basket(self, restaurant: &str, change: impl FnOnce(&mut Basket)) {
        self.baskets
            .update(|baskets| baskets.change(restaurant, change));
    }
}
