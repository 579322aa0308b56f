//! Tests of the whole chain: every sample body, providers that misbehave, and what their answers come to together.

mod answers;
mod breaker;
mod fixtures;
mod keeping;
mod patience;
mod scripted;
mod setup;
mod stand_in;
mod web;

use model::Postcode;

fn postcode(text: &str) -> Postcode {
    Postcode::parse(text).unwrap()
}
