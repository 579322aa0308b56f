//! What the kitchen's ticket says beside the order itself.

use model::Allergens;
use model::basket::QuoteLine;

use super::Restaurant;

/// The allergens of a line as the menu states them now, its choices included; `None` where the dish has left the menu, of
/// which nothing is known then. A part that declares nothing leaves the whole undeclared.
#[must_use]
pub fn allergens(restaurant: &Restaurant, line: &QuoteLine) -> Option<Allergens> {
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
    use crate::domain::quote;
    use crate::domain::supply::Supply;
    use crate::menus::fixtures::{basket, instant, place, restaurant};

    #[test]
    fn a_lines_allergens_are_those_of_the_dish_and_of_what_was_chosen() {
        let sample = restaurant();
        let dish = sample.dish("lamb-karahi").unwrap();
        let mut wanted = basket(Fulfilment::Delivery);
        wanted.lines[0]
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
        let quoted = quote(
            &sample,
            &wanted,
            Some(&place(1500.0)),
            &Supply::default(),
            now_ms,
        );
        let told = allergens(&sample, &quoted.lines[0]).unwrap();
        let mut expected: Vec<Allergen> = dish.allergens.contains.clone();
        for choice in &wanted.lines[0].choices {
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
        assert_eq!(told.contains, expected);
    }

    #[test]
    fn what_is_not_on_the_menu_any_more_is_unknown_and_not_free_of_anything() {
        let sample = restaurant();
        let now_ms = instant("2026-01-07T12:00:00Z");
        let mut line = quote(
            &sample,
            &basket(Fulfilment::Collection),
            None,
            &Supply::default(),
            now_ms,
        )
        .lines[0]
            .clone();
        line.choices[0].choice = "gone".to_owned();
        assert!(!allergens(&sample, &line).unwrap().declared);
        line.dish = "gone".to_owned();
        assert_eq!(allergens(&sample, &line), None);
    }
}
