//! One module a page. Pages fetch; components draw.

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
pub use home::{HomePage, Typed};
pub use menu::MenuPage;
pub use not_found::NotFoundPage;
pub use order::OrderPage;
pub use restaurants::RestaurantsPage;
pub use search::provide_search;
pub use status::StatusPanel;
