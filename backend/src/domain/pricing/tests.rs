use proptest::prelude::*;

use super::*;
use crate::domain::inventory::Stock;
use crate::menus::fixtures::{restaurant, with};

fn line(dish: &str, quantity: u32, choices: &[(&str, &str)]) -> BasketLine {
    BasketLine {
        dish: dish.to_owned(),
        quantity,
        choices: choices
            .iter()
            .map(|(group, choice)| BasketChoice {
                group: (*group).to_owned(),
                choice: (*choice).to_owned(),
            })
            .collect(),
    }
}

fn obstacles(lines: &[BasketLine]) -> Vec<(ObstacleCode, Option<u32>, String)> {
    price_lines(&restaurant(), lines, &Inventory::default())
        .obstacles
        .into_iter()
        .map(|obstacle| (obstacle.code, obstacle.line, obstacle.message))
        .collect()
}

#[test]
fn a_line_costs_its_dish_and_its_choices() {
    let priced = price_lines(
        &restaurant(),
        &[
            line(
                "lamb-karahi",
                2,
                &[("extras", "raita"), ("extras", "cola"), ("heat", "hot")],
            ),
            line("egg-sandwich", 3, &[]),
        ],
        &Inventory::default(),
    );
    assert_eq!(priced.obstacles, []);
    let karahi = &priced.lines[0];
    assert_eq!(karahi.unit_pence, Pence(1150 + 50 + 120 + 150));
    assert_eq!(karahi.total_pence, Pence(2 * 1470));
    // Choices are in the order of the menu, whatever order the client sent them in.
    let names: Vec<&str> = karahi
        .choices
        .iter()
        .map(|choice| choice.name.as_str())
        .collect();
    assert_eq!(names, ["Hot", "Raita", "Can of cola"]);
    assert_eq!(priced.goods, Pence(2940 + 1200));
    // The raita is cold and zero-rated, and so is the sandwich.
    assert_eq!(priced.standard_rated, Pence(2 * 1350));
}

#[test]
fn a_can_of_cola_with_a_cold_sandwich_bears_vat_and_the_sandwich_does_not() {
    let priced = price_lines(
        &restaurant(),
        &[line("egg-sandwich", 1, &[("extras", "cola")])],
        &Inventory::default(),
    );
    assert_eq!(priced.standard_rated, Pence(150));
    assert_eq!(
        vat(true, priced.goods, priced.standard_rated, Pence::ZERO),
        Pence(25)
    );
}

#[test]
fn every_problem_of_a_line_is_an_obstacle() {
    let cases = [
        (
            line("beef-wellington", 1, &[]),
            ObstacleCode::UnknownDish,
            "Beef wellington is no longer on the menu; remove it.",
        ),
        (
            line("tarka-dal", 1, &[]),
            ObstacleCode::SoldOut,
            "Tarka dal is sold out; remove it.",
        ),
        (
            line("lassi", 0, &[]),
            ObstacleCode::BadQuantity,
            "Choose how many portions of Lassi, or remove it.",
        ),
        (
            line("lassi", 100, &[]),
            ObstacleCode::BadQuantity,
            "Up to 99 portions of Lassi can be ordered at once; choose fewer.",
        ),
        (
            line("lamb-karahi", 1, &[]),
            ObstacleCode::TooFewChoices,
            "Lamb karahi, How hot?: choose at least 1.",
        ),
        (
            line("lamb-karahi", 1, &[("heat", "mild"), ("heat", "hot")]),
            ObstacleCode::TooManyChoices,
            "Lamb karahi, How hot?: choose at most 1.",
        ),
        (
            line("egg-sandwich", 1, &[("extras", "cola"), ("extras", "cola")]),
            ObstacleCode::TooManyChoices,
            "Egg sandwich, Extras: each can be chosen once; choose again.",
        ),
        (
            line("egg-sandwich", 1, &[("extras", "pickle")]),
            ObstacleCode::SoldOut,
            "Lime pickle is sold out; choose something else with Egg sandwich.",
        ),
        (
            line("egg-sandwich", 1, &[("extras", "fried-egg")]),
            ObstacleCode::UnknownChoice,
            "Fried egg can no longer be chosen with Egg sandwich; choose again.",
        ),
        (
            line("lassi", 1, &[("heat", "mild")]),
            ObstacleCode::UnknownChoice,
            "Mild can no longer be chosen with Lassi; choose again.",
        ),
    ];
    for (faulty, code, message) in cases {
        let found = obstacles(&[line("lassi", 1, &[]), faulty]);
        assert_eq!(found, [(code, Some(1), message.to_owned())]);
    }
    assert_eq!(
        obstacles(&[]),
        [(
            ObstacleCode::EmptyBasket,
            None,
            "The basket is empty; add a dish.".to_owned()
        )]
    );
    assert_eq!(
        obstacles(&vec![line("lassi", 1, &[]); MAX_LINES + 1]),
        [(
            ObstacleCode::BadQuantity,
            None,
            "A basket holds up to 100 lines; remove some.".to_owned()
        )]
    );
}

