use super::*;
use model::VatClass;
use model::basket::QuotedChoice;

fn line(dish: &str, quantity: u32, choices: &[(&str, &str)]) -> Line {
    Line {
        dish: dish.into(),
        name: dish.to_uppercase(),
        quantity,
        choices: choices
            .iter()
            .map(|(group, choice)| Choice {
                group: (*group).into(),
                choice: (*choice).into(),
                name: (*choice).into(),
            })
            .collect(),
        unit_pence: Pence(500),
    }
}

fn basket(lines: Vec<Line>) -> Basket {
    Basket {
        lines,
        ..Basket::default()
    }
}

fn ordered(basket: &Basket) -> Vec<QuoteLine> {
    basket
        .lines
        .iter()
        .map(|line| QuoteLine {
            dish: line.dish.clone(),
            name: line.name.clone(),
            quantity: line.quantity,
            choices: line
                .choices
                .iter()
                .map(|choice| QuotedChoice {
                    group: choice.group.clone(),
                    choice: choice.choice.clone(),
                    name: choice.name.clone(),
                    price_pence: Pence::ZERO,
                })
                .collect(),
            unit_pence: line.unit_pence,
            total_pence: line.unit_pence * i64::from(line.quantity),
            vat: VatClass::Standard,
        })
        .collect()
}

#[test]
fn the_same_dish_with_the_same_choices_is_one_line_whatever_their_order() {
    let mut basket = basket(vec![]);
    basket.add(line("dal", 1, &[("heat", "mild"), ("rice", "pilau")]));
    basket.add(line("dal", 2, &[("rice", "pilau"), ("heat", "mild")]));
    basket.add(line("dal", 1, &[("rice", "pilau"), ("heat", "hot")]));
    assert_eq!(basket.lines.len(), 2);
    assert_eq!(basket.lines[0].quantity, 3);
    assert_eq!(basket.count(), 4);
    assert_eq!(basket.count_of("dal"), 4);
}

#[test]
fn the_limits_hold() {
    let mut basket = basket(vec![]);
    basket.add(line("dal", 98, &[]));
    basket.add(line("dal", 98, &[]));
    assert_eq!(basket.count(), MAX_QUANTITY);
    for number in 0..200 {
        basket.add(line(&format!("dish-{number}"), 1, &[]));
    }
    assert_eq!(basket.lines.len(), MAX_LINES);
    basket.add(line("nothing", 0, &[]));
    assert_eq!(basket.count_of("nothing"), 0);
}

#[test]
fn no_portions_removes_a_line_and_a_removed_line_stays_removed() {
    let mut basket = basket(vec![line("dal", 2, &[]), line("naan", 1, &[])]);
    let dal = line("dal", 1, &[]);
    basket.set_quantity(&dal, 0);
    assert_eq!(basket.count_of("dal"), 0);
    basket.set_quantity(&dal, 3);
    assert_eq!(basket.count(), 1);
}

#[test]
fn what_was_added_after_ordering_stays() {
    let mut basket = basket(vec![
        line("dal", 2, &[("heat", "hot")]),
        line("naan", 1, &[]),
    ]);
    let ordered = ordered(&basket);
    basket.add(line("naan", 2, &[]));
    basket.add(line("lassi", 1, &[]));
    basket.remove_ordered(&ordered);
    assert_eq!(basket.count_of("dal"), 0);
    assert_eq!(basket.count_of("naan"), 2);
    assert_eq!(basket.count_of("lassi"), 1);
}

#[test]
fn an_unchanged_basket_is_empty_after_ordering() {
    let mut basket = basket(vec![line("dal", 2, &[("heat", "hot")])]);
    let ordered = ordered(&basket);
    basket.remove_ordered(&ordered);
    assert!(basket.is_empty());
}

#[test]
fn a_postcode_is_sent_for_delivery_only() {
    let mut basket = basket(vec![line("dal", 1, &[])]);
    let wire = basket.to_wire("copper-pan", " dh1 3el ");
    assert_eq!(wire.fulfilment, Fulfilment::Delivery);
    assert_eq!(wire.postcode.as_deref(), Some("dh1 3el"));
    basket.fulfilment = Some(Fulfilment::Collection);
    assert_eq!(basket.to_wire("copper-pan", "DH1 3EL").postcode, None);
    basket.fulfilment = Some(Fulfilment::Delivery);
    assert_eq!(basket.to_wire("copper-pan", "  ").postcode, None);
}

#[test]
fn checkout_goes_to_the_basket_touched_last_that_holds_something() {
    let mut baskets = Baskets::default();
    assert_eq!(baskets.current_slug(), None);
    baskets.change("a", |basket| basket.add(line("dal", 1, &[])));
    baskets.change("b", |basket| basket.add(line("dal", 1, &[])));
    assert_eq!(baskets.current_slug(), Some("b"));
    baskets.change("b", |basket| basket.lines.clear());
    assert_eq!(baskets.current_slug(), Some("a"));
}
