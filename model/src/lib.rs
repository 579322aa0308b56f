//! Wire types and rules that the browser and the servers share.
//!
//! The crate contains plain data and pure functions: no I/O, no clock, no runtime, so that it builds for wasm. It is the only place
//! that defines a rule or a shape of the API. Instants are milliseconds since the Unix epoch (`_ms`, UTC); money is [`Pence`];
//! distances are metres (`_m`).

pub mod allergen;
pub mod api;
pub mod basket;
pub mod drill;
pub mod feed;
pub mod machine;
pub mod menu;
pub mod money;
#[cfg(feature = "openapi")]
pub mod openapi;
pub mod order;
pub mod place;
pub mod postcode;
pub mod problem;
pub mod restaurant;
pub mod staff;
pub mod status;
pub mod vat;

pub use allergen::{Allergen, Allergens};
pub use money::Pence;
pub use order::OrderState;
pub use postcode::Postcode;
pub use problem::Problem;
pub use vat::VatClass;
