//! What restaurants write: every file is read or refused with reasons, and what is read can be shown and ordered from.

#![no_main]

use backend::domain::supply::Supply;
use backend::domain::{self, Restaurant};
use backend::menus;
use libfuzzer_sys::fuzz_target;
use model::basket::{Basket, BasketLine, MAX_QUANTITY};
use model::restaurant::Fulfilment;

/// A Friday evening.
const NOW_MS: i64 = 1_795_199_400_000;

/// The name that the file must have.
fn stem(text: &str) -> &str {
    let named = text.split_once("slug = \"");
    let slug = named.and_then(|(_, rest)| rest.split_once('"'));
    slug.map_or("a-restaurant", |(slug, _)| slug)
}

fn one_of_each(restaurant: &Restaurant, fulfilment: Fulfilment) -> Basket {
    let dishes = restaurant.categories().iter().flat_map(|it| &it.dishes);
    Basket {
        restaurant: restaurant.slug().to_owned(),
        fulfilment,
        postcode: None,
        slot_start_ms: None,
        lines: dishes
            .map(|dish| BasketLine {
                dish: dish.id.clone(),
                quantity: MAX_QUANTITY,
                choices: Vec::new(),
            })
            .collect(),
    }
}

fuzz_target!(|text: &str| {
    match menus::parse(stem(text), text) {
        Ok(restaurant) => {
            let supply = Supply::default();
            let menu = domain::menu(&restaurant, &supply, NOW_MS);
            serde_json::to_string(&menu).unwrap();
            for fulfilment in [Fulfilment::Delivery, Fulfilment::Collection] {
                let _ = domain::slots(&restaurant, fulfilment, &supply, NOW_MS);
                let basket = one_of_each(&restaurant, fulfilment);
                let _ = domain::quote(&restaurant, &basket, None, &supply, NOW_MS);
            }
        }
        Err(error) => assert!(!error.to_string().is_empty()),
    }
});
