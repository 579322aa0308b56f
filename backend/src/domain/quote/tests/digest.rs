//! The digest of a quote: equal for the same deal, different for another one.

use model::basket::BasketLine;
use model::place::Position;

use super::*;

#[test]
fn the_digest_covers_the_deal_and_nothing_else() {
    let agreed = delivered(1500.0, OPEN);
    // Pinned, because replicas of two versions that run side by side must compute the same digest.
    assert_eq!(
        agreed.digest,
        "68cf6cb30f0d6a4183c4219ba63d1ddec3d60f3a1f6a16d8abfeb2edf695afc3"
    );
    // Another time, another distance, an approximate place, a closed restaurant: the same deal.
    assert_eq!(
        delivered(1500.0, "2026-01-07T13:00:00Z").digest,
        agreed.digest
    );
    assert_eq!(delivered(1488.0, OPEN).digest, agreed.digest);
    assert_eq!(
        delivered(1500.0, "2026-01-07T15:00:00Z").digest,
        agreed.digest
    );
    let sector = Place {
        finding: Finding::Approximate,
        radius_m: Some(900),
        ..place(1500.0)
    };
    let mut basket = basket(Fulfilment::Delivery);
    let by_sector = quote(&restaurant(), &basket, Some(&sector), instant(OPEN));
    assert!(by_sector.approximate);
    assert_eq!(by_sector.digest, agreed.digest);
    // Choices sent in another order are the same choices.
    basket.lines[0].choices.reverse();
    let reordered = quote(&restaurant(), &basket, Some(&place(1500.0)), instant(OPEN));
    assert_eq!(reordered.digest, agreed.digest);
}

#[test]
fn another_deal_has_another_digest() {
    let agreed = delivered(1500.0, OPEN);
    let changed = |edit: &dyn Fn(&mut Basket)| {
        let mut basket = basket(Fulfilment::Delivery);
        edit(&mut basket);
        quote(&restaurant(), &basket, Some(&place(1500.0)), instant(OPEN)).digest
    };
    let priced = |old: &str, new: &str| {
        let restaurant = with(&[(old, new)]);
        let basket = basket(Fulfilment::Delivery);
        quote(&restaurant, &basket, Some(&place(1500.0)), instant(OPEN)).digest
    };
    let elsewhere = Place {
        postcode: "DH1 4PT".to_owned(),
        position: Some(Position {
            latitude: 54.7766,
            longitude: -1.5769,
        }),
        ..place(0.0)
    };
    let digests = [
        delivered(3000.0, OPEN).digest,
        quote(
            &restaurant(),
            &basket(Fulfilment::Delivery),
            Some(&elsewhere),
            instant(OPEN),
        )
        .digest,
        changed(&|basket| basket.fulfilment = Fulfilment::Collection),
        changed(&|basket| basket.lines[0].quantity = 3),
        changed(&|basket| basket.lines.swap(0, 1)),
        changed(&|basket| basket.lines[0].choices[0].choice = "hot".to_owned()),
        changed(&|basket| basket.slot_start_ms = Some(instant("2026-01-07T18:00:00Z"))),
        changed(&|basket| {
            basket.lines.push(BasketLine {
                dish: "lassi".to_owned(),
                quantity: 1,
                choices: Vec::new(),
            });
        }),
        priced("price = \"11.50\"", "price = \"11.51\""),
        priced("name = \"Lamb karahi\"", "name = \"Mutton karahi\""),
        priced("fee = \"1.49\"", "fee = \"1.50\""),
        priced("vat_registered = true", "vat_registered = false"),
    ];
    for digest in &digests {
        assert_ne!(*digest, agreed.digest);
    }
}
