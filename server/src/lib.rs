//! The front-end server: serves the app, forwards the API to an available replica, and provides the status panel's data.
//!
//! Owns no data: the registry says which replicas exist, and the replicas' store has the orders. Must not parse an order.

mod api_docs;
pub mod application;
mod assets;
mod drill;
mod events;
mod fleet_history;
mod gateway;
mod http;
mod routes;
mod server_directory;
pub mod settings;
mod status;
mod sync;