#[test]
fn other_lines_are_priced_beside_an_unknown_dish() {
    let priced = price_lines(
        &restaurant(),
        &[
            line("beef-wellington", 2, &[]),
            line("tarka-dal", 1, &[]),
            line("lassi", 2, &[]),
        ],
        &Inventory::default(),
    );
    let totals: Vec<Pence> = priced.lines.iter().map(|line| line.total_pence).collect();
    assert_eq!(totals, [Pence::ZERO, Pence(700), Pence(600)]);
    assert_eq!(priced.lines[0].name, "Beef wellington");
    assert_eq!(priced.goods, Pence(1300));
}

#[test]
fn vat_is_a_sixth_and_the_delivery_charge_follows_the_goods() {
    let vat = |goods, standard, fee| vat(true, Pence(goods), Pence(standard), Pence(fee)).0;
    // Everything is hot: VAT is a sixth of goods and fee.
    assert_eq!(vat(1200, 1200, 0), 200);
    assert_eq!(vat(1200, 1200, 300), 250);
    // Everything is cold: no VAT, not even in the fee.
    assert_eq!(vat(1200, 0, 300), 0);
    // Half and half: of a fee of £3.00 one half bears VAT, which is 25p.
    assert_eq!(vat(1200, 600, 300), 125);
    // Rounded to the nearest penny, half a penny up.
    assert_eq!(vat(1000, 1000, 0), 167);
    assert_eq!(vat(2, 2, 0), 0);
    assert_eq!(vat(3, 3, 0), 1);
    // The sum is rounded once, not goods and fee separately (which would be 167 + 50).
    assert_eq!(vat(1001, 1001, 299), 217);
    assert_eq!(vat(0, 0, 299), 0);
    assert_eq!(
        super::vat(false, Pence(1200), Pence(1200), Pence(300)),
        Pence::ZERO
    );
}

/// The basket with every amount at its maximum: nothing overflows, and the sums are right.
#[test]
fn the_dearest_basket_there_can_be() {
    let dear = with(&[
        ("price = \"11.50\"", "price = \"9999.99\""),
        ("price = \"0.50\"", "price = \"9999.99\""),
        ("price = \"1.20\"", "price = \"9999.99\""),
        ("price = \"1.50\"", "price = \"9999.99\""),
        ("vat = \"zero\"", "vat = \"standard\""),
    ]);
    let lines = vec![
        line(
            "lamb-karahi",
            u32::MAX,
            &[("heat", "hot"), ("extras", "raita"), ("extras", "cola")],
        );
        MAX_LINES * 2
    ];
    let priced = price_lines(&dear, &lines, &Inventory::default());
    assert_eq!(priced.lines.len(), MAX_LINES);
    assert_eq!(priced.goods, Pence(4 * 999_999 * 99 * 100));
    assert_eq!(priced.goods, priced.standard_rated);
    let total = priced.goods + Pence(999_999);
    assert_eq!(
        vat(true, priced.goods, priced.standard_rated, Pence(999_999)),
        VatClass::Standard.vat_in(total)
    );
}

