//! The store in itself: a log without gaps whose every step is a legal one, rows that say what the log says, numbers that count
//! on by one.

use std::collections::{BTreeMap, HashMap};

use model::machine;
use model::order::OrderState;

use crate::chaos::finding::Finding;
use crate::chaos::stored::{Stored, StoredEvent, StoredOrder};

pub(super) fn check(stored: &Stored) -> Vec<Finding> {
    let mut findings = sequence(&stored.events);
    let mut events: HashMap<i64, Vec<&StoredEvent>> = HashMap::new();
    for event in &stored.events {
        events.entry(event.order_id).or_default().push(event);
    }
    for order in &stored.orders {
        let own = events.remove(&order.id).unwrap_or_default();
        findings.extend(transitions(order, &own));
    }
    findings.extend(numbers(&stored.orders));
    findings
}

fn sequence(events: &[StoredEvent]) -> Vec<Finding> {
    let mut after = 0;
    let mut gaps = Vec::new();
    for event in events {
        if event.sequence != after + 1 {
            gaps.push(Finding::LogGap {
                after,
                next: event.sequence,
            });
        }
        after = event.sequence;
    }
    gaps
}

fn transitions(order: &StoredOrder, events: &[&StoredEvent]) -> Vec<Finding> {
    let mut findings = Vec::new();
    let mut state: Option<OrderState> = None;
    for event in events {
        let legal = match state {
            None => event.to == OrderState::Placed,
            Some(state) => machine::allows(event.actor, state, event.to, order.fulfilment),
        };
        if !legal || event.from != state {
            findings.push(Finding::IllegalTransition {
                token: order.token.clone(),
                from: event.from,
                to: event.to,
            });
        }
        state = Some(event.to);
    }
    if state != Some(order.state) || order.version as usize != events.len() {
        findings.push(Finding::RowAndLogDiffer {
            token: order.token.clone(),
        });
    }
    findings
}

fn numbers(orders: &[StoredOrder]) -> Vec<Finding> {
    let mut given: BTreeMap<&str, Vec<u32>> = BTreeMap::new();
    for order in orders {
        given
            .entry(&order.restaurant)
            .or_default()
            .push(order.number);
    }
    let mut findings = Vec::new();
    for (restaurant, mut numbers) in given {
        numbers.sort_unstable();
        let mut after = 0;
        for number in numbers {
            if number != after + 1 {
                findings.push(Finding::NumberGap {
                    restaurant: restaurant.to_owned(),
                    after,
                    next: number,
                });
            }
            after = number;
        }
    }
    findings
}
