//! A sample shop that is always open, and sample orders for it, for tests and benchmarks.

use model::basket::{Basket, BasketLine};
use model::order::{Customer, PlaceOrder};
use model::place::{Finding, Place, Position, Source};
use model::restaurant::Fulfilment;

use super::domain::inventory::Inventory;
use super::domain::{NewOrder, Restaurant, check_order, quote_basket};
use super::menus;

pub const NOW_MS: i64 = 1_780_000_000_000;

/// The sample shop under another slug.
pub fn shop(slug: &str) -> Restaurant {
    let text = include_str!("shop.toml").replace("\"the-copper-pan\"", &format!("\"{slug}\""));
    menus::parse(slug, &text).expect("the sample shop is valid")
}

/// A place half a kilometre from the shop.
pub fn nearby() -> Place {
    Place {
        postcode: "DH1 3EL".to_owned(),
        finding: Finding::Found,
        position: Some(Position {
            latitude: 54.7766,
            longitude: -1.5849,
        }),
        radius_m: None,
        source: Some(Source::Gazetteer),
        terminated: None,
        suggestion: None,
    }
}

/// A request to order two curries and a bread, delivered nearby, with the current quote as the agreed one.
pub fn order_request(shop: &Restaurant) -> PlaceOrder {
    let line = |dish: &str, quantity| BasketLine {
        dish: dish.to_owned(),
        quantity,
        choices: Vec::new(),
    };
    let basket = Basket {
        restaurant: shop.slug().to_owned(),
        fulfilment: Fulfilment::Delivery,
        postcode: Some("DH1 3EL".to_owned()),
        slot_start_ms: None,
        lines: vec![line("lamb-karahi", 2), line("garlic-naan", 1)],
    };
    PlaceOrder {
        agreed: quote_basket(
            shop,
            &basket,
            Some(&nearby()),
            &Inventory::default(),
            NOW_MS,
        ),
        basket,
        customer: Customer {
            name: "Ada Sample".to_owned(),
            phone: "0191 498 0999".to_owned(),
            address: "1 Example Row".to_owned(),
        },
        notes: "Ring twice".to_owned(),
    }
}

/// The order of [`order_request`], checked.
pub fn new_order(slug: &str) -> NewOrder {
    let shop = shop(slug);
    check_order(
        &order_request(&shop),
        &shop,
        Some(&nearby()),
        &Inventory::default(),
        NOW_MS,
    )
    .expect("the sample order is valid")
}
