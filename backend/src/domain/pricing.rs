//! What the lines of a basket cost, and the VAT inside.
//!
//! Everything that can be priced is, and what is the matter with a line is told beside. Amounts cannot overflow: `menus`
//! takes prices below £10,000 only, a line counts each choice once and at most [`MAX_QUANTITY`] portions, and a basket has at
//! most [`MAX_LINES`] lines.

use model::basket::{
    BasketChoice, BasketLine, MAX_LINES, MAX_QUANTITY, Obstacle, ObstacleCode, QuoteLine,
    QuotedChoice,
};
use model::menu::{Dish, OptionGroup};
use model::{Pence, VatClass};

use super::Restaurant;
use super::supply::{self, Supply};

/// The lines of a basket with their prices.
#[derive(Clone, Debug, Default)]
pub struct Priced {
    /// One for each line of the basket, in its order.
    pub lines: Vec<QuoteLine>,
    pub goods: Pence,
    /// The part of the goods that VAT is due on.
    pub standard_rated: Pence,
    pub obstacles: Vec<Obstacle>,
}

#[must_use]
pub fn price(restaurant: &Restaurant, basket: &[BasketLine], supply: &Supply) -> Priced {
    let mut priced = Priced::default();
    if basket.is_empty() {
        priced.obstacles.push(Obstacle {
            code: ObstacleCode::EmptyBasket,
            message: "The basket is empty; add a dish.".to_owned(),
            line: None,
        });
    }
    if basket.len() > MAX_LINES {
        priced.obstacles.push(Obstacle {
            code: ObstacleCode::BadQuantity,
            message: format!("A basket holds up to {MAX_LINES} lines; remove some."),
            line: None,
        });
    }
    // Of each dish, until it is told that there are too few of it.
    let mut portions = supply::portions(
        basket
            .iter()
            .take(MAX_LINES)
            .map(|line| (line.dish.as_str(), line.quantity.min(MAX_QUANTITY))),
    );
    for (index, line) in (0..).zip(basket.iter().take(MAX_LINES)) {
        let quantity = line.quantity.min(MAX_QUANTITY);
        let Some(dish) = restaurant.dish(&line.dish) else {
            priced.lines.push(unknown(line, quantity));
            priced.obstacles.push(Obstacle {
                code: ObstacleCode::UnknownDish,
                message: format!(
                    "{} is no longer on the menu; remove it.",
                    readable(&line.dish)
                ),
                line: Some(index),
            });
            continue;
        };
        let mut matter = |code, message| {
            priced.obstacles.push(Obstacle {
                code,
                message,
                line: Some(index),
            });
        };
        if line.quantity == 0 {
            matter(
                ObstacleCode::BadQuantity,
                format!("Choose how many portions of {}, or remove it.", dish.name),
            );
        } else if line.quantity > MAX_QUANTITY {
            matter(
                ObstacleCode::BadQuantity,
                format!(
                    "Up to {MAX_QUANTITY} portions of {} can be ordered at once; choose fewer.",
                    dish.name
                ),
            );
        }
        let left = supply.left(&dish.id);
        if !dish.available || left == Some(0) {
            matter(
                ObstacleCode::SoldOut,
                format!("{} is sold out; remove it.", dish.name),
            );
        } else if let Some(left) = left
            && portions
                .remove(dish.id.as_str())
                .is_some_and(|wanted| wanted > left)
        {
            matter(
                ObstacleCode::SoldOut,
                format!("Only {left} of {} left; take fewer.", dish.name),
            );
        }
        let choices = choose(dish, &line.choices, &mut matter);

        let mut unit = dish.price_pence;
        let mut unit_standard = standard(dish.vat, dish.price_pence);
        for (choice, vat) in &choices {
            unit += choice.price_pence;
            unit_standard += standard(*vat, choice.price_pence);
        }
        let total = unit * i64::from(quantity);
        priced.goods += total;
        priced.standard_rated += unit_standard * i64::from(quantity);
        priced.lines.push(QuoteLine {
            dish: dish.id.clone(),
            name: dish.name.clone(),
            quantity,
            choices: choices.into_iter().map(|(choice, _)| choice).collect(),
            unit_pence: unit,
            total_pence: total,
            vat: dish.vat,
        });
    }
    priced
}

