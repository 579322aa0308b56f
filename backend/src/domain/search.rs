//! Restaurant search: which restaurants deliver to a place, and where orders can be collected.

use model::place::Place;
use model::restaurant::{CollectionTerms, Fulfilment, RestaurantCard, SearchResult};

use super::opening::opening_state;
use super::{Catalogue, Restaurant, delivery};

/// Lists every restaurant: first those that deliver to the place (open before closed, then by distance), then the others (by
/// distance where the position of the place is known, otherwise by name).
#[must_use]
pub fn search_restaurants(catalogue: &Catalogue, place: Place, now_ms: i64) -> SearchResult {
    let mut restaurants: Vec<RestaurantCard> = catalogue
        .iter()
        .map(|restaurant| card(restaurant, &place, now_ms))
        .collect();
    // Either every distance is known or none is, so within a group only one of distance and name decides.
    restaurants.sort_by_cached_key(|card| {
        let delivers = card.delivery.is_some();
        (
            !delivers,
            delivers && !card.opening.open,
            card.distance_m,
            card.restaurant.name.to_lowercase(),
        )
    });
    SearchResult {
        place,
        now_ms,
        restaurants,
    }
}

fn card(restaurant: &Restaurant, place: &Place, now_ms: i64) -> RestaurantCard {
    let distance_m = delivery::distance_m(restaurant, place);
    RestaurantCard {
        restaurant: restaurant.profile().clone(),
        distance_m,
        delivery: distance_m
            .and_then(|distance_m| delivery::find_band(restaurant, distance_m))
            .map(|band| delivery::terms_of(restaurant, band)),
        collection: restaurant
            .offers(Fulfilment::Collection)
            .then(|| CollectionTerms {
                ready_minutes: restaurant.ordering().prepare_minutes,
            }),
        opening: opening_state(restaurant, now_ms),
    }
}

#[cfg(test)]
mod tests;
