//! One key, one order, one answer: what was acknowledged is in the store, once, at the price that was agreed to.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};

use model::Pence;
use model::problem::Code;

use super::{End, Seen, Told};
use crate::chaos::finding::Finding;
use crate::chaos::history::{Ask, Deal, Ended, Outcome};
use crate::chaos::stored::{Stored, StoredOrder, StoredPlacement};

/// All that is known of one key.
pub(super) struct Key<'a> {
    key: &'a str,
    placings: Vec<&'a Told<'a>>,
    findings: Vec<&'a Told<'a>>,
    ended: Option<&'a Ended>,
    placement: Option<&'a StoredPlacement>,
    /// Those that were made from it, by what the customer wrote on them.
    orders: Vec<&'a StoredOrder>,
}

/// Every key that a customer used, in alphabetical order.
pub(super) fn of<'a>(seen: &'a Seen<'_>, stored: &'a Stored) -> Vec<Key<'a>> {
    let mut keys: BTreeMap<&str, Key<'_>> = BTreeMap::new();
    for told in &seen.exchanges {
        match &told.exchange.ask {
            Ask::Place { key, .. } => entry(&mut keys, key).placings.push(told),
            Ask::FindByKey { key } => entry(&mut keys, key).findings.push(told),
            _ => {}
        }
    }
    for &ended in &seen.ended {
        entry(&mut keys, &ended.key).ended = Some(ended);
    }
    for placement in &stored.placements {
        if let Some(key) = keys.get_mut(placement.key.as_str()) {
            key.placement = Some(placement);
        }
    }
    for order in &stored.orders {
        if let Some(key) = keys.get_mut(order.notes.as_str()) {
            key.orders.push(order);
        }
    }
    keys.into_values().collect()
}

/// Orders from no customer.
pub(super) fn unasked(seen: &Seen<'_>, stored: &Stored) -> Vec<Finding> {
    let asked: HashSet<&str> = seen
        .exchanges
        .iter()
        .filter_map(|told| match &told.exchange.ask {
            Ask::Place { key, .. } => Some(key.as_str()),
            _ => None,
        })
        .collect();
    let strange = stored
        .orders
        .iter()
        .filter(|order| !asked.contains(order.notes.as_str()));
    strange
        .map(|order| Finding::Unasked {
            token: order.token.clone(),
        })
        .collect()
}

fn entry<'k, 'a>(keys: &'k mut BTreeMap<&'a str, Key<'a>>, key: &'a str) -> &'k mut Key<'a> {
    keys.entry(key).or_insert_with(|| Key {
        key,
        placings: Vec::new(),
        findings: Vec::new(),
        ended: None,
        placement: None,
        orders: Vec::new(),
    })
}

