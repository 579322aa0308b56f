mod digest;

use model::VatClass;

use super::*;
use crate::menus::fixtures::{basket, instant, nowhere, place, restaurant, with};

/// A Wednesday in winter, open until 14:30 and again from 17:00 to 23:00.
const OPEN: &str = "2026-01-07T12:00:00Z";

/// Quotes with an inventory without limits.
fn quote(restaurant: &Restaurant, basket: &Basket, place: Option<&Place>, now_ms: i64) -> Quote {
    super::quote_basket(restaurant, basket, place, &Inventory::default(), now_ms)
}

fn delivered(metres_north: f64, now: &str) -> Quote {
    quote(
        &restaurant(),
        &basket(Fulfilment::Delivery),
        Some(&place(metres_north)),
        instant(now),
    )
}

fn messages(quote: &Quote) -> Vec<(ObstacleCode, &str)> {
    quote
        .obstacles
        .iter()
        .map(|obstacle| (obstacle.code, obstacle.message.as_str()))
        .collect()
}

#[test]
fn a_delivery_as_soon_as_possible() {
    let quote = delivered(1500.0, OPEN);
    assert!(quote.orderable(), "{:?}", quote.obstacles);
    assert_eq!(quote.restaurant, "the-test-kitchen");
    assert_eq!(quote.postcode.as_deref(), Some("DH1 4PS"));
    assert_eq!(quote.distance_m, Some(1500));
    // Two karahi at £11.50 and an egg sandwich at £4.00; the fee once.
    assert_eq!(quote.goods_pence, Pence(2700));
    assert_eq!(quote.delivery_fee_pence, Pence(149));
    assert_eq!(quote.total_pence, Pence(2849));
    // 2300 of 2700 are standard-rated, and the same part of the fee: a sixth of 2426.93.
    assert_eq!(quote.vat_pence, Pence(404));
    assert_eq!(
        (quote.minimum_pence, quote.missing_pence),
        (Pence(1000), Pence::ZERO)
    );
    assert_eq!(quote.slot, None);
    assert_eq!(
        quote.expected,
        Some(Slot {
            start_ms: instant("2026-01-07T12:30:00Z"),
            end_ms: instant("2026-01-07T12:45:00Z"),
        })
    );
}

#[test]
fn a_collection_knows_neither_place_nor_fee() {
    let quote = quote(
        &restaurant(),
        &basket(Fulfilment::Collection),
        Some(&nowhere(Finding::CouldNotCheck)),
        instant(OPEN),
    );
    assert!(quote.orderable(), "{:?}", quote.obstacles);
    assert_eq!((&quote.postcode, quote.distance_m), (&None, None));
    assert_eq!(quote.total_pence, quote.goods_pence);
    assert_eq!(quote.minimum_pence, Pence::ZERO);
    assert_eq!(
        quote.expected.unwrap().start_ms,
        instant("2026-01-07T12:20:00Z")
    );
}

#[test]
fn without_registration_there_is_no_vat() {
    let small = with(&[("vat_registered = true", "vat_registered = false")]);
    let quote = quote(
        &small,
        &basket(Fulfilment::Delivery),
        Some(&place(100.0)),
        instant(OPEN),
    );
    assert_eq!(quote.vat_pence, Pence::ZERO);
    assert_eq!(quote.lines[0].vat, VatClass::Standard);
}

