//! Wire types: every value that parses can be serialised, and parses back to the same value.

#![no_main]

use std::fmt::Debug;

use libfuzzer_sys::fuzz_target;
use model::Problem;
use model::basket::Quote;
use model::menu::Menu;
use model::order::{Order, PlaceOrder};
use model::place::Place;
use model::restaurant::{SearchResult, Slots};
use model::staff::{StaffDishes, StaffOrders, StaffSession};
use model::status::Status;
use serde::Serialize;
use serde::de::DeserializeOwned;

/// Fractions are compared as JSON: printing one and reading it again must not change what is printed.
fn stable<T: DeserializeOwned + Serialize>(text: &str) {
    let Ok(value) = serde_json::from_str::<T>(text) else {
        return;
    };
    let written = serde_json::to_string(&value).unwrap();
    let again = serde_json::from_str::<T>(&written).unwrap();
    assert_eq!(serde_json::to_string(&again).unwrap(), written);
}

fn exact<T: DeserializeOwned + Serialize + PartialEq + Debug>(text: &str) {
    let Ok(value) = serde_json::from_str::<T>(text) else {
        return;
    };
    let written = serde_json::to_string(&value).unwrap();
    assert_eq!(serde_json::from_str::<T>(&written).unwrap(), value);
}

fuzz_target!(|text: &str| {
    stable::<Place>(text);
    stable::<SearchResult>(text);
    stable::<Menu>(text);
    exact::<Slots>(text);
    exact::<Quote>(text);
    exact::<PlaceOrder>(text);
    exact::<Order>(text);
    exact::<Problem>(text);
    stable::<Status>(text);
    exact::<StaffSession>(text);
    exact::<StaffOrders>(text);
    exact::<StaffDishes>(text);
});
