//! A drill's orders: placed like any other, for nobody, and over as they are placed.
//!
//! They are of a restaurant that is on no list and whose name is no slug, so that no restaurant's staff, slots, portions and
//! numbers ever have to do with them.

use model::basket::{Basket, BasketLine};
use model::order::{Customer, PlaceOrder};
use model::restaurant::Fulfilment;

use super::restaurant::Restaurant;
use super::supply::Supply;
use super::{NewOrder, quote};

/// What stands in a drill's order in place of a restaurant's slug. The tables know it too.
pub const RESTAURANT: &str = "(drill)";

/// Kept free for stories (Ofcom), so that it is nobody's.
const PHONE: &str = "07700 900000";

/// The order that a drill places under `key`: one portion of the kitchen's first dish. The key stands on it, so that it can be
/// counted whatever became of its other traces.
#[must_use]
pub fn wanted(kitchen: &Restaurant, key: &str, now_ms: i64) -> PlaceOrder {
    let dishes = kitchen.categories().iter().flat_map(|list| &list.dishes);
    let basket = Basket {
        restaurant: kitchen.slug().to_owned(),
        fulfilment: Fulfilment::Collection,
        postcode: None,
        slot_start_ms: None,
        lines: dishes
            .take(1)
            .map(|dish| BasketLine {
                dish: dish.id.clone(),
                quantity: 1,
                choices: Vec::new(),
            })
            .collect(),
    };
    PlaceOrder {
        agreed: quote(kitchen, &basket, None, &Supply::default(), now_ms),
        basket,
        customer: Customer {
            name: "Drill".to_owned(),
            phone: PHONE.to_owned(),
            address: String::new(),
        },
        notes: key.to_owned(),
    }
}

impl NewOrder {
    /// It is a drill's: it ends with the transaction that places it.
    #[must_use]
    pub fn is_drill(&self) -> bool {
        self.restaurant().slug == RESTAURANT
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::check_order;
    use crate::menus;
    use crate::menus::fixtures::instant;

    #[test]
    fn a_drills_order_is_taken_at_any_hour() {
        let kitchen = menus::drill_kitchen().unwrap();
        assert_eq!(kitchen.slug(), RESTAURANT);
        for hour in 0..24 {
            // The day before the clocks go forward, and that day.
            for day in [28, 29] {
                let now_ms = instant(&format!("2026-03-{day}T{hour:02}:59:59Z"));
                let wanted = wanted(&kitchen, "drill-0a1b-00001", now_ms);
                let order = check_order(&wanted, &kitchen, None, &Supply::default(), now_ms);
                let order = order.unwrap_or_else(|why| panic!("{day} {hour}: {why:?}"));
                assert!(order.is_drill());
            }
        }
    }

    #[test]
    fn no_restaurant_can_have_its_name() {
        let shop = menus::fixtures::SAMPLE;
        assert!(menus::parse(RESTAURANT, &shop.replace("the-test-kitchen", RESTAURANT)).is_err());
    }
}
