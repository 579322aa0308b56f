//! What listeners heard of an order: every version from the first on, once, in order, and as the log has it.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use model::order::OrderState;

use super::Seen;
use crate::chaos::finding::{Finding, NewsFault};
use crate::chaos::history::Heard;
use crate::chaos::stored::Stored;

/// By token, oldest first: place in the log and state.
type Logs<'a> = HashMap<&'a str, Vec<(i64, OrderState)>>;

pub(super) fn check(seen: &Seen<'_>, stored: &Stored) -> Vec<Finding> {
    let logs = logs(stored);
    let mut listeners: BTreeMap<u32, Vec<&Heard>> = BTreeMap::new();
    for &heard in &seen.heard {
        listeners.entry(heard.listener).or_default().push(heard);
    }
    let mut findings: Vec<Finding> = listeners
        .iter()
        .flat_map(|(listener, heard)| told_wrongly(*listener, heard, &logs))
        .collect();
    for listened in &seen.listened {
        let heard = listeners.get(&listened.listener);
        let last = heard.and_then(|heard| heard.iter().map(|heard| heard.version).max());
        let last = last.unwrap_or_default();
        if last < listened.owed {
            findings.push(Finding::News {
                listener: listened.listener,
                token: listened.token.clone(),
                what: NewsFault::NeverTold,
                version: last + 1,
            });
        }
    }
    findings
}

fn told_wrongly(listener: u32, heard: &[&Heard], logs: &Logs<'_>) -> Vec<Finding> {
    let Some(first) = heard.first() else {
        return Vec::new();
    };
    let log = logs.get(first.token.as_str());
    let not_in_log = heard.iter().find(|heard| {
        let index = (heard.version as usize).checked_sub(1);
        let logged = index.and_then(|index| log?.get(index));
        logged != Some(&(heard.sequence, heard.state))
    });
    let mut versions = BTreeSet::new();
    let (new, again): (Vec<&Heard>, Vec<&Heard>) = heard
        .iter()
        .partition(|heard| versions.insert(heard.version));
    let back = new
        .windows(2)
        .find(|two| two[0].version > two[1].version || two[0].sequence >= two[1].sequence);
    let last = versions.last().copied().unwrap_or_default();
    let left_out = (1..last).find(|version| !versions.contains(version));
    let found = [
        (
            NewsFault::Repeated,
            again.first().map(|heard| heard.version),
        ),
        (NewsFault::LeftOut, left_out),
        (NewsFault::OutOfOrder, back.map(|two| two[1].version)),
        (NewsFault::NotInLog, not_in_log.map(|heard| heard.version)),
    ];
    let found = found.into_iter().filter_map(|(what, version)| {
        Some(Finding::News {
            listener,
            token: first.token.clone(),
            what,
            version: version?,
        })
    });
    found.collect()
}

fn logs(stored: &Stored) -> Logs<'_> {
    let mut by_id: HashMap<i64, Vec<(i64, OrderState)>> = HashMap::new();
    for event in &stored.events {
        let log = by_id.entry(event.order_id).or_default();
        log.push((event.sequence, event.to));
    }
    let orders = stored.orders.iter();
    orders
        .filter_map(|order| Some((order.token.as_str(), by_id.remove(&order.id)?)))
        .collect()
}
