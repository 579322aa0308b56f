use model::Pence;
use model::basket::{ObstacleCode, QuoteChangeKind};
use model::place::Finding;

use super::*;
use crate::domain::inventory::Stock;
use crate::menus::fixtures::{basket, instant, nowhere, place, restaurant, with};

const OPEN: &str = "2026-01-07T12:00:00Z";

/// The request that the checkout page sends right after a quote.
fn request(restaurant: &Restaurant, fulfilment: Fulfilment) -> PlaceOrder {
    let basket = basket(fulfilment);
    PlaceOrder {
        agreed: quote_basket(
            restaurant,
            &basket,
            Some(&place(1500.0)),
            &Inventory::default(),
            instant(OPEN),
        ),
        basket,
        customer: Customer {
            name: " Zoë Byker ".to_owned(),
            phone: "07700 900123".to_owned(),
            address: "14 Mill Lane".to_owned(),
        },
        notes: "Ring twice.".to_owned(),
    }
}

fn check(request: &PlaceOrder, restaurant: &Restaurant) -> Result<NewOrder, CheckOrderError> {
    check_order(
        request,
        restaurant,
        Some(&place(1500.0)),
        &Inventory::default(),
        instant(OPEN),
    )
}

#[test]
fn an_order_as_agreed_is_accepted() {
    let sample = restaurant();
    let new = check(&request(&sample, Fulfilment::Delivery), &sample).unwrap();
    assert_eq!(new.customer().phone, "+447700900123");
    let order = new.into_order("token".to_owned(), 7);
    assert_eq!((order.token.as_str(), order.number), ("token", 7));
    assert_eq!(order.restaurant.name, "The Test Kitchen");
    assert_eq!((order.state, order.version), (OrderState::Placed, 1));
    assert_eq!(order.customer_name, "Zoë Byker");
    assert_eq!(
        order.delivery_address.as_deref(),
        Some("14 Mill Lane, DH1 4PS")
    );
    assert_eq!(order.notes, "Ring twice.");
    assert_eq!(order.total_pence, Pence(2849));
    assert_eq!(order.placed_at_ms, instant(OPEN));
    assert_eq!(order.history.len(), 1);
    assert_eq!(order.history[0].at_ms, instant(OPEN));
}

#[test]
fn a_collection_needs_no_address() {
    let sample = restaurant();
    let mut request = request(&sample, Fulfilment::Collection);
    request.customer.address = String::new();
    let new = check_order(
        &request,
        &sample,
        None,
        &Inventory::default(),
        instant(OPEN),
    )
    .unwrap();
    assert_eq!(new.delivery_address(), None);
    // An address that the client sends all the same is dropped.
    request.customer.address = "14 Mill Lane".to_owned();
    let new = check_order(
        &request,
        &sample,
        None,
        &Inventory::default(),
        instant(OPEN),
    )
    .unwrap();
    assert_eq!(new.customer().address, "");
}

#[test]
fn all_wrong_fields_are_named_at_once() {
    let sample = restaurant();
    let mut request = request(&sample, Fulfilment::Delivery);
    request.customer = Customer::default();
    request.notes = "x".repeat(501);
    let Err(CheckOrderError::Invalid(errors)) = check(&request, &sample) else {
        panic!("not refused for its fields");
    };
    let fields: Vec<&str> = errors.iter().map(|error| error.field.as_str()).collect();
    assert_eq!(
        fields,
        [
            "customer.name",
            "customer.phone",
            "customer.address",
            "notes"
        ]
    );
    assert_eq!(errors[0].message, "Enter the name that the order is for.");
}

#[test]
fn a_price_that_changed_comes_back_as_a_change() {
    let request = request(&restaurant(), Fulfilment::Delivery);
    let dearer = with(&[("price = \"11.50\"", "price = \"12.00\"")]);
    let Err(CheckOrderError::QuoteChanged { changes, quote }) = check(&request, &dearer) else {
        panic!("not refused for its price");
    };
    assert_eq!(changes[0].what, QuoteChangeKind::Line);
    assert_eq!(
        changes[0].message,
        "Lamb karahi is now £12.00 (was £11.50)."
    );
    assert_eq!(quote.total_pence, Pence(2949));
    // With the new quote as the agreed one, the order is accepted.
    let agreed = PlaceOrder {
        agreed: *quote,
        ..request
    };
    assert!(check(&agreed, &dearer).is_ok());
}

