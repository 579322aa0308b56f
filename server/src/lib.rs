//! The front-end server: serves the app, forwards the API to an available replica, and shows the status panel's data.
//!
//! Holds no truth of its own: who is there comes from the registry, orders stay with the replicas. Must not parse an order.

pub mod application;
mod assets;
mod body;
mod client_body;
mod cors;
mod docs;
mod drill;
mod events;
mod feed;
mod gateway;
mod headers;
mod listener;
mod meter;
mod metrics;
pub mod origin;
mod patience;
mod problem;
mod routes;
mod seats;
mod servers;
pub mod settings;
mod status;
mod sync;
mod workers;
