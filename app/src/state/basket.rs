//! Baskets as the phone keeps them: one for each restaurant, with the names that were shown. Pure; it must not know storage, or prices
//! that are charged (`unit_pence` is only shown until the quote has arrived).

use std::collections::BTreeMap;

use model::Pence;
use model::basket::{self as wire, BasketChoice, MAX_LINES, MAX_QUANTITY, QuoteLine};
use model::restaurant::{Fulfilment, Slot};
use serde::{Deserialize, Serialize};

/// All baskets of this phone.
#[derive(Clone, Debug, Default, PartialEq, Deserialize, Serialize)]
pub struct Baskets {
    /// The restaurant whose basket was changed last.
    pub current: Option<String>,
    /// By the restaurant's slug.
    #[serde(rename = "of")]
    pub by_restaurant: BTreeMap<String, Basket>,
}

#[derive(Clone, Debug, Default, PartialEq, Deserialize, Serialize)]
pub struct Basket {
    /// As shown.
    pub restaurant_name: String,
    /// Absent: not chosen yet.
    pub fulfilment: Option<Fulfilment>,
    /// Absent: as soon as possible.
    pub slot: Option<Slot>,
    pub lines: Vec<Line>,
}

#[derive(Clone, Debug, PartialEq, Deserialize, Serialize)]
pub struct Line {
    /// The dish's id.
    pub dish: String,
    pub name: String,
    pub quantity: u32,
    pub choices: Vec<Choice>,
    /// The price of one portion with its choices, as the menu had it.
    pub unit_pence: Pence,
}

#[derive(Clone, Debug, PartialEq, Deserialize, Serialize)]
pub struct Choice {
    pub group: String,
    pub choice: String,
    pub name: String,
}

impl Line {
    /// Whether both are the same dish with the same choices, in any order.
    #[must_use]
    pub fn same_as(&self, other: &Self) -> bool {
        self.dish == other.dish && same_choices(&self.choices, &other.choices)
    }

    fn matches_ordered(&self, other: &QuoteLine) -> bool {
        self.dish == other.dish
            && self.choices.len() == other.choices.len()
            && self.choices.iter().all(|mine| {
                other
                    .choices
                    .iter()
                    .any(|theirs| theirs.group == mine.group && theirs.choice == mine.choice)
            })
    }
}

fn same_choices(one: &[Choice], other: &[Choice]) -> bool {
    one.len() == other.len()
        && one.iter().all(|mine| {
            other
                .iter()
                .any(|theirs| theirs.group == mine.group && theirs.choice == mine.choice)
        })
}

impl Basket {
    /// The number of portions, not of lines.
    #[must_use]
    pub fn count(&self) -> u32 {
        self.lines.iter().map(|line| line.quantity).sum()
    }

    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.lines.is_empty()
    }

    /// The number of portions of one dish over all its lines.
    #[must_use]
    pub fn count_of(&self, dish: &str) -> u32 {
        self.lines
            .iter()
            .filter(|line| line.dish == dish)
            .map(|line| line.quantity)
            .sum()
    }

    /// Adds portions; the same dish with the same choices becomes one line with the newest name and price. Portions above the limits
    /// are not added.
    pub fn add(&mut self, new: Line) {
        let full = self.lines.len() >= MAX_LINES;
        match self.lines.iter_mut().find(|line| line.same_as(&new)) {
            Some(line) => {
                line.quantity = (line.quantity + new.quantity).min(MAX_QUANTITY);
                line.name = new.name;
                line.unit_pence = new.unit_pence;
            }
            None if full || new.quantity == 0 => {}
            None => self.lines.push(Line {
                quantity: new.quantity.min(MAX_QUANTITY),
                ..new
            }),
        }
    }

    /// Sets the portions of a line; 0 removes it. A line that another tab has removed stays removed.
    pub fn set_quantity(&mut self, of: &Line, quantity: u32) {
        if quantity == 0 {
            self.lines.retain(|line| !line.same_as(of));
        } else if let Some(line) = self.lines.iter_mut().find(|line| line.same_as(of)) {
            line.quantity = quantity.min(MAX_QUANTITY);
        }
    }

    /// Removes what was ordered. What was added since stays.
    pub fn remove_ordered(&mut self, ordered: &[QuoteLine]) {
        for gone in ordered {
            if let Some(line) = self
                .lines
                .iter_mut()
                .find(|line| line.matches_ordered(gone))
            {
                line.quantity = line.quantity.saturating_sub(gone.quantity);
            }
        }
        self.lines.retain(|line| line.quantity > 0);
        self.slot = None;
    }

    /// The basket in the API's format. Without a choice it is for delivery.
    #[must_use]
    pub fn to_wire(&self, restaurant: &str, postcode: &str) -> wire::Basket {
        let fulfilment = self.fulfilment.unwrap_or(Fulfilment::Delivery);
        let postcode = postcode.trim();
        wire::Basket {
            restaurant: restaurant.to_owned(),
            fulfilment,
            postcode: (fulfilment == Fulfilment::Delivery && !postcode.is_empty())
                .then(|| postcode.to_owned()),
            slot_start_ms: self.slot.map(|slot| slot.start_ms),
            lines: self
                .lines
                .iter()
                .map(|line| wire::BasketLine {
                    dish: line.dish.clone(),
                    quantity: line.quantity,
                    choices: line
                        .choices
                        .iter()
                        .map(|choice| BasketChoice {
                            group: choice.group.clone(),
                            choice: choice.choice.clone(),
                        })
                        .collect(),
                })
                .collect(),
        }
    }
}

impl Baskets {
    #[must_use]
    pub fn get(&self, restaurant: &str) -> Option<&Basket> {
        self.by_restaurant.get(restaurant)
    }

    /// Changes one basket and makes it the current one.
    pub fn change(&mut self, restaurant: &str, change: impl FnOnce(&mut Basket)) {
        change(self.by_restaurant.entry(restaurant.to_owned()).or_default());
        self.current = Some(restaurant.to_owned());
    }

    /// The restaurant whose basket a checkout without a name is about: the current one, or any with something in it.
    #[must_use]
    pub fn current_slug(&self) -> Option<&str> {
        let holds = |slug: &&str| self.get(slug).is_some_and(|basket| !basket.is_empty());
        self.current
            .as_deref()
            .filter(holds)
            .or_else(|| self.by_restaurant.keys().map(String::as_str).find(holds))
    }
}

#[cfg(test)]
mod tests;
