//! The rules: opening hours, slots, delivery areas, prices, quotes. Pure; the clock is a parameter; no HTTP, no database.
//!
//! Instants are milliseconds since the Unix epoch. What the restaurants wrote has been checked by `menus` before it gets
//! here; what customers send has not.

pub mod catalogue;
pub mod changes;
pub mod customer;
pub mod delivery;
mod digest;
pub mod drill;
pub mod expiry;
pub mod hours;
pub mod local_time;
pub mod menu;
pub mod opening;
pub mod order;
pub mod payment;
pub mod pricing;
pub mod quote;
pub mod restaurant;
pub mod search;
pub mod slots;
pub mod step;
pub mod supply;
pub mod ticket;

pub use catalogue::Catalogue;
pub use changes::changes;
pub use menu::menu;
pub use opening::opening;
pub use order::{NewOrder, Refusal, check_order};
pub use quote::quote;
pub use restaurant::Restaurant;
pub use search::search;
pub use slots::slots;
