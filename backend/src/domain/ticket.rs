//! The kitchen ticket: what it shows beside the order itself.

use model::Allergens;
use model::basket::QuoteLine;

use super::Restaurant;

/// Collects the allergens of a line and its choices as the current menu states them; `None` where the dish has left the menu, since
/// nothing is known about it then. One part without a declaration leaves the whole line undeclared.
#[must_use]
pub fn collect_allergens(restaurant: &Restaurant, line: &QuoteLine) -> Option<Allergens> {
    let dish = restaurant.dish(&line.dish)?;
    let mut all = dish.allergens.clone();
    for chosen in &line.choices {
        let choice = dish
            .options
            .iter()
            .filter(|group| group.id == chosen.group)
            .flat_map(|group| &group.choices)
            .find(|choice| choice.id == chosen.choice);
        match choice {
            Some(choice) => {
                all.declared &= choice.allergens.declared;
                all.contains.extend(&choice.allergens.contains);
                all.may_contain.extend(&choice.allergens.may_contain);
            }
            None => all.declared = false,
        }
    }
    all.contains.sort_unstable();
    all.contains.dedup();
    all.may_contain.sort_unstable();
    all.may_contain.dedup();
    let contains = &all.contains;
    all.may_contain
        .retain(|allergen| !contains.contains(allergen));
    Some(all)
}

#[cfg(test)]
mod tests {
    use model::Allergen;
    use model::basket::BasketChoice;
    use model::restaurant::Fulfilment;

    use super::*;
    use crate::domain::inventory::Inventory;
    use crate::domain::quote_basket;
    use crate::menus::fixtures::{basket, instant, place, restaurant};

    #[test]
    fn a_line_has_the_allergens_of_its_dish_and_choices() {
        let sample = restaurant();
        let dish = sample.dish("lamb-karahi").unwrap();
        let mut basket = basket(Fulfilment::Delivery);
        basket.lines[0]
            .choices
            .extend(dish.options.iter().flat_map(|group| {
                group
                    .choices
                    .iter()
                    .filter(|choice| !choice.allergens.contains.is_empty())
                    .take(1)
                    .map(|choice| BasketChoice {
                        group: group.id.clone(),
                        choice: choice.id.clone(),
                    })
            }));
        let now_ms = instant("2026-01-07T12:00:00Z");
        let quoted = quote_basket(
            &sample,
            &basket,
            Some(&place(1500.0)),
            &Inventory::default(),
            now_ms,
        );
        let allergens = collect_allergens(&sample, &quoted.lines[0]).unwrap();
        let mut expected: Vec<Allergen> = dish.allergens.contains.clone();
        for choice in &basket.lines[0].choices {
            let group = dish.options.iter().find(|group| group.id == choice.group);
            let chosen = group.and_then(|group| {
                group
                    .choices
                    .iter()
                    .find(|offered| offered.id == choice.choice)
            });
            expected.extend(&chosen.unwrap().allergens.contains);
        }
        expected.sort_unstable();
        expected.dedup();
        assert_eq!(allergens.contains, expected);
    }

    #[test]
    fn allergens_of_what_has_left_the_menu_are_undeclared() {
        let sample = restaurant();
        let now_ms = instant("2026-01-07T12:00:00Z");
        let mut line = quote_basket(
            &sample,
            &basket(Fulfilment::Collection),
            None,
            &Inventory::default(),
            now_ms,
        )
        .lines[0]
            .clone();
        line.choices[0].choice = "gone".to_owned();
        assert!(!collect_allergens(&sample, &line).unwrap().declared);
        line.dish = "gone".to_owned();
        assert_eq!(collect_allergens(&sample, &line), None);
    }
}
