//! Menu files: every text is parsed or rejected with diagnostics, and a parsed restaurant can be shown and priced.

#![no_main]

use backend::domain::inventory::Inventory;
use backend::domain::{self, Restaurant};
use backend::menus;
use libfuzzer_sys::fuzz_target;
use model::basket::{Basket, BasketLine, MAX_QUANTITY};
use model::restaurant::Fulfilment;

/// A Friday evening.
const NOW_MS: i64 = 1_795_199_400_000;

/// Takes the slug in the text as the file's name.
fn stem(text: &str) -> &str {
    let named = text.split_once("slug = \"");
    let slug = named.and_then(|(_, rest)| rest.split_once('"'));
    slug.map_or("a-restaurant", |(slug, _)| slug)
}

/// Makes a basket with every dish of the menu.
fn basket_of_all_dishes(restaurant: &Restaurant, fulfilment: Fulfilment) -> Basket {
    let dishes = restaurant
        .categories()
        .iter()
        .flat_map(|category| &category.dishes);
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
            let inventory = Inventory::default();
            let menu = domain::build_menu(&restaurant, &inventory, NOW_MS);
            serde_json::to_string(&menu).unwrap();
            for fulfilment in [Fulfilment::Delivery, Fulfilment::Collection] {
                let _ = domain::available_slots(&restaurant, fulfilment, &inventory, NOW_MS);
                let basket = basket_of_all_dishes(&restaurant, fulfilment);
                let _ = domain::quote_basket(&restaurant, &basket, None, &inventory, NOW_MS);
            }
        }
        Err(error) => assert!(!error.to_string().is_empty()),
    }
});
