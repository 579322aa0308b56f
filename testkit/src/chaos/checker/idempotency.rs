//! One key, one order, one response: an acknowledged order is in the store once, at the agreed price.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};

use model::Pence;
use model::problem::Code;

use super::parsed_history::{ParsedHistory, ParsedOperation};
use crate::chaos::history::{Invocation, KeyClosure, Outcome, PriceBreakdown};
use crate::chaos::store_snapshot::{StoreSnapshot, StoredOrder, StoredPlacement};
use crate::chaos::violation::Violation;

/// How a key completed, as its customer knows it, in Jepsen's terms.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Completion {
    /// The order was acknowledged.
    Ok,
    /// The order was definitely not placed.
    Fail,
    /// Indeterminate: the order may or may not be placed.
    Info,
}

/// All that the history and the store have of one key.
pub(super) struct KeyHistory<'a> {
    key: &'a str,
    placements: Vec<&'a ParsedOperation<'a>>,
    lookups: Vec<&'a ParsedOperation<'a>>,
    closure: Option<&'a KeyClosure>,
    stored_placement: Option<&'a StoredPlacement>,
    /// The orders placed with this key, by their notes.
    orders: Vec<&'a StoredOrder>,
}

/// Collects every key that a customer used, in alphabetical order.
pub(super) fn collect_keys<'a>(
    history: &'a ParsedHistory<'_>,
    store: &'a StoreSnapshot,
) -> Vec<KeyHistory<'a>> {
    let mut keys: BTreeMap<&str, KeyHistory<'_>> = BTreeMap::new();
    for parsed in &history.operations {
        match &parsed.operation.invocation {
            Invocation::Place { key, .. } => entry(&mut keys, key).placements.push(parsed),
            Invocation::FindByKey { key } => entry(&mut keys, key).lookups.push(parsed),
            _ => {}
        }
    }
    for &closure in &history.key_closures {
        entry(&mut keys, &closure.key).closure = Some(closure);
    }
    for placement in &store.placements {
        if let Some(key) = keys.get_mut(placement.key.as_str()) {
            key.stored_placement = Some(placement);
        }
    }
    for order in &store.orders {
        if let Some(key) = keys.get_mut(order.notes.as_str()) {
            key.orders.push(order);
        }
    }
    keys.into_values().collect()
}

/// Reports orders that no customer placed.
pub(super) fn check_unrequested(
    history: &ParsedHistory<'_>,
    store: &StoreSnapshot,
) -> Vec<Violation> {
    let requested: HashSet<&str> = history
        .operations
        .iter()
        .filter_map(|parsed| match &parsed.operation.invocation {
            Invocation::Place { key, .. } => Some(key.as_str()),
            _ => None,
        })
        .collect();
    let unrequested = store
        .orders
        .iter()
        .filter(|order| !requested.contains(order.notes.as_str()));
    unrequested
        .map(|order| Violation::UnrequestedOrder {
            token: order.token.clone(),
        })
        .collect()
}

fn entry<'k, 'a>(
    keys: &'k mut BTreeMap<&'a str, KeyHistory<'a>>,
    key: &'a str,
) -> &'k mut KeyHistory<'a> {
    keys.entry(key).or_insert_with(|| KeyHistory {
        key,
        placements: Vec::new(),
        lookups: Vec::new(),
        closure: None,
        stored_placement: None,
        orders: Vec::new(),
    })
}

