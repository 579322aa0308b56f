use model::Pence;
use model::place::{Finding, Place};
use model::restaurant::DeliveryTerms;

use super::*;
use crate::menus::fixtures::{SAMPLE, instant, nowhere, place, with_slug};

/// A Wednesday in winter, when the sample is open.
const OPEN: &str = "2026-01-07T12:00:00Z";

/// Restaurants at increasing latitudes, some of them closed on Wednesdays.
fn catalogue() -> Catalogue {
    let wednesday = "wednesday = [\"11:30-14:30\", \"17:00-23:00\"]";
    let make = |slug: &str, name: &str, latitude: &str, closed: bool| {
        let mut text = SAMPLE
            .replace("The Test Kitchen", name)
            .replace("latitude = 54.7766", &format!("latitude = {latitude}"));
        if closed {
            text = text.replace(wednesday, "wednesday = []");
        }
        with_slug(slug, &text)
    };
    Catalogue::new([
        make("far-off", "Zest", "55.5", false),
        make("near-closed", "Near closed", "54.78", true),
        make("near-open", "Near open", "54.79", false),
        make("far-closed", "Far closed", "54.8", true),
        make("far-open", "Far open", "54.805", false),
        make("farther-off", "another place", "56.5", false),
    ])
}

fn slugs(place: Place) -> Vec<String> {
    search_restaurants(&catalogue(), place, instant(OPEN))
        .restaurants
        .into_iter()
        .map(|card| card.restaurant.slug)
        .collect()
}

#[test]
fn restaurants_that_deliver_come_first_open_before_closed_then_by_distance() {
    assert_eq!(
        slugs(place(0.0)),
        [
            "near-open",
            "far-open",
            "near-closed",
            "far-closed",
            "far-off",
            "farther-off"
        ]
    );
}

#[test]
fn without_a_known_place_all_are_listed_by_name() {
    for finding in [Finding::CouldNotCheck, Finding::NotLocatable] {
        assert_eq!(
            slugs(nowhere(finding)),
            [
                "farther-off",
                "far-closed",
                "far-open",
                "near-closed",
                "near-open",
                "far-off"
            ]
        );
    }
}

#[test]
fn a_card_contains_the_terms_of_delivery() {
    let result = search_restaurants(&catalogue(), place(0.0), instant(OPEN));
    assert_eq!(result.place, place(0.0));
    let near = &result.restaurants[0];
    assert_eq!(near.distance_m, Some(1491));
    assert_eq!(
        near.delivery,
        Some(DeliveryTerms {
            fee_pence: Pence(149),
            minimum_pence: Pence(1000),
            from_minutes: 30,
            to_minutes: 45,
        })
    );
    assert_eq!(near.collection, Some(CollectionTerms { ready_minutes: 20 }));
    assert!(near.opening.open);
    let far = result.restaurants.last().unwrap();
    assert_eq!(far.delivery, None);
    assert!(far.collection.is_some());
}
