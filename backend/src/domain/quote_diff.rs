//! The difference between the quote that the customer agreed to and the current one, as sentences for the customer.
//!
//! The agreed quote comes from the client: its values are only compared, never used.

use model::basket::{ObstacleCode, Quote, QuoteChange, QuoteChangeKind, QuoteLine, QuotedChoice};
use model::restaurant::{Fulfilment, Slot};

use super::local_time::Zone;

/// Describes what changed from the agreed quote to the current one. Never empty when their digests differ.
#[must_use]
pub fn diff_quotes(agreed: &Quote, current: &Quote, zone: &Zone) -> Vec<QuoteChange> {
    let mut diff = QuoteDiff(Vec::new());
    diff.compare_order(agreed, current);
    diff.compare_lines(agreed, current);
    if agreed.delivery_fee_pence != current.delivery_fee_pence {
        diff.add(
            QuoteChangeKind::DeliveryFee,
            format!(
                "Delivery is now {} (was {}).",
                current.delivery_fee_pence, agreed.delivery_fee_pence
            ),
        );
    }
    if agreed.minimum_pence != current.minimum_pence {
        diff.add(
            QuoteChangeKind::Minimum,
            format!(
                "The minimum for delivery is now {} (was {}).",
                current.minimum_pence, agreed.minimum_pence
            ),
        );
    }
    if agreed.slot != current.slot {
        diff.add(
            QuoteChangeKind::Slot,
            format!(
                "The time is now {} (was {}).",
                describe_time(current.slot, zone),
                describe_time(agreed.slot, zone)
            ),
        );
    }
    if agreed.total_pence != current.total_pence {
        diff.add(
            QuoteChangeKind::Total,
            format!(
                "The total is now {} (was {}).",
                current.total_pence, agreed.total_pence
            ),
        );
    }
    if agreed.vat_pence != current.vat_pence {
        diff.add(
            QuoteChangeKind::Total,
            format!(
                "The VAT included is now {} (was {}).",
                current.vat_pence, agreed.vat_pence
            ),
        );
    }
    diff.compare_obstacles(agreed, current);
    diff.0
}

struct QuoteDiff(Vec<QuoteChange>);

impl QuoteDiff {
    fn add(&mut self, what: QuoteChangeKind, message: String) {
        self.0.push(QuoteChange { what, message });
    }

    fn compare_order(&mut self, agreed: &Quote, current: &Quote) {
        if agreed.restaurant != current.restaurant {
            self.add(
                QuoteChangeKind::Line,
                "The order is now with another restaurant.".to_owned(),
            );
        }
        if agreed.fulfilment != current.fulfilment {
            let message = match current.fulfilment {
                Fulfilment::Delivery => "The order is now delivered (was for collection).",
                Fulfilment::Collection => "The order is now for collection (was delivered).",
            };
            self.add(QuoteChangeKind::DeliveryFee, message.to_owned());
        } else if agreed.postcode != current.postcode {
            let place = |quote: &Quote| {
                quote
                    .postcode
                    .clone()
                    .unwrap_or_else(|| "no postcode".to_owned())
            };
            self.add(
                QuoteChangeKind::DeliveryFee,
                format!(
                    "Delivery is now to {} (was {}).",
                    place(current),
                    place(agreed)
                ),
            );
        }
    }

    fn compare_lines(&mut self, agreed: &Quote, current: &Quote) {
        for index in 0..agreed.lines.len().max(current.lines.len()) {
            match (agreed.lines.get(index), current.lines.get(index)) {
                (Some(old), Some(new)) if old.dish == new.dish => {
                    if is_unknown_dish(current, index) && !is_unknown_dish(agreed, index) {
                        self.add(
                            QuoteChangeKind::Line,
                            format!("{} is no longer on the menu.", old.name),
                        );
                    } else {
                        self.compare_line(old, new);
                    }
                }
                (old, new) => {
                    if let Some(old) = old {
                        self.add(
                            QuoteChangeKind::Line,
                            format!("{} is no longer in the basket.", old.name),
                        );
                    }
                    if let Some(new) = new {
                        self.add(
                            QuoteChangeKind::Line,
                            format!(
                                "{} × {} is now in the basket, at {}.",
                                new.quantity, new.name, new.total_pence
                            ),
                        );
                    }
                }
            }
        }
    }

    fn compare_line(&mut self, old: &QuoteLine, new: &QuoteLine) {
        let name = &new.name;
        if old.name != *name {
            self.add(
                QuoteChangeKind::Line,
                format!("{} is now called {name}.", old.name),
            );
        }
        if old.quantity != new.quantity {
            self.add(
                QuoteChangeKind::Line,
                format!("{name}: now {} (was {}).", new.quantity, old.quantity),
            );
        }
        let same_choices = old.choices.len() == new.choices.len()
            && old
                .choices
                .iter()
                .zip(&new.choices)
                .all(|(old, new)| (&old.group, &old.choice) == (&new.group, &new.choice));
        if !same_choices {
            self.add(
                QuoteChangeKind::Line,
                format!(
                    "{name} is now {} (was {}).",
                    describe_choices(&new.choices),
                    describe_choices(&old.choices)
                ),
            );
        }
        if old.unit_pence != new.unit_pence {
            self.add(
                QuoteChangeKind::Line,
                format!("{name} is now {} (was {}).", new.unit_pence, old.unit_pence),
            );
        }
        if !same_choices {
            return;
        }
        for (old_choice, new_choice) in old.choices.iter().zip(&new.choices) {
            if old_choice.name != new_choice.name {
                self.add(
                    QuoteChangeKind::Line,
                    format!(
                        "{} with {name} is now called {}.",
                        old_choice.name, new_choice.name
                    ),
                );
            }
            // A changed unit price is reported above; this reports choices whose price changes cancel out.
            if old_choice.price_pence != new_choice.price_pence && old.unit_pence == new.unit_pence
            {
                self.add(
                    QuoteChangeKind::Line,
                    format!(
                        "{} with {name} is now {} (was {}).",
                        new_choice.name, new_choice.price_pence, old_choice.price_pence
                    ),
                );
            }
        }
    }

    /// Reports obstacles that are new. Unknown dishes are left out: `compare_lines` reports them with their line.
    fn compare_obstacles(&mut self, agreed: &Quote, current: &Quote) {
        for obstacle in &current.obstacles {
            let was_there = agreed
                .obstacles
                .iter()
                .any(|old| (old.code, old.line) == (obstacle.code, obstacle.line));
            if !was_there && obstacle.code != ObstacleCode::UnknownDish {
                self.add(QuoteChangeKind::Obstacle, obstacle.message.clone());
            }
        }
    }
}

fn is_unknown_dish(quote: &Quote, line: usize) -> bool {
    quote
        .obstacles
        .iter()
        .any(|obstacle| obstacle.code == ObstacleCode::UnknownDish && obstacle.concerns_line(line))
}

fn describe_choices(choices: &[QuotedChoice]) -> String {
    if choices.is_empty() {
        return "without options".to_owned();
    }
    let names: Vec<&str> = choices.iter().map(|choice| choice.name.as_str()).collect();
    format!("with {}", names.join(", "))
}

fn describe_time(slot: Option<Slot>, zone: &Zone) -> String {
    slot.map_or_else(
        || "as soon as possible".to_owned(),
        |slot| zone.describe_slot(slot),
    )
}

#[cfg(test)]
mod tests;