impl KeyHistory<'_> {
    pub(super) fn completion(&self) -> Completion {
        if self.acknowledgements().next().is_some() {
            return Completion::Ok;
        }
        let last = self
            .placements
            .iter()
            .chain(&self.lookups)
            .max_by_key(|parsed| parsed.operation.completed_us);
        match last.and_then(|parsed| parsed.problem) {
            Some(Code::NotPlaced | Code::QuoteChanged | Code::NotOrderable) => Completion::Fail,
            _ => Completion::Info,
        }
    }

    pub(super) fn check(&self) -> Vec<Violation> {
        let mut violations = self.check_orders();
        violations.extend(self.check_responses());
        violations.extend(self.check_denials());
        violations.extend(self.check_prices());
        if let Some(closure) = self.closure
            && closure.must_be_placed
            && self.acknowledgements().next().is_none()
        {
            violations.push(Violation::NeverPlaced {
                client: closure.client,
                key: self.key.to_owned(),
            });
        }
        violations
    }

    /// Returns token and time of every acknowledgement.
    fn acknowledgements(&self) -> impl Iterator<Item = (&str, u64)> {
        let both = self.placements.iter().chain(&self.lookups);
        both.filter_map(|parsed| {
            let order = parsed.acknowledged_order()?;
            Some((order.token.as_str(), parsed.operation.completed_us))
        })
    }

    fn check_orders(&self) -> Vec<Violation> {
        let acknowledged: BTreeSet<&str> =
            self.acknowledgements().map(|(token, _)| token).collect();
        let stored: BTreeSet<&str> = self
            .orders
            .iter()
            .map(|order| order.token.as_str())
            .collect();
        if acknowledged.len() > 1 || stored.len() > 1 {
            let tokens = acknowledged
                .union(&stored)
                .map(|&token| token.to_owned())
                .collect();
            return vec![Violation::DuplicateOrder {
                key: self.key.to_owned(),
                tokens,
            }];
        }
        let missing = acknowledged.difference(&stored);
        let mut violations: Vec<Violation> = missing
            .map(|token| Violation::AcknowledgedOrderMissing {
                key: self.key.to_owned(),
                token: (*token).to_owned(),
            })
            .collect();
        for order in &self.orders {
            if self
                .stored_placement
                .is_none_or(|placement| placement.order_id != order.id)
            {
                violations.push(Violation::OrderWithoutKey {
                    key: self.key.to_owned(),
                    token: order.token.clone(),
                });
            }
        }
        violations
    }

    /// Compares all responses for one order byte for byte, including the saved one. Different orders are reported as duplicates.
    fn check_responses(&self) -> Option<Violation> {
        let responses = self.placements.iter().filter_map(|parsed| {
            let order = parsed.acknowledged_order()?;
            match &parsed.operation.outcome {
                Outcome::Response(response) => Some((order.token.as_str(), response.body.as_str())),
                _ => None,
            }
        });
        let mut bodies: HashMap<&str, HashSet<&str>> = HashMap::new();
        for (token, body) in responses {
            bodies.entry(token).or_default().insert(body);
        }
        if let Some(placement) = self.stored_placement
            && let Some(order) = self
                .orders
                .iter()
                .find(|order| order.id == placement.order_id)
            && let Some(bodies) = bodies.get_mut(order.token.as_str())
        {
            bodies.insert(&placement.response);
        }
        bodies
            .values()
            .any(|bodies| bodies.len() > 1)
            .then(|| Violation::ResponsesDiffer {
                key: self.key.to_owned(),
            })
    }

    fn check_denials(&self) -> Vec<Violation> {
        let Some(acknowledged_us) = self.acknowledgements().map(|(_, at_us)| at_us).min() else {
            return Vec::new();
        };
        let denials = self.lookups.iter().filter(|parsed| {
            parsed.problem == Some(Code::NotPlaced) && parsed.operation.invoked_us > acknowledged_us
        });
        denials
            .map(|parsed| Violation::DeniedAfterAcknowledgement {
                subject: format!("key {}", self.key),
                at_us: parsed.operation.completed_us,
            })
            .collect()
    }

    fn check_prices(&self) -> Vec<Violation> {
        let agreed: Vec<&PriceBreakdown> = self
            .placements
            .iter()
            .filter_map(|parsed| match &parsed.operation.invocation {
                Invocation::Place { agreed, .. } => Some(agreed),
                _ => None,
            })
            .collect();
        let acknowledged = self
            .placements
            .iter()
            .chain(&self.lookups)
            .filter_map(|parsed| parsed.acknowledged_order())
            .map(|order| (order.token.as_str(), PriceBreakdown::from(order)));
        let stored = self
            .orders
            .iter()
            .map(|order| (order.token.as_str(), order.price.clone()));
        let mut wrong: Vec<(&str, &'static str)> = acknowledged
            .chain(stored)
            .filter_map(|(token, price)| {
                let reason = if let Some(reason) = arithmetic_error(&price) {
                    reason
                } else if agreed.contains(&&price) {
                    return None;
                } else {
                    "the price charged is not the agreed one"
                };
                Some((token, reason))
            })
            .collect();
        wrong.sort_unstable();
        wrong.dedup();
        wrong
            .into_iter()
            .map(|(token, reason)| Violation::WrongTotal {
                token: token.to_owned(),
                reason,
            })
            .collect()
    }
}

/// Checks the rules that hold for every menu.
fn arithmetic_error(price: &PriceBreakdown) -> Option<&'static str> {
    let goods: Pence = price.lines.iter().map(|line| line.total_pence).sum();
    if price
        .lines
        .iter()
        .any(|line| line.total_pence != line.unit_pence * i64::from(line.quantity))
    {
        Some("the total of a line is not its price times its quantity")
    } else if goods != price.goods_pence {
        Some("the goods are not the sum of the lines")
    } else if price.total_pence != price.goods_pence + price.delivery_fee_pence {
        Some("the total is not goods and delivery")
    // VAT at 20 % is a sixth of the gross price, rounded to the next penny.
    } else if price.vat_pence.0 < 0 || price.vat_pence.0 > (price.total_pence.0 + 5) / 6 {
        Some("the VAT is more than 20 %")
    } else {
        None
    }
}
