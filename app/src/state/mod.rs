//! What the app remembers, on the phone and between tabs: baskets, postcode, the customer's details, the order under way, orders
//! placed. Must not know pages or views. The rules are pure functions; only `browser`, `stored` and `time` touch the browser.

pub mod basket;
pub mod browser;
mod by_restaurant;
pub mod calendar;
pub mod customer;
mod key;
pub mod load;
pub mod orders;
pub mod pending;
pub mod stored;
pub mod submission;
pub mod ticker;
pub mod time;

use crate::prelude::*;

use basket::{Basket, Baskets};
use browser::Area;
use customer::{Draft, Remembered};
use orders::RecentOrders;
use pending::Pendings;
use stored::Stored;

/// Everything that is kept. `Copy`: pass it into closures.
#[derive(Clone, Copy)]
pub struct AppState {
    pub baskets: Stored<Baskets>,
    /// The last postcode, normalised where it was checked.
    pub postcode: Stored<String>,
    /// The customer's details, where they wish.
    pub remembered: Stored<Remembered>,
    /// What is typed at checkout, for a reload of this tab.
    pub draft: Stored<Draft>,
    pub orders: Stored<RecentOrders>,
    pub pendings: Stored<Pendings>,
}

/// Called once, by the root of the app.
pub fn provide() {
    provide_context(AppState {
        baskets: Stored::new(Area::Local, "tiffin.v1.baskets"),
        postcode: Stored::new(Area::Local, "tiffin.v1.postcode"),
        remembered: Stored::new(Area::Local, "tiffin.v1.customer"),
        draft: Stored::new(Area::Session, "tiffin.v1.draft"),
        orders: Stored::new(Area::Local, "tiffin.v1.orders"),
        pendings: Stored::new(Area::Local, "tiffin.v1.pending"),
    });
}

/// The state that the root provided.
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

/// Address of the checkout of one restaurant's basket; without the name it is the basket touched last.
#[must_use]
pub fn checkout_path(restaurant: &str) -> String {
    format!("/checkout?from={restaurant}")
}
