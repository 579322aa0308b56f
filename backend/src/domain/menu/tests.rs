use super::*;
use crate::domain::inventory::Stock;
use crate::menus::fixtures::{instant, restaurant, without_delivery};

#[test]
fn a_menu_has_everything_in_the_order_of_the_file() {
    let now_ms = instant("2026-01-07T12:00:00Z");
    let menu = build_menu(&restaurant(), &Inventory::default(), now_ms);
    assert_eq!(menu.restaurant.slug, "the-test-kitchen");
    assert_eq!(menu.about, "A kitchen that exists to be tested.");
    assert_eq!(menu.now_ms, now_ms);
    assert!(menu.opening.open && menu.delivers && menu.collects);
    let dishes: Vec<(&str, Vec<&str>)> = menu
        .categories
        .iter()
        .map(|category| {
            let dishes = category.dishes.iter().map(|dish| dish.id.as_str());
            (category.id.as_str(), dishes.collect())
        })
        .collect();
    assert_eq!(
        dishes,
        [
            ("curries", vec!["lamb-karahi", "tarka-dal"]),
            ("cold", vec!["egg-sandwich", "lassi"]),
        ]
    );
    let hours: Vec<(&str, &str)> = menu
        .hours
        .iter()
        .map(|day| (day.day.as_str(), day.hours.as_str()))
        .collect();
    assert_eq!(hours[0], ("Monday", "Closed"));
    assert_eq!(hours[1], ("Tuesday", "11:30–14:30, 17:00–23:00"));
    assert_eq!(hours[4], ("Friday", "17:00–02:00"));
    assert_eq!(hours.len(), 7);
}

#[test]
fn a_restaurant_without_bands_does_not_deliver() {
    let menu = build_menu(&without_delivery(), &Inventory::default(), 0);
    assert!(!menu.delivers && menu.collects);
}

#[test]
fn a_dish_without_stock_or_switched_off_is_unavailable() {
    let sample = restaurant();
    for (stock, available) in [
        (
            Stock {
                off: true,
                remaining: None,
            },
            false,
        ),
        (
            Stock {
                off: false,
                remaining: Some(0),
            },
            false,
        ),
        (
            Stock {
                off: false,
                remaining: Some(1),
            },
            true,
        ),
    ] {
        let inventory = Inventory {
            stock: [("lamb-karahi".to_owned(), stock)].into(),
            ..Inventory::default()
        };
        let menu = build_menu(&sample, &inventory, 0);
        let dishes = menu.categories.iter().flat_map(|category| &category.dishes);
        let dish = dishes
            .clone()
            .find(|dish| dish.id == "lamb-karahi")
            .unwrap();
        assert_eq!(dish.available, available, "{stock:?}");
    }
}
