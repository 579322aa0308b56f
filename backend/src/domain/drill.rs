//! Drill orders: placed like any other order, and cancelled in the transaction that places them.
//!
//! They belong to a restaurant that is in no catalogue and whose name is not a valid slug, so that they never touch the staff,
//! slots, stock or order numbers of a real restaurant.

use model::basket::{Basket, BasketLine};
use model::order::{Customer, PlaceOrder};
use model::restaurant::Fulfilment;

use super::inventory::Inventory;
use super::restaurant::Restaurant;
use super::{NewOrder, quote_basket};

/// The value of a drill order's restaurant slug. The database tables refer to it too (migration 0008).
pub const RESTAURANT: &str = "(drill)";

/// A number that Ofcom reserves for fiction, so that it is no person's number.
const PHONE: &str = "07700 900000";

/// Builds the order that a drill places under `key`: one portion of the kitchen's first dish. The order's notes are the key, by which
/// the drill counts its orders even where the saved responses are lost.
#[must_use]
pub fn build_order(kitchen: &Restaurant, key: &str, now_ms: i64) -> PlaceOrder {
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
        agreed: quote_basket(kitchen, &basket, None, &Inventory::default(), now_ms),
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
    /// Whether a drill placed the order, which is then cancelled in the transaction that places it.
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
    fn a_drill_order_passes_the_checks_at_any_hour() {
        let kitchen = menus::drill_kitchen().unwrap();
        assert_eq!(kitchen.slug(), RESTAURANT);
        for hour in 0..24 {
            // The day before the clocks go forward, and that day.
            for day in [28, 29] {
                let now_ms = instant(&format!("2026-03-{day}T{hour:02}:59:59Z"));
                let request = build_order(&kitchen, "drill-0a1b-00001", now_ms);
                let order = check_order(&request, &kitchen, None, &Inventory::default(), now_ms);
                let order = order.unwrap_or_else(|error| panic!("{day} {hour}: {error:?}"));
                assert!(order.is_drill());
            }
        }
    }

    #[test]
    fn no_restaurant_can_have_the_slug_of_drills() {
        let shop = menus::fixtures::SAMPLE;
        assert!(menus::parse(RESTAURANT, &shop.replace("the-test-kitchen", RESTAURANT)).is_err());
    }
}
