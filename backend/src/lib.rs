//! A replica: takes orders, prices baskets, geocodes postcodes.
//!
//! Data goes one way: `api` → `domain` → `store` or `geocode`. `menus` reads what the restaurants wrote; `replica` is the
//! process's life: its registration, its connections, the operator's switch; `faults` is what a drill does to it; `tending` looks after orders
//! that wait; `ended` counts the stopped processes that it ended; `staff` and `orders` are commands.

pub mod api;
pub mod application;
pub mod domain;
pub mod ended;
pub mod faults;
pub mod geocode;
pub mod menus;
pub mod orders;
pub mod replica;
pub mod settings;
pub mod staff;
pub mod store;
pub mod tending;

#[cfg(test)]
#[path = "../tests/samples/orders.rs"]
mod samples;
