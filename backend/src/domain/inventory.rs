//! A restaurant's inventory: how many orders each slot already holds, and the stock of each dish.
//!
//! Slots, menu and quote read an inventory that may be a moment old. The store applies the same rule again in the order's own
//! transaction, which decides whether the order gets its slot and its stock. Knows neither prices nor opening hours.

use std::collections::BTreeMap;

use model::basket::QuoteLine;

use super::Restaurant;

/// Orders per slot and stock per dish. The default has no limits: nothing is short.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Inventory {
    /// Orders that a slot holds, by the slot's start in milliseconds.
    pub orders_in_slots: BTreeMap<i64, u32>,
    /// Stock that the staff have set, by dish id. A dish without an entry is available without limit.
    pub stock: BTreeMap<String, Stock>,
}

/// Stock of one dish, as the staff set it less what was sold since.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Stock {
    /// Switched off by the staff: unavailable, whatever remains.
    pub off: bool,
    /// Portions that remain; `None`: not counted.
    pub remaining: Option<u32>,
}

/// What one order takes from the inventory.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Demand {
    /// Start of the slot that the order occupies, in milliseconds.
    pub slot_start_ms: Option<i64>,
    /// Orders that such a slot can hold; `None`: any number.
    pub slot_capacity: Option<u32>,
    /// Portions by dish; each dish occurs once.
    pub quantities: Vec<(String, u32)>,
}

impl Inventory {
    /// Whether the slot that starts at `slot_start_ms` holds as many orders as the restaurant allows.
    #[must_use]
    pub fn is_slot_full(&self, restaurant: &Restaurant, slot_start_ms: i64) -> bool {
        self.reaches_capacity(restaurant.ordering().orders_per_slot, slot_start_ms)
    }

    fn reaches_capacity(&self, capacity: Option<u32>, slot_start_ms: i64) -> bool {
        let orders = self
            .orders_in_slots
            .get(&slot_start_ms)
            .copied()
            .unwrap_or(0);
        capacity.is_some_and(|capacity| orders >= capacity)
    }

    /// Portions of a dish that can be ordered: 0 where the dish is switched off; `None`: any number.
    #[must_use]
    pub fn available(&self, dish: &str) -> Option<u32> {
        let stock = self.stock.get(dish)?;
        if stock.off { Some(0) } else { stock.remaining }
    }

    /// Whether the slot has room and every dish is in stock in the quantity demanded.
    #[must_use]
    pub fn covers(&self, demand: &Demand) -> bool {
        let slot_has_room = demand
            .slot_start_ms
            .is_none_or(|start_ms| !self.reaches_capacity(demand.slot_capacity, start_ms));
        slot_has_room
            && demand.quantities.iter().all(|(dish, quantity)| {
                self.available(dish)
                    .is_none_or(|available| available >= *quantity)
            })
    }
}

impl Demand {
    /// The demand of an order with these lines, which occupies the slot that starts at `slot_start_ms`.
    #[must_use]
    pub fn new(restaurant: &Restaurant, slot_start_ms: Option<i64>, lines: &[QuoteLine]) -> Self {
        Self {
            slot_start_ms,
            slot_capacity: restaurant.ordering().orders_per_slot,
            quantities: sum_quantities(
                lines.iter().map(|line| (line.dish.as_str(), line.quantity)),
            )
            .into_iter()
            .map(|(dish, quantity)| (dish.to_owned(), quantity))
            .collect(),
        }
    }
}

/// Sums quantities by dish: a dish may be on several lines with different choices.
pub(super) fn sum_quantities<'a>(
    lines: impl Iterator<Item = (&'a str, u32)>,
) -> BTreeMap<&'a str, u32> {
    let mut quantities = BTreeMap::new();
    for (dish, quantity) in lines {
        let sum: &mut u32 = quantities.entry(dish).or_default();
        *sum = sum.saturating_add(quantity);
    }
    quantities
}

#[cfg(test)]
mod tests {
    use model::basket::ObstacleCode;
    use model::restaurant::Fulfilment;

    use super::*;
    use crate::domain::quote_basket;
    use crate::domain::slots::{self, TravelTime};
    use crate::menus::fixtures::{basket, instant, with};

    fn demand(quantity: u32) -> Demand {
        Demand {
            slot_start_ms: Some(900_000),
            slot_capacity: Some(2),
            quantities: vec![("naan".to_owned(), quantity)],
        }
    }

    fn inventory(orders: u32, off: bool, remaining: Option<u32>) -> Inventory {
        Inventory {
            orders_in_slots: [(900_000, orders)].into(),
            stock: [("naan".to_owned(), Stock { off, remaining })].into(),
        }
    }

    #[test]
    fn an_order_needs_room_in_its_slot_and_stock_of_every_dish() {
        assert!(Inventory::default().covers(&demand(99)));
        assert!(inventory(1, false, Some(3)).covers(&demand(3)));
        assert!(inventory(1, false, None).covers(&demand(99)));
        assert!(!inventory(2, false, None).covers(&demand(1)));
        assert!(!inventory(0, false, Some(3)).covers(&demand(4)));
        assert!(!inventory(0, true, Some(3)).covers(&demand(1)));
        assert!(!inventory(0, true, None).covers(&demand(1)));
        let unlimited_slot = Demand {
            slot_capacity: None,
            ..demand(1)
        };
        assert!(inventory(1_000, false, None).covers(&unlimited_slot));
    }

    #[test]
    fn the_obstacle_of_a_full_slot_says_what_to_do() {
        let sample = with(&[("days_ahead = 2", "days_ahead = 2\norders_per_slot = 1")]);
        let now_ms = instant("2026-01-07T12:00:00Z");
        let no_limits = Inventory::default();
        let slots =
            slots::available_slots(&sample, Fulfilment::Collection, &no_limits, now_ms).slots;
        let mut basket = basket(Fulfilment::Collection);
        let mut inventory = Inventory::default();
        let soonest = slots::asap_window(&sample, TravelTime::ZERO, now_ms);
        for start_ms in [
            slots[2].start_ms,
            slots::containing_slot_start_ms(&sample, soonest),
        ] {
            inventory.orders_in_slots.insert(start_ms, 1);
        }
        let asap = quote_basket(&sample, &basket, None, &inventory, now_ms);
        assert_eq!(asap.obstacles[0].code, ObstacleCode::Closed);
        assert!(
            asap.obstacles[0]
                .message
                .ends_with("choose a time instead.")
        );
        basket.slot_start_ms = Some(slots[2].start_ms);
        let full = quote_basket(&sample, &basket, None, &inventory, now_ms);
        assert_eq!(full.obstacles[0].code, ObstacleCode::SlotGone);
        assert!(full.obstacles[0].message.contains("taken by others"));
        basket.slot_start_ms = Some(slots[3].start_ms);
        assert!(quote_basket(&sample, &basket, None, &inventory, now_ms).orderable());
    }
}
