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

fn read<T: FromJson + ToJson + DeserializeOwned + PartialEq + Debug>(text: &str) {
    let Some(value) = json::from_str::<T>(text) else {
        return;
    };
    let written = json::to_string(&value);
    assert_eq!(json::from_str::<T>(&written).as_ref(), Some(&value));
    assert_eq!(serde_json::from_str::<T>(&written).unwrap(), value);
}

fuzz_target!(|text: &str| {
    read::<Place>(text);
    read::<SearchResult>(text);
    read::<Menu>(text);
    read::<Slots>(text);
    read::<Quote>(text);
    read::<PlaceOrder>(text);
    read::<Order>(text);
    read::<Problem>(text);
    read::<Status>(text);
    read::<SignedIn>(text);
    read::<StaffOrders>(text);
    read::<StaffDishes>(text);
});
