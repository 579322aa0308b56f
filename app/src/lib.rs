//! The client: a shop for customers and a status panel for the operator, drawn in the browser by Leptos. They are two programs, so
//! that customers do not download the panel.
//!
//! It must not know what anything costs: prices that are charged come from the backend's quote.

mod api;
mod app;
mod components;
mod json;
mod pages;
mod paths;
mod shell;
mod state;

pub use app::{mount_shop, mount_status_panel};