#[test]
fn a_delivery_obstacle_says_what_to_do() {
    let collecting = restaurant();
    let delivering = with(&[("collection = true", "collection = false")]);
    let far = place(8000.0);
    let cases = [
        (
            None,
            ObstacleCode::PostcodeMissing,
            "Enter the postcode to deliver to, or choose collection.",
            "Enter the postcode to deliver to.",
        ),
        (
            Some(nowhere(Finding::NotLocatable)),
            ObstacleCode::NotLocatable,
            "DH1 4PS is a real postcode that no map places; choose collection or another restaurant.",
            "DH1 4PS is a real postcode that no map places; choose another restaurant.",
        ),
        (
            Some(nowhere(Finding::Terminated)),
            ObstacleCode::PostcodeTerminated,
            "DH1 4PS is no longer in use; enter the present postcode, or choose collection.",
            "DH1 4PS is no longer in use; enter the present postcode.",
        ),
        (
            Some(nowhere(Finding::Unknown)),
            ObstacleCode::PostcodeUnknown,
            "DH1 4PS is not a postcode that we know; check it, or choose collection.",
            "DH1 4PS is not a postcode that we know; check it.",
        ),
        (
            Some(nowhere(Finding::CouldNotCheck)),
            ObstacleCode::CouldNotCheck,
            "We could not check just now where DH1 4PS is; try again in a minute, or choose collection.",
            "We could not check just now where DH1 4PS is; try again in a minute.",
        ),
        (
            Some(far),
            ObstacleCode::OutsideArea,
            "DH1 4PS is 5.0 miles from The Test Kitchen, outside the area that it delivers to; choose collection or another restaurant.",
            "DH1 4PS is 5.0 miles from The Test Kitchen, outside the area that it delivers to; choose another restaurant.",
        ),
    ];
    for (place, code, collects, delivers_only) in cases {
        for (restaurant, message) in [(&collecting, collects), (&delivering, delivers_only)] {
            let quote = quote(
                restaurant,
                &basket(Fulfilment::Delivery),
                place.as_ref(),
                instant(OPEN),
            );
            assert_eq!(messages(&quote), [(code, message)]);
            // The goods are priced all the same; the fee is unknown.
            assert_eq!(quote.total_pence, Pence(2700));
            assert_eq!(quote.expected, None);
        }
    }
}

#[test]
fn a_fulfilment_that_is_not_offered_is_an_obstacle() {
    let delivering = with(&[("collection = true", "collection = false")]);
    let refused = quote(
        &delivering,
        &basket(Fulfilment::Collection),
        None,
        instant(OPEN),
    );
    assert_eq!(
        messages(&refused),
        [(
            ObstacleCode::NoCollection,
            "The Test Kitchen does not take orders for collection; choose delivery."
        )]
    );
    let collecting = crate::menus::fixtures::without_delivery();
    let refused = quote(
        &collecting,
        &basket(Fulfilment::Delivery),
        Some(&place(100.0)),
        instant(OPEN),
    );
    assert_eq!(
        messages(&refused),
        [(
            ObstacleCode::NoDelivery,
            "The Test Kitchen does not deliver; choose collection."
        )]
    );
}

#[test]
fn the_minimum_depends_on_the_distance() {
    let mut small = basket(Fulfilment::Delivery);
    small.lines.truncate(1);
    small.lines[0].quantity = 1;
    let at = |metres| quote(&restaurant(), &small, Some(&place(metres)), instant(OPEN));
    assert!(at(1500.0).orderable());
    let far = at(3000.0);
    assert_eq!(
        messages(&far),
        [(
            ObstacleCode::BelowMinimum,
            "Add £3.50 more to reach the minimum for delivery."
        )]
    );
    assert_eq!(
        (far.minimum_pence, far.missing_pence),
        (Pence(1500), Pence(350))
    );
}

