use model::Pence;
use model::place::Finding;
use proptest::prelude::*;

use super::*;
use crate::domain::inventory::Inventory;
use crate::domain::{Restaurant, digest, quote_basket};
use crate::menus::fixtures::{basket, instant, place, restaurant, with};

const OPEN: &str = "2026-01-07T12:00:00Z";

fn quoted(restaurant: &Restaurant) -> Quote {
    quote_basket(
        restaurant,
        &basket(Fulfilment::Delivery),
        Some(&place(1500.0)),
        &Inventory::default(),
        instant(OPEN),
    )
}

fn sentences(agreed: &Quote, current: &Quote) -> Vec<(QuoteChangeKind, String)> {
    diff_quotes(agreed, current, restaurant().zone())
        .into_iter()
        .map(|change| (change.what, change.message))
        .collect()
}

/// The changes reported when the menu file has changed between the quote and the order.
fn after(replacements: &[(&str, &str)]) -> Vec<(QuoteChangeKind, String)> {
    sentences(&quoted(&restaurant()), &quoted(&with(replacements)))
}

/// The changes reported when the agreed quote was edited.
fn edited(edit: impl FnOnce(&mut Quote)) -> Vec<(QuoteChangeKind, String)> {
    let current = quoted(&restaurant());
    let mut agreed = current.clone();
    edit(&mut agreed);
    sentences(&agreed, &current)
}

fn change(what: QuoteChangeKind, message: &str) -> (QuoteChangeKind, String) {
    (what, message.to_owned())
}

#[test]
fn the_same_deal_has_no_changes() {
    assert_eq!(edited(|_| {}), []);
    assert_eq!(
        edited(|agreed| {
            agreed.expected = None;
            agreed.distance_m = Some(1);
            agreed.approximate = true;
            agreed.digest = "something else".to_owned();
        }),
        []
    );
}

#[test]
fn a_changed_price_is_reported_with_the_previous_one() {
    assert_eq!(
        after(&[("price = \"11.50\"", "price = \"12.00\"")]),
        [
            change(
                QuoteChangeKind::Line,
                "Lamb karahi is now £12.00 (was £11.50)."
            ),
            change(
                QuoteChangeKind::Total,
                "The total is now £29.49 (was £28.49)."
            ),
            change(
                QuoteChangeKind::Total,
                "The VAT included is now £4.21 (was £4.04)."
            ),
        ]
    );
    assert_eq!(
        after(&[("fee = \"1.49\"", "fee = \"2.49\"")])[0],
        change(
            QuoteChangeKind::DeliveryFee,
            "Delivery is now £2.49 (was £1.49)."
        )
    );
    assert_eq!(
        after(&[("minimum = \"10.00\"", "minimum = \"12.00\"")]),
        [change(
            QuoteChangeKind::Minimum,
            "The minimum for delivery is now £12.00 (was £10.00)."
        )]
    );
    // A dearer choice is reported once, by the unit price.
    assert_eq!(
        after(&[("name = \"Mild\"", "name = \"Mild\"\nprice = \"0.30\"")])[0],
        change(
            QuoteChangeKind::Line,
            "Lamb karahi is now £11.80 (was £11.50)."
        )
    );
    // Price changes that cancel out within a unit price are reported all the same.
    assert_eq!(
        after(&[
            ("name = \"Mild\"", "name = \"Mild\"\nprice = \"0.50\""),
            ("price = \"11.50\"", "price = \"11.00\""),
        ]),
        [change(
            QuoteChangeKind::Line,
            "Mild with Lamb karahi is now £0.50 (was £0.00)."
        )]
    );
}

#[test]
fn a_changed_name_is_reported() {
    assert_eq!(
        after(&[("name = \"Lamb karahi\"", "name = \"Mutton karahi\"")]),
        [change(
            QuoteChangeKind::Line,
            "Lamb karahi is now called Mutton karahi."
        )]
    );
    assert_eq!(
        after(&[("name = \"Mild\"", "name = \"Gentle\"")]),
        [change(
            QuoteChangeKind::Line,
            "Mild with Lamb karahi is now called Gentle."
        )]
    );
}

#[test]
fn a_dish_that_is_gone_or_sold_out_is_reported() {
    let gone = after(&[("id = \"egg-sandwich\"", "id = \"egg-roll\"")]);
    assert_eq!(
        gone[0],
        change(
            QuoteChangeKind::Line,
            "Egg sandwich is no longer on the menu."
        )
    );
    assert!(
        gone.iter()
            .all(|(what, _)| *what != QuoteChangeKind::Obstacle)
    );
    assert_eq!(
        after(&[(
            "id = \"egg-sandwich\"",
            "available = false\nid = \"egg-sandwich\""
        )]),
        [change(
            QuoteChangeKind::Obstacle,
            "Egg sandwich is sold out; remove it."
        )]
    );
}

