//! Places and portions: at no instant of the log is more of them sold than there are, and what is left is what was not sold.

use std::collections::BTreeMap;

use model::order::OrderState;

use super::Seen;
use crate::chaos::finding::Finding;
use crate::chaos::stored::{Stored, StoredOrder};

/// Restaurant, and a dish or the start of a slot.
type Places<'a> = BTreeMap<(&'a str, i64), Count>;
type Portions<'a> = BTreeMap<(&'a str, &'a str), Count>;

/// What orders hold that have not come to nothing.
#[derive(Default)]
struct Count {
    now: u32,
    /// The most that it ever was.
    peak: u32,
}

impl Count {
    fn add(&mut self, more: u32) {
        self.now += more;
        self.peak = self.peak.max(self.now);
    }
}

pub(super) fn check(seen: &Seen<'_>, stored: &Stored) -> Vec<Finding> {
    let (places, portions) = sold(stored);
    let mut findings = Vec::new();
    for supply in &seen.supply {
        let restaurant = supply.restaurant.as_str();
        let oversold = |what: String, sold| {
            (sold > supply.most).then(|| Finding::Oversold {
                restaurant: restaurant.to_owned(),
                what,
                most: supply.most,
                sold,
            })
        };
        let Some(dish) = supply.dish.as_deref() else {
            let own = places.iter().filter(|((of, _), _)| *of == restaurant);
            findings.extend(own.filter_map(|((_, start_ms), count)| {
                oversold(format!("places at {start_ms}"), count.peak)
            }));
            continue;
        };
        let count = portions.get(&(restaurant, dish));
        let (now, peak) = count.map_or((0, 0), |count| (count.now, count.peak));
        findings.extend(oversold(dish.to_owned(), peak));
        let expected = i64::from(supply.most) - i64::from(now);
        let mut stock = stored.stock.iter();
        let own = stock.find(|stock| stock.restaurant == restaurant && stock.dish == dish);
        let left = own.and_then(|stock| stock.left);
        if left != Some(expected) {
            findings.push(Finding::StockDiffers {
                restaurant: restaurant.to_owned(),
                dish: dish.to_owned(),
                expected,
                left,
            });
        }
    }
    findings
}

/// As the log tells it, one event after the other.
fn sold(stored: &Stored) -> (Places<'_>, Portions<'_>) {
    let orders: BTreeMap<i64, &StoredOrder> = stored
        .orders
        .iter()
        .map(|order| (order.id, order))
        .collect();
    let mut places = Places::new();
    let mut portions = Portions::new();
    for event in &stored.events {
        let Some(order) = orders.get(&event.order_id) else {
            continue;
        };
        let restaurant = order.restaurant.as_str();
        let place = order.slot_ms.map(|start_ms| (restaurant, start_ms));
        let lines = order.deal.lines.iter();
        let lines = lines.map(|line| ((restaurant, line.dish.as_str()), line.quantity));
        match event.to {
            OrderState::Placed => {
                if let Some(place) = place {
                    places.entry(place).or_default().add(1);
                }
                for (dish, quantity) in lines {
                    portions.entry(dish).or_default().add(quantity);
                }
            }
            OrderState::Rejected | OrderState::Expired | OrderState::Cancelled => {
                if let Some(count) = place.and_then(|place| places.get_mut(&place)) {
                    count.now = count.now.saturating_sub(1);
                }
                for (dish, quantity) in lines {
                    let count = portions.entry(dish).or_default();
                    count.now = count.now.saturating_sub(quantity);
                }
            }
            _ => {}
        }
    }
    (places, portions)
}