#[test]
fn the_obstacle_of_a_closed_restaurant_says_until_when() {
    let closed = |restaurant: &Restaurant, now| {
        let quote = quote(
            restaurant,
            &basket(Fulfilment::Collection),
            None,
            instant(now),
        );
        assert_eq!(quote.expected, None);
        let found: Vec<(ObstacleCode, String)> = quote
            .obstacles
            .into_iter()
            .map(|obstacle| (obstacle.code, obstacle.message))
            .collect();
        let [(ObstacleCode::Closed, message)] = found.as_slice() else {
            panic!("{found:?}");
        };
        message.clone()
    };
    let sample = restaurant();
    assert_eq!(
        closed(&sample, "2026-01-07T15:00:00Z"),
        "The Test Kitchen is closed until 17:00 today; choose a time instead."
    );
    assert_eq!(
        closed(&sample, "2026-01-07T23:30:00Z"),
        "The Test Kitchen is closed until 11:30 tomorrow; choose a time instead."
    );
    assert_eq!(
        closed(&sample, "2026-01-07T14:15:00Z"),
        "The Test Kitchen closes at 14:30 and can no longer prepare this before; choose a time instead."
    );
    let today_only = with(&[("days_ahead = 2", "days_ahead = 0")]);
    assert_eq!(
        closed(&today_only, "2026-01-12T12:00:00Z"),
        "The Test Kitchen is closed until 11:30 tomorrow; choose another restaurant."
    );
    let never = crate::menus::fixtures::with_hours(&std::array::from_fn(|_| String::new()));
    assert_eq!(
        closed(&never, OPEN),
        "The Test Kitchen is closed; choose another restaurant."
    );
}

#[test]
fn a_chosen_slot_stays_with_an_obstacle_when_it_is_gone() {
    let sample = restaurant();
    let mut basket = basket(Fulfilment::Delivery);
    basket.slot_start_ms = Some(instant("2026-01-07T18:00:00Z"));
    let at = |metres, now| quote(&sample, &basket, Some(&place(metres)), instant(now));
    let slot = Slot {
        start_ms: instant("2026-01-07T18:00:00Z"),
        end_ms: instant("2026-01-07T18:15:00Z"),
    };

    let early = at(3000.0, OPEN);
    assert!(early.orderable(), "{:?}", early.obstacles);
    assert_eq!((early.slot, early.expected), (Some(slot), Some(slot)));
    // Twenty minutes to prepare; travel takes twenty-five to the far band, ten to the near one.
    assert!(at(3000.0, "2026-01-07T17:15:00Z").orderable());
    assert!(at(1000.0, "2026-01-07T17:30:00Z").orderable());
    for (metres, now) in [
        (3000.0, "2026-01-07T17:15:01Z"),
        (1000.0, "2026-01-07T17:30:01Z"),
    ] {
        let late = at(metres, now);
        assert_eq!(
            messages(&late),
            [(
                ObstacleCode::SlotGone,
                "The time you chose, 18:00 today, is no longer available; choose another."
            )]
        );
        assert_eq!((late.slot, late.expected), (Some(slot), None));
    }
    // The digest does not depend on whether the slot is available.
    assert_eq!(early.digest, at(3000.0, "2026-01-08T12:00:00Z").digest);
}

#[test]
fn a_start_that_was_never_offered_is_no_slot() {
    for start_ms in [
        instant("2026-01-07T18:01:00Z"),
        instant("2026-01-07T16:00:00Z"),
        instant("2026-02-07T18:00:00Z"),
        0,
        -1,
        i64::MAX,
        i64::MIN,
    ] {
        let mut basket = basket(Fulfilment::Collection);
        basket.slot_start_ms = Some(start_ms);
        let quote = quote(&restaurant(), &basket, None, instant(OPEN));
        assert_eq!(
            quote.obstacles[0].code,
            ObstacleCode::SlotGone,
            "{start_ms}"
        );
    }
}

#[test]
fn every_slot_that_is_offered_can_be_ordered_at_any_place() {
    let sample = restaurant();
    for now in [OPEN, "2026-01-09T23:07:00Z", "2026-10-24T13:00:00Z"] {
        let now_ms = instant(now);
        for slot in
            slots::available_slots(&sample, Fulfilment::Delivery, &Inventory::default(), now_ms)
                .slots
        {
            for metres in [500.0, 4000.0] {
                let mut basket = basket(Fulfilment::Delivery);
                basket.slot_start_ms = Some(slot.start_ms);
                let quote = quote(&sample, &basket, Some(&place(metres)), now_ms);
                assert!(quote.orderable(), "{:?}", quote.obstacles);
                assert_eq!(quote.slot, Some(slot));
            }
        }
    }
}