impl Key<'_> {
    pub(super) fn end(&self) -> End {
        if self.acknowledgements().next().is_some() {
            return End::Done;
        }
        let last = self
            .placings
            .iter()
            .chain(&self.findings)
            .max_by_key(|told| told.exchange.ended_us);
        match last.and_then(|told| told.problem) {
            Some(Code::NotPlaced | Code::QuoteChanged | Code::NotOrderable) => End::Failed,
            _ => End::Unknown,
        }
    }

    pub(super) fn check(&self) -> Vec<Finding> {
        let mut findings = self.check_orders();
        findings.extend(self.check_answers());
        findings.extend(self.check_denied());
        findings.extend(self.check_deal());
        if let Some(ended) = self.ended
            && ended.must_be_done
            && self.acknowledgements().next().is_none()
        {
            findings.push(Finding::NeverDone {
                client: ended.client,
                key: self.key.to_owned(),
            });
        }
        findings
    }

    /// Token and instant.
    fn acknowledgements(&self) -> impl Iterator<Item = (&str, u64)> {
        let both = self.placings.iter().chain(&self.findings);
        both.filter_map(|told| Some((told.acknowledges()?.token.as_str(), told.exchange.ended_us)))
    }

    fn check_orders(&self) -> Vec<Finding> {
        let told: BTreeSet<&str> = self.acknowledgements().map(|(token, _)| token).collect();
        let made: BTreeSet<&str> = self
            .orders
            .iter()
            .map(|order| order.token.as_str())
            .collect();
        if told.len() > 1 || made.len() > 1 {
            let tokens = told.union(&made).map(|&token| token.to_owned()).collect();
            return vec![Finding::MadeTwice {
                key: self.key.to_owned(),
                tokens,
            }];
        }
        let missing = told.difference(&made);
        let mut findings: Vec<Finding> = missing
            .map(|token| Finding::AcknowledgedAndMissing {
                key: self.key.to_owned(),
                token: (*token).to_owned(),
            })
            .collect();
        for order in &self.orders {
            if self
                .placement
                .is_none_or(|placement| placement.order_id != order.id)
            {
                findings.push(Finding::WithoutItsKey {
                    key: self.key.to_owned(),
                    token: order.token.clone(),
                });
            }
        }
        findings
    }

    /// Byte for byte, the saved answer included. Different orders are told of elsewhere.
    fn check_answers(&self) -> Option<Finding> {
        let told = self.placings.iter().filter_map(|told| {
            let order = told.acknowledges()?;
            match &told.exchange.outcome {
                Outcome::Answered(answer) => Some((order.token.as_str(), answer.body.as_str())),
                _ => None,
            }
        });
        let mut bodies: HashMap<&str, HashSet<&str>> = HashMap::new();
        for (token, body) in told {
            bodies.entry(token).or_default().insert(body);
        }
        if let Some(placement) = self.placement
            && let Some(order) = self
                .orders
                .iter()
                .find(|order| order.id == placement.order_id)
            && let Some(bodies) = bodies.get_mut(order.token.as_str())
        {
            bodies.insert(&placement.answer);
        }
        bodies
            .values()
            .any(|bodies| bodies.len() > 1)
            .then(|| Finding::AnswersDiffer {
                key: self.key.to_owned(),
            })
    }

    fn check_denied(&self) -> Vec<Finding> {
        let Some(acknowledged_us) = self.acknowledgements().map(|(_, at_us)| at_us).min() else {
            return Vec::new();
        };
        let denied = self.findings.iter().filter(|told| {
            told.problem == Some(Code::NotPlaced) && told.exchange.sent_us > acknowledged_us
        });
        denied
            .map(|told| Finding::Denied {
                what: format!("key {}", self.key),
                at_us: told.exchange.ended_us,
            })
            .collect()
    }

    fn check_deal(&self) -> Vec<Finding> {
        let agreed: Vec<&Deal> = self
            .placings
            .iter()
            .filter_map(|told| match &told.exchange.ask {
                Ask::Place { agreed, .. } => Some(agreed),
                _ => None,
            })
            .collect();
        let told = self
            .placings
            .iter()
            .chain(&self.findings)
            .filter_map(|told| told.acknowledges())
            .map(|order| (order.token.as_str(), Deal::from(order)));
        let stored = self
            .orders
            .iter()
            .map(|order| (order.token.as_str(), order.deal.clone()));
        let mut wrong: Vec<(&str, &'static str)> = told
            .chain(stored)
            .filter_map(|(token, deal)| {
                let why = if let Some(why) = does_not_add_up(&deal) {
                    why
                } else if agreed.contains(&&deal) {
                    return None;
                } else {
                    "what is charged is not what was agreed to"
                };
                Some((token, why))
            })
            .collect();
        wrong.sort_unstable();
        wrong.dedup();
        wrong
            .into_iter()
            .map(|(token, why)| Finding::WrongTotal {
                token: token.to_owned(),
                why,
            })
            .collect()
    }
}

/// The rules that hold whatever is on the menu.
fn does_not_add_up(deal: &Deal) -> Option<&'static str> {
    let goods: Pence = deal.lines.iter().map(|line| line.total_pence).sum();
    if deal
        .lines
        .iter()
        .any(|line| line.total_pence != line.unit_pence * i64::from(line.quantity))
    {
        Some("a line's total is not its price times its quantity")
    } else if goods != deal.goods_pence {
        Some("the goods are not the sum of the lines")
    } else if deal.total_pence != deal.goods_pence + deal.delivery_fee_pence {
        Some("the total is not goods and delivery")
    // A sixth of a gross price at most, to the next penny (VAT at 20 %).
    } else if deal.vat_pence.0 < 0 || deal.vat_pence.0 > (deal.total_pence.0 + 5) / 6 {
        Some("there is more VAT in it than the law has")
    } else {
        None
    }
}
