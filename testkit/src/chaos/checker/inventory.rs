//! At no point of the log is more sold of a dish or a slot than the inventory has, and the remaining stock is what was not sold.

use std::collections::BTreeMap;

use model::order::OrderState;

use super::parsed_history::ParsedHistory;
use crate::chaos::store_snapshot::{StoreSnapshot, StoredOrder};
use crate::chaos::violation::Violation;

/// Orders by restaurant and start of the slot.
type SlotUsage<'a> = BTreeMap<(&'a str, i64), Usage>;
/// Portions by restaurant and dish.
type DishUsage<'a> = BTreeMap<(&'a str, &'a str), Usage>;

/// The quantity that orders hold which were not rejected, cancelled or expired.
#[derive(Default)]
struct Usage {
    current: u32,
    peak: u32,
}

impl Usage {
    fn take(&mut self, quantity: u32) {
        self.current += quantity;
        self.peak = self.peak.max(self.current);
    }

    fn give_back(&mut self, quantity: u32) {
        self.current = self.current.saturating_sub(quantity);
    }
}

pub(super) fn check(history: &ParsedHistory<'_>, store: &StoreSnapshot) -> Vec<Violation> {
    let (slots, dishes) = replay_log(store);
    let mut violations = Vec::new();
    for inventory in &history.inventory {
        let restaurant = inventory.restaurant.as_str();
        let check_limit = |item: String, sold| {
            (sold > inventory.limit).then(|| Violation::Oversold {
                restaurant: restaurant.to_owned(),
                item,
                limit: inventory.limit,
                sold,
            })
        };
        let Some(dish) = inventory.dish.as_deref() else {
            let own_slots = slots.iter().filter(|((of, _), _)| *of == restaurant);
            violations.extend(own_slots.filter_map(|((_, start_ms), usage)| {
                check_limit(format!("orders in the slot at {start_ms}"), usage.peak)
            }));
            continue;
        };
        let usage = dishes.get(&(restaurant, dish));
        let (current, peak) = usage.map_or((0, 0), |usage| (usage.current, usage.peak));
        violations.extend(check_limit(dish.to_owned(), peak));
        let expected = i64::from(inventory.limit) - i64::from(current);
        let mut stock = store.stock.iter();
        let row = stock.find(|stock| stock.restaurant == restaurant && stock.dish == dish);
        let remaining = row.and_then(|stock| stock.remaining);
        if remaining != Some(expected) {
            violations.push(Violation::StockDiffers {
                restaurant: restaurant.to_owned(),
                dish: dish.to_owned(),
                expected,
                remaining,
            });
        }
    }
    violations
}

/// Replays the log and returns what was used of every slot and dish.
fn replay_log(store: &StoreSnapshot) -> (SlotUsage<'_>, DishUsage<'_>) {
    let orders: BTreeMap<i64, &StoredOrder> =
        store.orders.iter().map(|order| (order.id, order)).collect();
    let mut slots = SlotUsage::new();
    let mut dishes = DishUsage::new();
    for event in &store.events {
        let Some(order) = orders.get(&event.order_id) else {
            continue;
        };
        let restaurant = order.restaurant.as_str();
        let slot = order.slot_start_ms.map(|start_ms| (restaurant, start_ms));
        let lines = order.price.lines.iter();
        let lines = lines.map(|line| ((restaurant, line.dish.as_str()), line.quantity));
        match event.to {
            OrderState::Placed => {
                if let Some(slot) = slot {
                    slots.entry(slot).or_default().take(1);
                }
                for (dish, quantity) in lines {
                    dishes.entry(dish).or_default().take(quantity);
                }
            }
            OrderState::Rejected | OrderState::Expired | OrderState::Cancelled => {
                if let Some(usage) = slot.and_then(|slot| slots.get_mut(&slot)) {
                    usage.give_back(1);
                }
                for (dish, quantity) in lines {
                    dishes.entry(dish).or_default().give_back(quantity);
                }
            }
            _ => {}
        }
    }
    (slots, dishes)
}
