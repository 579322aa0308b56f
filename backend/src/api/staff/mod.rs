//! API of restaurants' staff: sessions, open orders, transitions of orders, stock of dishes.
//!
//! A session belongs to one restaurant; the orders of others are answered with 404. Every request with a body is JSON, which together
//! with the cookie's `SameSite=Strict` prevents cross-site request forgery.

pub(super) mod dishes;
pub(super) mod orders;
mod outcome;
pub(super) mod session;
pub(super) mod transitions;