#[test]
fn a_total_sent_by_a_client_is_never_used() {
    let sample = restaurant();
    let mut cheap = request(&sample, Fulfilment::Delivery);
    cheap.agreed.total_pence = Pence(1);
    // The digest still names the true deal, but only the content counts.
    let Err(CheckOrderError::QuoteChanged { changes, .. }) = check(&cheap, &sample) else {
        panic!("a false total was accepted");
    };
    assert_eq!(changes[0].message, "The total is now £28.49 (was £0.01).");

    // Conversely, the right content under another digest is the same deal.
    let mut renamed = request(&sample, Fulfilment::Delivery);
    renamed.agreed.digest = "0".repeat(64);
    assert!(check(&renamed, &sample).is_ok());
}

#[test]
fn a_basket_with_obstacles_is_refused_with_them() {
    let sample = restaurant();
    let request = request(&sample, Fulfilment::Delivery);
    let obstacles = |restaurant: &Restaurant, place: Option<&Place>, now: &str| match check_order(
        &request,
        restaurant,
        place,
        &Inventory::default(),
        instant(now),
    ) {
        Err(CheckOrderError::NotOrderable(quote)) => quote
            .obstacles
            .iter()
            .map(|obstacle| obstacle.code)
            .collect::<Vec<_>>(),
        other => panic!("{other:?}"),
    };
    let sold_out = with(&[(
        "id = \"egg-sandwich\"",
        "available = false\nid = \"egg-sandwich\"",
    )]);
    let near = place(1500.0);
    assert_eq!(
        obstacles(&sold_out, Some(&near), OPEN),
        [ObstacleCode::SoldOut]
    );
    assert_eq!(
        obstacles(&sample, Some(&near), "2026-01-07T15:00:00Z"),
        [ObstacleCode::Closed]
    );
    assert_eq!(
        obstacles(&sample, Some(&place(5001.0)), OPEN),
        [ObstacleCode::OutsideArea]
    );
    assert_eq!(
        obstacles(&sample, None, OPEN),
        [ObstacleCode::PostcodeMissing]
    );
    assert_eq!(
        obstacles(&sample, Some(&nowhere(Finding::CouldNotCheck)), OPEN),
        [ObstacleCode::CouldNotCheck]
    );
}

#[test]
fn a_slot_that_has_passed_is_never_moved() {
    let sample = restaurant();
    let mut request = request(&sample, Fulfilment::Delivery);
    request.basket.slot_start_ms = Some(instant("2026-01-07T18:00:00Z"));
    request.agreed = quote_basket(
        &sample,
        &request.basket,
        Some(&place(1500.0)),
        &Inventory::default(),
        instant(OPEN),
    );
    let near = place(1500.0);
    let at = |now| {
        check_order(
            &request,
            &sample,
            Some(&near),
            &Inventory::default(),
            instant(now),
        )
    };
    let slot = at("2026-01-07T17:30:00Z").unwrap().quote().slot.unwrap();
    assert_eq!(slot.start_ms, instant("2026-01-07T18:00:00Z"));
    let Err(CheckOrderError::NotOrderable(late)) = at("2026-01-07T17:30:01Z") else {
        panic!("accepted for a slot that is gone");
    };
    assert_eq!(late.obstacles[0].code, ObstacleCode::SlotGone);
}

#[test]
fn stock_taken_by_other_orders_is_a_change_and_other_obstacles_are_not() {
    let sample = restaurant();
    let request = request(&sample, Fulfilment::Delivery);
    let near = place(1500.0);
    let with_karahi = |remaining| Inventory {
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
    let check = |inventory: &Inventory, place| {
        check_order(&request, &sample, Some(place), inventory, instant(OPEN))
    };
    assert!(check(&with_karahi(2), &near).is_ok());
    for (remaining, sentence) in [
        (1, "Only 1 of Lamb karahi left; take fewer."),
        (0, "sold out"),
    ] {
        let Err(CheckOrderError::QuoteChanged { changes, quote }) =
            check(&with_karahi(remaining), &near)
        else {
            panic!("accepted with {remaining} portions");
        };
        assert!(!quote.orderable());
        assert_eq!(changes.len(), 1);
        assert_eq!(changes[0].what, QuoteChangeKind::Obstacle);
        assert!(changes[0].message.contains(sentence), "{changes:?}");
    }
    let far = check(&with_karahi(1), &place(9000.0));
    assert!(
        matches!(far, Err(CheckOrderError::NotOrderable(_))),
        "{far:?}"
    );
}
