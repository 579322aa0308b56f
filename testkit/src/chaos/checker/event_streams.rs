//! A subscriber receives every version of its order from the first on, once, in order, and as the log has it.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use model::order::OrderState;

use super::parsed_history::ParsedHistory;
use crate::chaos::history::ReceivedEvent;
use crate::chaos::store_snapshot::StoreSnapshot;
use crate::chaos::violation::{StreamFault, Violation};

/// The log position and state of each event of an order, oldest first, by token.
type EventsByToken<'a> = HashMap<&'a str, Vec<(i64, OrderState)>>;

pub(super) fn check(history: &ParsedHistory<'_>, store: &StoreSnapshot) -> Vec<Violation> {
    let logs = events_by_token(store);
    let mut streams: BTreeMap<u32, Vec<&ReceivedEvent>> = BTreeMap::new();
    for &event in &history.received_events {
        streams.entry(event.subscriber).or_default().push(event);
    }
    let mut violations: Vec<Violation> = streams
        .iter()
        .flat_map(|(subscriber, events)| check_stream(*subscriber, events, &logs))
        .collect();
    for end in &history.subscription_ends {
        let events = streams.get(&end.subscriber);
        let last = events.and_then(|events| events.iter().map(|event| event.version).max());
        let last = last.unwrap_or_default();
        if last < end.expected_version {
            violations.push(Violation::Stream {
                subscriber: end.subscriber,
                token: end.token.clone(),
                fault: StreamFault::NeverReceived,
                version: last + 1,
            });
        }
    }
    violations
}

fn check_stream(
    subscriber: u32,
    events: &[&ReceivedEvent],
    logs: &EventsByToken<'_>,
) -> Vec<Violation> {
    let Some(first) = events.first() else {
        return Vec::new();
    };
    let log = logs.get(first.token.as_str());
    let not_in_log = events.iter().find(|event| {
        let index = (event.version as usize).checked_sub(1);
        let logged = index.and_then(|index| log?.get(index));
        logged != Some(&(event.sequence, event.state))
    });
    let mut versions = BTreeSet::new();
    let (new, repeated): (Vec<&ReceivedEvent>, Vec<&ReceivedEvent>) = events
        .iter()
        .partition(|event| versions.insert(event.version));
    let out_of_order = new
        .windows(2)
        .find(|pair| pair[0].version > pair[1].version || pair[0].sequence >= pair[1].sequence);
    let last = versions.last().copied().unwrap_or_default();
    let skipped = (1..last).find(|version| !versions.contains(version));
    let faults = [
        (
            StreamFault::Repeated,
            repeated.first().map(|event| event.version),
        ),
        (StreamFault::Skipped, skipped),
        (
            StreamFault::OutOfOrder,
            out_of_order.map(|pair| pair[1].version),
        ),
        (StreamFault::NotInLog, not_in_log.map(|event| event.version)),
    ];
    let violations = faults.into_iter().filter_map(|(fault, version)| {
        Some(Violation::Stream {
            subscriber,
            token: first.token.clone(),
            fault,
            version: version?,
        })
    });
    violations.collect()
}

fn events_by_token(store: &StoreSnapshot) -> EventsByToken<'_> {
    let mut by_id: HashMap<i64, Vec<(i64, OrderState)>> = HashMap::new();
    for event in &store.events {
        let events = by_id.entry(event.order_id).or_default();
        events.push((event.sequence, event.to));
    }
    let orders = store.orders.iter();
    orders
        .filter_map(|order| Some((order.token.as_str(), by_id.remove(&order.id)?)))
        .collect()
}