/// The choices taken, in the order of the menu, whatever order they were sent in.
fn choose(
    dish: &Dish,
    chosen: &[BasketChoice],
    matter: &mut impl FnMut(ObstacleCode, String),
) -> Vec<(QuotedChoice, VatClass)> {
    let known = |wanted: &BasketChoice| {
        dish.options.iter().any(|group| {
            group.id == wanted.group
                && group
                    .choices
                    .iter()
                    .any(|choice| choice.id == wanted.choice)
        })
    };
    if let Some(missing) = chosen.iter().find(|wanted| !known(wanted)) {
        matter(
            ObstacleCode::UnknownChoice,
            format!(
                "{} can no longer be chosen with {}; choose again.",
                readable(&missing.choice),
                dish.name
            ),
        );
    }
    let mut taken = Vec::new();
    for group in &dish.options {
        let before = taken.len();
        let mut twice = false;
        for choice in &group.choices {
            let times = chosen
                .iter()
                .filter(|wanted| wanted.group == group.id && wanted.choice == choice.id)
                .count();
            if times == 0 {
                continue;
            }
            twice |= times > 1;
            if !choice.available {
                matter(
                    ObstacleCode::SoldOut,
                    format!(
                        "{} is sold out; choose something else with {}.",
                        choice.name, dish.name
                    ),
                );
            }
            let quoted = QuotedChoice {
                group: group.id.clone(),
                choice: choice.id.clone(),
                name: choice.name.clone(),
                price_pence: choice.price_pence,
            };
            taken.push((quoted, choice.vat));
        }
        check_count(dish, group, taken.len() - before, twice, matter);
    }
    taken
}

fn check_count(
    dish: &Dish,
    group: &OptionGroup,
    count: usize,
    twice: bool,
    matter: &mut impl FnMut(ObstacleCode, String),
) {
    if count < group.minimum as usize {
        matter(
            ObstacleCode::TooFewChoices,
            format!(
                "{}, {}: choose at least {}.",
                dish.name, group.name, group.minimum
            ),
        );
    } else if count > group.maximum as usize {
        matter(
            ObstacleCode::TooManyChoices,
            format!(
                "{}, {}: choose at most {}.",
                dish.name, group.name, group.maximum
            ),
        );
    } else if twice {
        matter(
            ObstacleCode::TooManyChoices,
            format!(
                "{}, {}: each can be chosen once; choose again.",
                dish.name, group.name
            ),
        );
    }
}

/// The VAT inside goods and delivery charge, at the prices with VAT that the customer pays.
///
/// A delivery charge that belongs to the sale of the goods follows them (VAT Notice 700/24, section 2); in a mixed basket
/// its standard-rated part is that of the goods. A shop that sells at prices with VAT rounds to the nearest penny and never
/// just down (VAT Notice 700, paragraph 17.6; HMRC manual VATREC12020, VATREC12030); it is rounded once, for all that bears the
/// rate, so that the order of lines or their splitting does not matter.
#[must_use]
pub fn vat(registered: bool, goods: Pence, standard_rated: Pence, delivery_fee: Pence) -> Pence {
    if !registered || standard_rated.is_zero() {
        return Pence::ZERO;
    }
    let (goods, standard, fee) = (
        i128::from(goods.0),
        i128::from(standard_rated.0),
        i128::from(delivery_fee.0),
    );
    // A sixth of the standard-rated goods and of the same part of the fee: standard × (goods + fee) / goods / 6.
    let (dividend, divisor) = (standard * (goods + fee), 6 * goods);
    let rounded = (2 * dividend + divisor).div_euclid(2 * divisor);
    Pence(i64::try_from(rounded).unwrap_or(i64::MAX))
}

fn standard(class: VatClass, amount: Pence) -> Pence {
    match class {
        VatClass::Standard => amount,
        VatClass::Zero => Pence::ZERO,
    }
}

fn unknown(line: &BasketLine, quantity: u32) -> QuoteLine {
    QuoteLine {
        dish: line.dish.clone(),
        name: readable(&line.dish),
        quantity,
        choices: Vec::new(),
        unit_pence: Pence::ZERO,
        total_pence: Pence::ZERO,
        vat: VatClass::Zero,
    }
}

/// `Lamb karahi` for the id `lamb-karahi`: the name of what is no longer there.
fn readable(id: &str) -> String {
    let text = id.replace('-', " ");
    let mut letters = text.chars();
    match letters.next() {
        Some(first) => first.to_uppercase().chain(letters).collect(),
        None => "This dish".to_owned(),
    }
}

#[cfg(test)]
mod tests;
