//! Pricing: what the lines of a basket cost, and the VAT included.
//!
//! Every line that can be priced is priced; problems are reported beside the prices as obstacles. Amounts cannot overflow: `menus`
//! accepts only prices below £10,000, a line counts each choice once and at most [`MAX_QUANTITY`] portions, and a basket has at most
//! [`MAX_LINES`] lines.

use model::basket::{
    BasketChoice, BasketLine, MAX_LINES, MAX_QUANTITY, Obstacle, ObstacleCode, QuoteLine,
    QuotedChoice,
};
use model::menu::{Dish, OptionGroup};
use model::{Pence, VatClass};

use super::Restaurant;
use super::inventory::{self, Inventory};

/// The lines of a basket with their prices.
#[derive(Clone, Debug, Default)]
pub struct PricedLines {
    /// One for each line of the basket, in its order.
    pub lines: Vec<QuoteLine>,
    pub goods: Pence,
    /// The part of the goods that bears VAT at the standard rate.
    pub standard_rated: Pence,
    pub obstacles: Vec<Obstacle>,
}

/// Prices the lines of a basket and lists what prevents them from being ordered.
#[must_use]
pub fn price_lines(
    restaurant: &Restaurant,
    basket: &[BasketLine],
    inventory: &Inventory,
) -> PricedLines {
    let mut priced = PricedLines::default();
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
    // Quantity ordered of each dish. An entry is removed once its shortage has been reported.
    let mut quantities = inventory::sum_quantities(
        basket
            .iter()
            .take(MAX_LINES)
            .map(|line| (line.dish.as_str(), line.quantity.min(MAX_QUANTITY))),
    );
    for (index, line) in (0..).zip(basket.iter().take(MAX_LINES)) {
        let quantity = line.quantity.min(MAX_QUANTITY);
        let Some(dish) = restaurant.dish(&line.dish) else {
            priced.lines.push(unknown_line(line, quantity));
            priced.obstacles.push(Obstacle {
                code: ObstacleCode::UnknownDish,
                message: format!(
                    "{} is no longer on the menu; remove it.",
                    name_from_id(&line.dish)
                ),
                line: Some(index),
            });
            continue;
        };
        let mut push_obstacle = |code, message| {
            priced.obstacles.push(Obstacle {
                code,
                message,
                line: Some(index),
            });
        };
        if line.quantity == 0 {
            push_obstacle(
                ObstacleCode::BadQuantity,
                format!("Choose how many portions of {}, or remove it.", dish.name),
            );
        } else if line.quantity > MAX_QUANTITY {
            push_obstacle(
                ObstacleCode::BadQuantity,
                format!(
                    "Up to {MAX_QUANTITY} portions of {} can be ordered at once; choose fewer.",
                    dish.name
                ),
            );
        }
        let available = inventory.available(&dish.id);
        if !dish.available || available == Some(0) {
            push_obstacle(
                ObstacleCode::SoldOut,
                format!("{} is sold out; remove it.", dish.name),
            );
        } else if let Some(available) = available
            && quantities
                .remove(dish.id.as_str())
                .is_some_and(|ordered| ordered > available)
        {
            push_obstacle(
                ObstacleCode::SoldOut,
                format!("Only {available} of {} left; take fewer.", dish.name),
            );
        }
        let choices = quote_choices(dish, &line.choices, &mut push_obstacle);

        let mut unit = dish.price_pence;
        let mut unit_standard = standard_rated(dish.vat, dish.price_pence);
        for (choice, vat) in &choices {
            unit += choice.price_pence;
            unit_standard += standard_rated(*vat, choice.price_pence);
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

/// Looks up the chosen options, in the order of the menu, whatever order the client sent them in.
fn quote_choices(
    dish: &Dish,
    requested: &[BasketChoice],
    push_obstacle: &mut impl FnMut(ObstacleCode, String),
) -> Vec<(QuotedChoice, VatClass)> {
    let is_offered = |chosen: &BasketChoice| {
        dish.options.iter().any(|group| {
            group.id == chosen.group
                && group
                    .choices
                    .iter()
                    .any(|choice| choice.id == chosen.choice)
        })
    };
    if let Some(missing) = requested.iter().find(|chosen| !is_offered(chosen)) {
        push_obstacle(
            ObstacleCode::UnknownChoice,
            format!(
                "{} can no longer be chosen with {}; choose again.",
                name_from_id(&missing.choice),
                dish.name
            ),
        );
    }
    let mut quoted = Vec::new();
    for group in &dish.options {
        let before = quoted.len();
        let mut repeated = false;
        for choice in &group.choices {
            let times = requested
                .iter()
                .filter(|chosen| chosen.group == group.id && chosen.choice == choice.id)
                .count();
            if times == 0 {
                continue;
            }
            repeated |= times > 1;
            if !choice.available {
                push_obstacle(
                    ObstacleCode::SoldOut,
                    format!(
                        "{} is sold out; choose something else with {}.",
                        choice.name, dish.name
                    ),
                );
            }
            let choice_quoted = QuotedChoice {
                group: group.id.clone(),
                choice: choice.id.clone(),
                name: choice.name.clone(),
                price_pence: choice.price_pence,
            };
            quoted.push((choice_quoted, choice.vat));
        }
        check_count(dish, group, quoted.len() - before, repeated, push_obstacle);
    }
    quoted
}

/// Reports a group in which too few or too many options, or one option twice, were chosen.
fn check_count(
    dish: &Dish,
    group: &OptionGroup,
    count: usize,
    repeated: bool,
    push_obstacle: &mut impl FnMut(ObstacleCode, String),
) {
    if count < group.minimum as usize {
        push_obstacle(
            ObstacleCode::TooFewChoices,
            format!(
                "{}, {}: choose at least {}.",
                dish.name, group.name, group.minimum
            ),
        );
    } else if count > group.maximum as usize {
        push_obstacle(
            ObstacleCode::TooManyChoices,
            format!(
                "{}, {}: choose at most {}.",
                dish.name, group.name, group.maximum
            ),
        );
    } else if repeated {
        push_obstacle(
            ObstacleCode::TooManyChoices,
            format!(
                "{}, {}: each can be chosen once; choose again.",
                dish.name, group.name
            ),
        );
    }
}

/// Computes the VAT included in goods and delivery charge, whose prices include VAT.
///
/// A delivery charge that belongs to the sale of the goods follows them (VAT Notice 700/24, section 2); in a mixed basket
/// its standard-rated part is that of the goods. A shop that sells at prices with VAT rounds to the nearest penny and never
/// just down (VAT Notice 700, paragraph 17.6; HMRC manual VATREC12020, VATREC12030). The sum of everything at the standard rate is
/// rounded once, so that neither the order of lines nor their splitting changes the result.
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
    // One sixth of the standard-rated goods and of the same part of the fee: standard × (goods + fee) / goods / 6.
    let (dividend, divisor) = (standard * (goods + fee), 6 * goods);
    let rounded = (2 * dividend + divisor).div_euclid(2 * divisor);
    Pence(i64::try_from(rounded).unwrap_or(i64::MAX))
}

fn standard_rated(class: VatClass, amount: Pence) -> Pence {
    match class {
        VatClass::Standard => amount,
        VatClass::Zero => Pence::ZERO,
    }
}

fn unknown_line(line: &BasketLine, quantity: u32) -> QuoteLine {
    QuoteLine {
        dish: line.dish.clone(),
        name: name_from_id(&line.dish),
        quantity,
        choices: Vec::new(),
        unit_pence: Pence::ZERO,
        total_pence: Pence::ZERO,
        vat: VatClass::Zero,
    }
}

/// Makes a name from an id, `Lamb karahi` from `lamb-karahi`, for a dish or choice that has left the menu.
fn name_from_id(id: &str) -> String {
    let text = id.replace('-', " ");
    let mut letters = text.chars();
    match letters.next() {
        Some(first) => first.to_uppercase().chain(letters).collect(),
        None => "This dish".to_owned(),
    }
}

#[cfg(test)]
mod tests;