fn any_line() -> impl Strategy<Value = BasketLine> {
    let dishes = prop::sample::select(vec![
        "lamb-karahi",
        "tarka-dal",
        "egg-sandwich",
        "lassi",
        "gone",
    ]);
    let choices = prop::sample::subsequence(
        vec![
            ("heat", "mild"),
            ("heat", "hot"),
            ("extras", "raita"),
            ("extras", "cola"),
            ("extras", "pickle"),
            ("extras", "gone"),
            ("gone", "mild"),
        ],
        0..=7,
    );
    (dishes, any::<u32>(), 0_u32..120, choices).prop_map(|(dish, huge, usual, choices)| {
        let quantity = if huge % 16 == 0 { huge } else { usual };
        line(dish, quantity, &choices)
    })
}

proptest! {
    #[test]
    fn the_goods_are_the_sum_of_the_lines(basket in prop::collection::vec(any_line(), 0..120)) {
        let priced = price_lines(&restaurant(), &basket, &Inventory::default());
        prop_assert_eq!(priced.lines.len(), basket.len().min(MAX_LINES));
        prop_assert_eq!(
            priced.goods,
            priced.lines.iter().map(|line| line.total_pence).sum()
        );
        for (line, ordered) in priced.lines.iter().zip(&basket) {
            prop_assert_eq!(&line.dish, &ordered.dish);
            prop_assert_eq!(line.total_pence, line.unit_pence * i64::from(line.quantity));
        }
        prop_assert!(priced.standard_rated <= priced.goods);
    }

    #[test]
    fn the_order_of_lines_and_choices_changes_no_total(
        (basket, shuffled) in prop::collection::vec(any_line(), 0..=MAX_LINES)
            .prop_flat_map(|basket| (Just(basket.clone()), Just(basket).prop_shuffle()))
    ) {
        let sample = restaurant();
        let mut turned = shuffled;
        for line in &mut turned {
            line.choices.reverse();
        }
        let (one, other) = (price_lines(&sample, &basket, &Inventory::default()), price_lines(&sample, &turned, &Inventory::default()));
        prop_assert_eq!(one.goods, other.goods);
        prop_assert_eq!(one.standard_rated, other.standard_rated);
        prop_assert_eq!(
            vat(true, one.goods, one.standard_rated, Pence(299)),
            vat(true, other.goods, other.standard_rated, Pence(299))
        );
    }

    #[test]
    fn vat_is_never_more_than_a_sixth_of_the_total(
        goods in 0_i64..=40_000_000_000,
        part in 0_u32..=1000,
        fee in 0_i64..=999_999,
    ) {
        let standard = goods * i64::from(part) / 1000;
        let inside = vat(true, Pence(goods), Pence(standard), Pence(fee));
        prop_assert!(inside >= Pence::ZERO);
        prop_assert!(inside <= VatClass::Standard.vat_in(Pence(goods + fee)));
        if standard == goods && goods > 0 {
            prop_assert_eq!(inside, VatClass::Standard.vat_in(Pence(goods + fee)));
        }
    }
}

#[test]
fn stock_covers_all_lines_of_a_dish_together() {
    let line = |heat: &str| BasketLine {
        dish: "lamb-karahi".to_owned(),
        quantity: 2,
        choices: vec![BasketChoice {
            group: "heat".to_owned(),
            choice: heat.to_owned(),
        }],
    };
    let lines = [line("mild"), line("hot")];
    let inventory = |remaining| Inventory {
        stock: [(
            "lamb-karahi".to_owned(),
            Stock {
                off: false,
                remaining: Some(remaining),
            },
        )]
        .into(),
        ..Inventory::default()
    };
    let sample = restaurant();
    assert!(
        price_lines(&sample, &lines, &inventory(4))
            .obstacles
            .is_empty()
    );
    let short = price_lines(&sample, &lines, &inventory(3)).obstacles;
    assert_eq!(short.len(), 1, "{short:?}");
    assert_eq!(
        (short[0].code, short[0].line),
        (ObstacleCode::SoldOut, Some(0))
    );
    assert_eq!(
        price_lines(&sample, &lines, &inventory(0)).obstacles.len(),
        2
    );
}
