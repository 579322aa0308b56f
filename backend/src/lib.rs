//! A replica: takes orders, prices baskets, geocodes postcodes.
//!
//! Data flows one way: `api` → `domain` → `store` or `geocode`. `menus` reads the restaurants' files. `replica` is the process's life
//! cycle: registration, connections, the operator's switch. `maintenance` expires orders and purges personal data. `commands` are the
//! subcommands of the binary, `faults` the faults that drills inject, and `ended_processes` counts the stopped processes that were ended.

pub mod api;
pub mod application;
pub mod commands;
pub mod domain;
pub mod ended_processes;
pub mod faults;
pub mod geocode;
pub mod maintenance;
pub mod menus;
pub mod replica;
pub mod settings;
pub mod store;

#[cfg(test)]
#[path = "../tests/samples/orders.rs"]
mod samples;
