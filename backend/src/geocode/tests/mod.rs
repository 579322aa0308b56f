//! Tests of the whole module: every sample body, providers that misbehave, and how their answers are combined.

mod answers;
mod breaker;
mod caching;
mod fixtures;
mod scripted;
mod setup;
mod stand_in;
mod timeouts;
mod web;

use model::Postcode;

fn postcode(text: &str) -> Postcode {
    Postcode::parse(text).unwrap()
}
