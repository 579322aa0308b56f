//! What was told of an order's states: never an earlier version later, and never what its log does not begin with.

use std::collections::HashMap;

use model::order::OrderState;
use model::problem::Code;

use super::Seen;
use crate::chaos::finding::Finding;
use crate::chaos::history::Ask;
use crate::chaos::stored::Stored;

/// An order as somebody saw it at some instant between the two.
struct Sighting {
    sent_us: u64,
    ended_us: u64,
    version: u32,
    states: Vec<OrderState>,
}

/// By token: the states that the order went through.
pub(super) type Logs<'a> = HashMap<&'a str, Vec<OrderState>>;

pub(super) fn check(seen: &Seen<'_>, logs: &Logs<'_>) -> Vec<Finding> {
    let mut findings = denied(seen);
    let mut news = news(seen);
    for (token, sightings) in &of(seen) {
        let heard = news.remove(token).unwrap_or_default();
        findings.extend(went_back(token, sightings, heard));
        let Some(log) = logs.get(token) else {
            continue;
        };
        let strange = sightings.iter().find(|sighting| {
            !log.starts_with(&sighting.states) || sighting.version as usize != sighting.states.len()
        });
        findings.extend(strange.map(|sighting| Finding::HistoryDiffers {
            token: (*token).to_owned(),
            at_us: sighting.ended_us,
        }));
    }
    findings
}

/// Whoever asks by token had it from an acknowledgement, or from the open orders.
fn denied(seen: &Seen<'_>) -> Vec<Finding> {
    let denied = seen.exchanges.iter().filter_map(|told| {
        let (Ask::Read { token }
        | Ask::Cancel { token }
        | Ask::Listen { token, .. }
        | Ask::Step { token, .. }) = &told.exchange.ask
        else {
            return None;
        };
        (told.problem == Some(Code::NotFound)).then(|| Finding::Denied {
            what: format!("order {token}"),
            at_us: told.exchange.ended_us,
        })
    });
    denied.collect()
}

/// The answer to a placing or to a step is the saved one and says nothing of the order as it is.
fn of<'a>(seen: &'a Seen<'_>) -> HashMap<&'a str, Vec<Sighting>> {
    let mut all: HashMap<&str, Vec<Sighting>> = HashMap::new();
    for told in &seen.exchanges {
        let saved = match told.exchange.ask {
            Ask::Place { .. } => true,
            Ask::Step { .. } => told.problem.is_none(),
            _ => false,
        };
        if saved {
            continue;
        }
        if let Some(order) = &told.order {
            all.entry(&order.token).or_default().push(Sighting {
                sent_us: told.exchange.sent_us,
                ended_us: told.exchange.ended_us,
                version: order.version,
                states: order.history.iter().map(|change| change.state).collect(),
            });
        }
    }
    all
}

/// Versions that somebody knew of at an instant, by token: those in the news, and those that steps led to. Late news and repeats
/// are no step back, but whoever asks after them must not be told of earlier ones.
fn news<'a>(seen: &Seen<'a>) -> HashMap<&'a str, Vec<(u64, u32)>> {
    let mut news: HashMap<&str, Vec<(u64, u32)>> = HashMap::new();
    for heard in &seen.heard {
        let of_order = news.entry(&heard.token).or_default();
        of_order.push((heard.at_us, heard.version));
    }
    for told in &seen.exchanges {
        if let (Ask::Step { token, .. }, None, Some(order)) =
            (&told.exchange.ask, told.problem, &told.order)
        {
            let of_order = news.entry(token).or_default();
            of_order.push((told.exchange.ended_us, order.version));
        }
    }
    news
}

/// One that was asked for after another was told must not be behind it.
fn went_back(token: &str, sightings: &[Sighting], mut told: Vec<(u64, u32)>) -> Option<Finding> {
    let sighted = sightings.iter();
    told.extend(sighted.map(|sighting| (sighting.ended_us, sighting.version)));
    told.sort_unstable();
    let mut by_sending: Vec<&Sighting> = sightings.iter().collect();
    by_sending.sort_unstable_by_key(|sighting| sighting.sent_us);
    let mut told = told.into_iter().peekable();
    let mut furthest = 0;
    for sighting in by_sending {
        while let Some((_, version)) = told.next_if(|(at_us, _)| *at_us < sighting.sent_us) {
            furthest = furthest.max(version);
        }
        if sighting.version < furthest {
            return Some(Finding::WentBack {
                token: token.to_owned(),
                from_version: furthest,
                to_version: sighting.version,
            });
        }
    }
    None
}

pub(super) fn logs(stored: &Stored) -> Logs<'_> {
    let mut by_id: HashMap<i64, Vec<OrderState>> = HashMap::new();
    for event in &stored.events {
        by_id.entry(event.order_id).or_default().push(event.to);
    }
    let orders = stored.orders.iter();
    orders
        .map(|order| {
            (
                order.token.as_str(),
                by_id.remove(&order.id).unwrap_or_default(),
            )
        })
        .collect()
}
