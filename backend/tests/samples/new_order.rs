//! An order that the store takes, for tests and measurements.

use model::basket::QuoteLine;
use model::order::{Customer, OrderRestaurant};
use model::restaurant::{Fulfilment, Slot};
use model::{Pence, VatClass};

use super::NewOrder;

pub fn new_order(restaurant: &str) -> NewOrder {
    let line = |dish: &str, quantity: u32, unit: i64| QuoteLine {
        dish: dish.to_owned(),
        name: dish.replace('-', " "),
        quantity,
        choices: Vec::new(),
        unit_pence: Pence(unit),
        total_pence: Pence(unit * i64::from(quantity)),
        vat: VatClass::Standard,
    };
    NewOrder {
        restaurant: OrderRestaurant {
            slug: restaurant.to_owned(),
            name: "The Copper Pan".to_owned(),
            phone: "0191 498 0123".to_owned(),
            address: "14 Silver Street, Durham".to_owned(),
            zone: "Europe/London".to_owned(),
        },
        placed_at_ms: 1_780_000_000_000,
        fulfilment: Fulfilment::Delivery,
        slot: None,
        expected: Some(Slot {
            start_ms: 1_780_000_000_000 + 30 * 60_000,
            end_ms: 1_780_000_000_000 + 45 * 60_000,
        }),
        lines: vec![line("lamb-karahi", 2, 1150), line("garlic-naan", 1, 350)],
        goods_pence: Pence(2650),
        delivery_fee_pence: Pence(149),
        total_pence: Pence(2799),
        vat_pence: Pence(467),
        customer: Customer {
            name: "Ada Sample".to_owned(),
            phone: "0191 498 0999".to_owned(),
            address: "1 Example Row".to_owned(),
        },
        delivery_address: Some("1 Example Row, DH1 3EL".to_owned()),
        notes: "Ring twice".to_owned(),
    }
}
