//! What is left of a restaurant's places in its slots and of its dishes.
//!
//! Pages learn of it from slots, menu and quote, which may be a moment old; whether an order gets its place and its portions is
//! settled by the store, in the order's own transaction, by the same rule.

use std::collections::BTreeMap;

use model::basket::QuoteLine;
use model::restaurant::Slot;

use super::{Restaurant, slots};

/// The default knows of nothing that is short.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Supply {
    /// How many orders have a place in the slot that begins at this instant (milliseconds).
    pub taken: BTreeMap<i64, u32>,
    /// What the staff have said, by id of the dish.
    pub dishes: BTreeMap<String, Stock>,
}

/// What the staff have said of one dish.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Stock {
    /// Switched off: not to be had, whatever is left.
    pub off: bool,
    /// Portions that are left; absent: not counted.
    pub left: Option<u32>,
}

/// What an order takes of it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Demand {
    /// Where it has a place: the start of a slot, in milliseconds.
    pub slot_start_ms: Option<i64>,
    /// How many orders such a slot holds; absent: any number.
    pub orders_per_slot: Option<u32>,
    /// Portions by dish, each dish once.
    pub portions: Vec<(String, u32)>,
}

impl Supply {
    /// Whether the slot that begins then has no place left.
    #[must_use]
    pub fn is_full(&self, restaurant: &Restaurant, slot_start_ms: i64) -> bool {
        self.lacks_place(restaurant.ordering().orders_per_slot, slot_start_ms)
    }

    fn lacks_place(&self, orders_per_slot: Option<u32>, slot_start_ms: i64) -> bool {
        let taken = self.taken.get(&slot_start_ms).copied().unwrap_or(0);
        orders_per_slot.is_some_and(|places| taken >= places)
    }

    /// Portions of a dish that can be ordered: none where it is switched off; `None`: any number.
    #[must_use]
    pub fn left(&self, dish: &str) -> Option<u32> {
        let stock = self.dishes.get(dish)?;
        if stock.off { Some(0) } else { stock.left }
    }

    /// Whether all of it can be had.
    #[must_use]
    pub fn meets(&self, demand: &Demand) -> bool {
        let place = demand
            .slot_start_ms
            .is_none_or(|start_ms| !self.lacks_place(demand.orders_per_slot, start_ms));
        place
            && demand
                .portions
                .iter()
                .all(|(dish, portions)| self.left(dish).is_none_or(|left| left >= *portions))
    }
}

impl Demand {
    #[must_use]
    pub fn of(restaurant: &Restaurant, time: Option<Slot>, lines: &[QuoteLine]) -> Self {
        Self {
            slot_start_ms: time.map(|time| slots::containing(restaurant, time)),
            orders_per_slot: restaurant.ordering().orders_per_slot,
            portions: portions(lines.iter().map(|line| (line.dish.as_str(), line.quantity)))
                .into_iter()
                .map(|(dish, portions)| (dish.to_owned(), portions))
                .collect(),
        }
    }
}

/// Portions by dish: a dish may stand on several lines with different choices.
pub(super) fn portions<'a>(lines: impl Iterator<Item = (&'a str, u32)>) -> BTreeMap<&'a str, u32> {
    let mut portions = BTreeMap::new();
    for (dish, quantity) in lines {
        let all: &mut u32 = portions.entry(dish).or_default();
        *all = all.saturating_add(quantity);
    }
    portions
}

#[cfg(test)]
mod tests {
    use model::basket::ObstacleCode;
    use model::restaurant::Fulfilment;

    use super::*;
    use crate::domain::quote;
    use crate::domain::slots::Road;
    use crate::menus::fixtures::{basket, instant, with};

    fn demand(portions: u32) -> Demand {
        Demand {
            slot_start_ms: Some(900_000),
            orders_per_slot: Some(2),
            portions: vec![("naan".to_owned(), portions)],
        }
    }

    fn supply(taken: u32, off: bool, left: Option<u32>) -> Supply {
        Supply {
            taken: [(900_000, taken)].into(),
            dishes: [("naan".to_owned(), Stock { off, left })].into(),
        }
    }

    #[test]
    fn an_order_needs_its_place_and_all_its_portions() {
        assert!(Supply::default().meets(&demand(99)));
        assert!(supply(1, false, Some(3)).meets(&demand(3)));
        assert!(supply(1, false, None).meets(&demand(99)));
        assert!(!supply(2, false, None).meets(&demand(1)));
        assert!(!supply(0, false, Some(3)).meets(&demand(4)));
        assert!(!supply(0, true, Some(3)).meets(&demand(1)));
        assert!(!supply(0, true, None).meets(&demand(1)));
        let anywhere = Demand {
            orders_per_slot: None,
            ..demand(1)
        };
        assert!(supply(1_000, false, None).meets(&anywhere));
    }

    #[test]
    fn a_full_slot_is_told_with_what_to_do() {
        let sample = with(&[("days_ahead = 2", "days_ahead = 2\norders_per_slot = 1")]);
        let now_ms = instant("2026-01-07T12:00:00Z");
        let slots = slots::slots(&sample, Fulfilment::Collection, &Supply::default(), now_ms).slots;
        let mut wanted = basket(Fulfilment::Collection);
        let mut supply = Supply::default();
        let soonest = slots::soonest(&sample, Road::none(), now_ms);
        for start_ms in [slots[2].start_ms, slots::containing(&sample, soonest)] {
            supply.taken.insert(start_ms, 1);
        }
        let asap = quote(&sample, &wanted, None, &supply, now_ms);
        assert_eq!(asap.obstacles[0].code, ObstacleCode::Closed);
        assert!(
            asap.obstacles[0]
                .message
                .ends_with("choose a time instead.")
        );
        wanted.slot_start_ms = Some(slots[2].start_ms);
        let full = quote(&sample, &wanted, None, &supply, now_ms);
        assert_eq!(full.obstacles[0].code, ObstacleCode::SlotGone);
        assert!(full.obstacles[0].message.contains("taken by others"));
        wanted.slot_start_ms = Some(slots[3].start_ms);
        assert!(quote(&sample, &wanted, None, &supply, now_ms).orderable());
    }
}
