//! The rules of ordering: opening hours, slots, delivery areas, prices, quotes, transitions.
//!
//! All functions are pure, with the clock as a parameter; the domain knows neither HTTP nor a database. Instants are milliseconds since
//! the Unix epoch. `menus` has validated what restaurants wrote before it gets here; what customers send is validated here.

pub mod catalogue;
pub mod customer;
pub mod delivery;
mod digest;
pub mod drill;
pub mod expiry;
pub mod hours;
pub mod inventory;
pub mod local_time;
pub mod menu;
pub mod opening;
pub mod order;
pub mod payment;
pub mod pricing;
pub mod quote;
pub mod quote_diff;
pub mod restaurant;
pub mod search;
pub mod slots;
pub mod ticket;
pub mod transition;

pub use catalogue::Catalogue;
pub use menu::build_menu;
pub use order::{CheckOrderError, NewOrder, check_order};
pub use quote::quote_basket;
pub use restaurant::Restaurant;
pub use search::search_restaurants;
pub use slots::available_slots;
