//! For restaurants' staff: signing in, seeing open orders, moving them along, saying what there is of a dish.
//!
//! A session is for one restaurant; what belongs to another is not found. Every request with a body is JSON, which together
//! with the cookie's `SameSite=Strict` leaves other sites no way to act for somebody who is signed in.

pub(super) mod dishes;
pub(super) mod orders;
mod outcome;
pub(super) mod session;
pub(super) mod steps;
