//! Rules of choosing options: how many, which, what they add to the price. Pure. The backend checks the same again.

use model::Pence;
use model::menu::{Dish, OptionGroup};

/// A choice by its place in the dish: group, choice.
pub type Picked = (usize, usize);

/// Groups in the order they are asked in: what must be answered first.
pub fn order(dish: &Dish) -> Vec<usize> {
    let groups = 0..dish.options.len();
    let (required, optional): (Vec<_>, Vec<_>) =
        groups.partition(|group| dish.options[*group].minimum > 0);
    [required, optional].concat()
}

/// Takes a choice, or puts it back. In a group of one the new choice replaces the old; a full group stays as it is.
pub fn toggle(dish: &Dish, picked: &mut Vec<Picked>, choice: Picked) {
    let group = &dish.options[choice.0];
    if let Some(index) = picked.iter().position(|one| *one == choice) {
        // A radio button cannot be put back, only exchanged.
        if !(group.minimum == 1 && group.maximum == 1) {
            picked.remove(index);
        }
    } else if group.maximum == 1 {
        picked.retain(|one| one.0 != choice.0);
        picked.push(choice);
    } else if count(picked, choice.0) < group.maximum as usize {
        picked.push(choice);
    }
}

/// Choices taken of one group.
pub fn count(picked: &[Picked], group: usize) -> usize {
    picked.iter().filter(|one| one.0 == group).count()
}

/// Groups that want more choices, in the order they are asked in.
pub fn lacking(dish: &Dish, picked: &[Picked]) -> Vec<usize> {
    order(dish)
        .into_iter()
        .filter(|group| count(picked, *group) < dish.options[*group].minimum as usize)
        .collect()
}

/// One portion with what is chosen, by the menu.
pub fn unit_price(dish: &Dish, picked: &[Picked]) -> Pence {
    dish.price_pence
        + picked
            .iter()
            .map(|(group, choice)| dish.options[*group].choices[*choice].price_pence)
            .sum()
}

/// `Choose one`, `Choose up to 3, if you like`.
pub fn wanted(group: &OptionGroup) -> String {
    match (group.minimum, group.maximum) {
        (1, 1) => "Choose one".to_owned(),
        (0, 1) => "One, if you like".to_owned(),
        (0, most) => ["Up to ", &most.to_string(), ", if you like"].concat(),
        (least, most) if least == most => ["Choose ", &least.to_string()].concat(),
        (least, most) => ["Choose ", &least.to_string(), " to ", &most.to_string()].concat(),
    }
}

/// What a group lacks: `Choose one`, `Choose 2 more`.
pub fn lack(group: &OptionGroup, picked: usize) -> String {
    match (group.minimum as usize).saturating_sub(picked) {
        1 if picked == 0 => "Choose one to go on.".to_owned(),
        1 => "Choose one more to go on.".to_owned(),
        more => ["Choose ", &more.to_string(), " more to go on."].concat(),
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
    fn what_must_be_answered_is_asked_first() {
        assert_eq!(order(&dish()), [1, 0]);
        assert_eq!(lacking(&dish(), &[]), [1]);
        assert_eq!(lacking(&dish(), &[(1, 0)]), [] as [usize; 0]);
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
        assert_eq!(count(&picked, 0), 2);
        toggle(&dish, &mut picked, (0, 0));
        assert_eq!(count(&picked, 0), 1);
    }

    #[test]
    fn the_price_counts_along() {
        assert_eq!(unit_price(&dish(), &[]), Pence(1000));
        assert_eq!(unit_price(&dish(), &[(0, 2), (1, 1)]), Pence(1250));
    }

    #[test]
    fn what_is_wanted_and_lacking_is_said_in_words() {
        assert_eq!(wanted(&group("a", 1, 1, &[])), "Choose one");
        assert_eq!(wanted(&group("a", 0, 3, &[])), "Up to 3, if you like");
        assert_eq!(wanted(&group("a", 2, 2, &[])), "Choose 2");
        assert_eq!(lack(&group("a", 2, 3, &[]), 0), "Choose 2 more to go on.");
        assert_eq!(lack(&group("a", 2, 3, &[]), 1), "Choose one more to go on.");
    }
}
