//! One module for each page. Pages load data and lay it out; components draw.

mod about;
mod checkout;
mod home;
mod menu;
mod not_found;
mod order;
mod restaurants;
mod search;
mod status;

pub use about::AboutPage;
pub use checkout::CheckoutPage;
pub use home::HomePage;
pub use menu::MenuPage;
pub use not_found::NotFoundPage;
pub use order::OrderPage;
pub use restaurants::RestaurantsPage;
pub use search::provide_search_cache;
pub use status::StatusPage;