#[test]
fn another_basket_is_reported_line_by_line() {
    assert_eq!(
        edited(|agreed| agreed.lines[0].quantity = 3),
        [change(QuoteChangeKind::Line, "Lamb karahi: now 2 (was 3).")]
    );
    assert_eq!(
        edited(|agreed| agreed.lines[0].choices.clear()),
        [change(
            QuoteChangeKind::Line,
            "Lamb karahi is now with Mild (was without options)."
        )]
    );
    assert_eq!(
        edited(|agreed| {
            agreed.lines.pop();
        }),
        [change(
            QuoteChangeKind::Line,
            "1 × Egg sandwich is now in the basket, at £4.00."
        )]
    );
    assert_eq!(
        edited(|agreed| {
            let mut more = agreed.lines[0].clone();
            "Lassi".clone_into(&mut more.name);
            "lassi".clone_into(&mut more.dish);
            agreed.lines.push(more);
        }),
        [change(
            QuoteChangeKind::Line,
            "Lassi is no longer in the basket."
        )]
    );
    assert_eq!(
        edited(|agreed| agreed.restaurant = "elsewhere".to_owned()),
        [change(
            QuoteChangeKind::Line,
            "The order is now with another restaurant."
        )]
    );
}

#[test]
fn changed_place_and_time_are_reported() {
    assert_eq!(
        edited(|agreed| agreed.postcode = Some("DH1 1AA".to_owned())),
        [change(
            QuoteChangeKind::DeliveryFee,
            "Delivery is now to DH1 4PS (was DH1 1AA)."
        )]
    );
    assert_eq!(
        edited(|agreed| agreed.fulfilment = Fulfilment::Collection),
        [change(
            QuoteChangeKind::DeliveryFee,
            "The order is now delivered (was for collection)."
        )]
    );
    let slot = Slot {
        start_ms: instant("2026-01-07T18:00:00Z"),
        end_ms: instant("2026-01-07T18:15:00Z"),
    };
    assert_eq!(
        edited(|agreed| agreed.slot = Some(slot)),
        [change(
            QuoteChangeKind::Slot,
            "The time is now as soon as possible (was 18:00–18:15 on Wednesday 7 January)."
        )]
    );
}

#[test]
fn only_new_obstacles_are_reported() {
    let closed = quote_basket(
        &restaurant(),
        &basket(Fulfilment::Delivery),
        Some(&place(1500.0)),
        &Inventory::default(),
        instant("2026-01-07T15:00:00Z"),
    );
    assert_eq!(
        sentences(&quoted(&restaurant()), &closed),
        [change(
            QuoteChangeKind::Obstacle,
            "The Test Kitchen is closed until 17:00 today; choose a time instead."
        )]
    );
    assert_eq!(sentences(&closed, &closed), []);
    let unknown = quote_basket(
        &restaurant(),
        &basket(Fulfilment::Delivery),
        Some(&crate::menus::fixtures::nowhere(Finding::Unknown)),
        &Inventory::default(),
        instant(OPEN),
    );
    let last = sentences(&quoted(&restaurant()), &unknown).pop().unwrap();
    assert_eq!(last.0, QuoteChangeKind::Obstacle);
}

/// Edits one field of a quote that the customer sees and agrees to.
fn edit(quote: &mut Quote, what: u8, by: i64) {
    let by = Pence(by);
    match what {
        0 => quote.restaurant.push('x'),
        1 => quote.fulfilment = Fulfilment::Collection,
        2 => quote.postcode = None,
        3 => quote.delivery_fee_pence += by,
        4 => quote.total_pence += by,
        5 => quote.vat_pence += by,
        6 => quote.lines[0].unit_pence += by,
        7 => quote.lines[0].name.push('x'),
        8 => quote.lines[0].dish.push('x'),
        9 => quote.lines[0].quantity += 1,
        10 => quote.lines[0].choices[0].price_pence += by,
        11 => quote.lines[0].choices[0].name.push('x'),
        12 => quote.lines[0].choices[0].choice.push('x'),
        13 => quote.lines[0].choices[0].group.push('x'),
        14 => quote.lines.swap(0, 1),
        15 => {
            quote.lines.pop();
        }
        _ => {
            quote.slot = Some(Slot {
                start_ms: by.0,
                end_ms: by.0 + 1,
            });
        }
    }
}

proptest! {
    #[test]
    fn every_difference_of_the_digest_is_reported(
        edits in prop::collection::vec((0_u8..=16, -500_i64..500), 0..4),
        turned in any::<bool>(),
    ) {
        let sample = restaurant();
        let one = quoted(&sample);
        let mut other = one.clone();
        for (what, by) in edits {
            if other.lines.len() == 2 && !other.lines[0].choices.is_empty() {
                edit(&mut other, what, by);
            }
        }
        let (agreed, current) = if turned { (&other, &one) } else { (&one, &other) };
        let found = diff_quotes(agreed, current, sample.zone());
        if digest::digest_quote(agreed) != digest::digest_quote(current) {
            prop_assert!(!found.is_empty());
        }
    }
}
