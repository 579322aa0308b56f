//! The rules of a dish's options: how many choices, which, and their price. Pure; the backend checks the same again.

use model::Pence;
use model::menu::{Dish, OptionGroup};

/// A choice by its place in the dish: index of the group, index of the choice.
pub type Picked = (usize, usize);

/// The groups in the order of display: required ones first.
pub fn display_order(dish: &Dish) -> Vec<usize> {
    let groups = 0..dish.options.len();
    let (required, optional): (Vec<_>, Vec<_>) =
        groups.partition(|group| dish.options[*group].minimum > 0);
    [required, optional].concat()
}

/// Picks a choice, or removes it. In a group of one the new choice replaces the old one; a full group stays as it is.
pub fn toggle(dish: &Dish, picked: &mut Vec<Picked>, choice: Picked) {
    let group = &dish.options[choice.0];
    if let Some(index) = picked.iter().position(|one| *one == choice) {
        // A radio button cannot be cleared, only exchanged.
        if !(group.minimum == 1 && group.maximum == 1) {
            picked.remove(index);
        }
    } else if group.maximum == 1 {
        picked.retain(|one| one.0 != choice.0);
        picked.push(choice);
    } else if count_picked(picked, choice.0) < group.maximum as usize {
        picked.push(choice);
    }
}

/// The number of choices picked in one group.
pub fn count_picked(picked: &[Picked], group: usize) -> usize {
    picked.iter().filter(|one| one.0 == group).count()
}

/// The groups that need more choices, in the order of display.
pub fn incomplete_groups(dish: &Dish, picked: &[Picked]) -> Vec<usize> {
    display_order(dish)
        .into_iter()
        .filter(|group| count_picked(picked, *group) < dish.options[*group].minimum as usize)
        .collect()
}

/// The price of one portion with these choices, by the menu.
pub fn unit_price(dish: &Dish, picked: &[Picked]) -> Pence {
    dish.price_pence
        + picked
            .iter()
            .map(|(group, choice)| dish.options[*group].choices[*choice].price_pence)
            .sum()
}

/// The rule of a group: `Choose one`, `Up to 3, if you like`.
pub fn rule_text(group: &OptionGroup) -> String {
    match (group.minimum, group.maximum) {
        (1, 1) => "Choose one".to_owned(),
        (0, 1) => "One, if you like".to_owned(),
        (0, most) => format!("Up to {most}, if you like"),
        (least, most) if least == most => format!("Choose {least}"),
        (least, most) => format!("Choose {least} to {most}"),
    }
}

/// What is missing in a group: `Choose one to go on.`, `Choose 2 more to go on.`
pub fn incomplete_text(group: &OptionGroup, picked: usize) -> String {
    match (group.minimum as usize).saturating_sub(picked) {
        1 if picked == 0 => "Choose one to go on.".to_owned(),
        1 => "Choose one more to go on.".to_owned(),
        more => format!("Choose {more} more to go on."),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use model::menu::Choice;
    use model::{Allergens, VatClass};

    fn group(id: &str, minimum: u32, maximum: u32, prices: &[i64]) -> OptionGroup {
        OptionGroup {
            id: id.into(),
            name: id.into(),
            minimum,
            maximum,
            choices: prices
                .iter()
                .enumerate()
                .map(|(index, price)| Choice {
                    id: index.to_string(),
                    name: index.to_string(),
                    price_pence: Pence(*price),
                    vat: VatClass::Standard,
                    allergens: Allergens::default(),
                    available: true,
                })
                .collect(),
        }
    }

    fn dish() -> Dish {
        Dish {
            id: "karahi".into(),
            name: "Karahi".into(),
            description: String::new(),
            price_pence: Pence(1000),
            vat: VatClass::Standard,
            allergens: Allergens::default(),
            diets: vec![],
            heat: 0,
            available: true,
            options: vec![
                group("extras", 0, 2, &[100, 150, 200]),
                group("heat", 1, 1, &[0, 50]),
            ],
        }
    }

    #[test]
    fn required_groups_come_first() {
        assert_eq!(display_order(&dish()), [1, 0]);
        assert_eq!(incomplete_groups(&dish(), &[]), [1]);
        assert_eq!(incomplete_groups(&dish(), &[(1, 0)]), [] as [usize; 0]);
    }

    #[test]
    fn a_group_of_one_exchanges_and_a_full_group_takes_no_more() {
        let (dish, mut picked) = (dish(), vec![]);
        toggle(&dish, &mut picked, (1, 0));
        toggle(&dish, &mut picked, (1, 1));
        assert_eq!(picked, [(1, 1)]);
        toggle(&dish, &mut picked, (1, 1));
        assert_eq!(picked, [(1, 1)], "one must be chosen, so it stays");
        toggle(&dish, &mut picked, (0, 0));
        toggle(&dish, &mut picked, (0, 1));
        toggle(&dish, &mut picked, (0, 2));
        assert_eq!(count_picked(&picked, 0), 2);
        toggle(&dish, &mut picked, (0, 0));
        assert_eq!(count_picked(&picked, 0), 1);
    }

    #[test]
    fn the_price_follows_the_choices() {
        assert_eq!(unit_price(&dish(), &[]), Pence(1000));
        assert_eq!(unit_price(&dish(), &[(0, 2), (1, 1)]), Pence(1250));
    }

    #[test]
    fn rules_and_missing_choices_are_sentences() {
        assert_eq!(rule_text(&group("a", 1, 1, &[])), "Choose one");
        assert_eq!(rule_text(&group("a", 0, 3, &[])), "Up to 3, if you like");
        assert_eq!(rule_text(&group("a", 2, 2, &[])), "Choose 2");
        assert_eq!(
            incomplete_text(&group("a", 2, 3, &[]), 0),
            "Choose 2 more to go on."
        );
        assert_eq!(
            incomplete_text(&group("a", 2, 3, &[]), 1),
            "Choose one more to go on."
        );
    }
}
