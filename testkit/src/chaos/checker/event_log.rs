//! The store is consistent in itself: the log has no gaps and only legal transitions, rows match the log, and order numbers are
//! consecutive.

use std::collections::{BTreeMap, HashMap};

use model::machine;
use model::order::OrderState;

use crate::chaos::store_snapshot::{StoreSnapshot, StoredEvent, StoredOrder};
use crate::chaos::violation::Violation;

pub(super) fn check(store: &StoreSnapshot) -> Vec<Violation> {
    let mut violations = check_sequence(&store.events);
    let mut events: HashMap<i64, Vec<&StoredEvent>> = HashMap::new();
    for event in &store.events {
        events.entry(event.order_id).or_default().push(event);
    }
    for order in &store.orders {
        let own_events = events.remove(&order.id).unwrap_or_default();
        violations.extend(check_order(order, &own_events));
    }
    violations.extend(check_numbers(&store.orders));
    violations
}

fn check_sequence(events: &[StoredEvent]) -> Vec<Violation> {
    let mut after = 0;
    let mut gaps = Vec::new();
    for event in events {
        if event.sequence != after + 1 {
            gaps.push(Violation::LogGap {
                after,
                next: event.sequence,
            });
        }
        after = event.sequence;
    }
    gaps
}

fn check_order(order: &StoredOrder, events: &[&StoredEvent]) -> Vec<Violation> {
    let mut violations = Vec::new();
    let mut state: Option<OrderState> = None;
    for event in events {
        let is_legal = match state {
            None => event.to == OrderState::Placed,
            Some(state) => machine::allows(event.actor, state, event.to, order.fulfilment),
        };
        if !is_legal || event.from != state {
            violations.push(Violation::IllegalTransition {
                token: order.token.clone(),
                from: event.from,
                to: event.to,
            });
        }
        state = Some(event.to);
    }
    if state != Some(order.state) || order.version as usize != events.len() {
        violations.push(Violation::RowDiffersFromLog {
            token: order.token.clone(),
        });
    }
    violations
}

fn check_numbers(orders: &[StoredOrder]) -> Vec<Violation> {
    let mut numbers_by_restaurant: BTreeMap<&str, Vec<u32>> = BTreeMap::new();
    for order in orders {
        numbers_by_restaurant
            .entry(&order.restaurant)
            .or_default()
            .push(order.number);
    }
    let mut violations = Vec::new();
    for (restaurant, mut numbers) in numbers_by_restaurant {
        numbers.sort_unstable();
        let mut after = 0;
        for number in numbers {
            if number != after + 1 {
                violations.push(Violation::NumberGap {
                    restaurant: restaurant.to_owned(),
                    after,
                    next: number,
                });
            }
            after = number;
        }
    }
    violations
}
