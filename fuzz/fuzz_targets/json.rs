//! Answers, as the page reads them: what is read can be written, and says the same to the servers' own reader.

#![no_main]

use std::fmt::Debug;

use json::{FromJson, ToJson};
use libfuzzer_sys::fuzz_target;
use model::Problem;
use model::basket::Quote;
use model::menu::Menu;
use model::order::{Order, PlaceOrder};
use model::place::Place;
use model::restaurant::{SearchResult, Slots};
use model::staff::{SignedIn, StaffDishes, StaffOrders};
use model::status::Status;
use serde::de::DeserializeOwned;
use serde_json::Value;

/// What has fractions, which are read nearly and not exactly, is only written as JSON.
fn with_fractions<T: FromJson + ToJson>(text: &str) {
    if let Some(value) = json::from_str::<T>(text) {
        serde_json::from_str::<Value>(&json::to_string(&value)).unwrap();
    }
}

fn exact<T: FromJson + ToJson + DeserializeOwned + PartialEq + Debug>(text: &str) {
    let Some(value) = json::from_str::<T>(text) else {
        return;
    };
    let written = json::to_string(&value);
    assert_eq!(json::from_str::<T>(&written).as_ref(), Some(&value));
    assert_eq!(serde_json::from_str::<T>(&written).unwrap(), value);
}

fuzz_target!(|text: &str| {
    with_fractions::<Place>(text);
    with_fractions::<SearchResult>(text);
    with_fractions::<Menu>(text);
    exact::<Slots>(text);
    exact::<Quote>(text);
    exact::<PlaceOrder>(text);
    exact::<Order>(text);
    exact::<Problem>(text);
    with_fractions::<Status>(text);
    exact::<SignedIn>(text);
    exact::<StaffOrders>(text);
    exact::<StaffDishes>(text);
});
