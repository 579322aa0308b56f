//! The answer to the last search, shared by the list and the menus, so that going to a menu and back shows at once what was
//! there, and a menu knows what delivery to the postcode costs.

use crate::prelude::*;
use model::Postcode;
use model::restaurant::{RestaurantCard, SearchResult};

use crate::api;
use crate::state::load::Loader;

#[derive(Clone, Copy)]
struct LastSearch(RwSignal<Option<SearchResult>>);

/// Called once, by the root of the app.
pub fn provide_search() {
    provide_context(LastSearch(RwSignal::new(None)));
}

/// Searches for the postcode now and whenever it changes; begins with what the last search found. The value may be of another
/// postcode while a newer one loads: see [`of_postcode`].
pub fn use_search(postcode: Signal<Option<Postcode>>) -> Loader<SearchResult> {
    let loader = Loader::new(move || {
        let postcode = postcode.get()?;
        Some(async move { api::search_restaurants(postcode.as_str()).await })
    });
    if let Some(LastSearch(last)) = use_context::<LastSearch>() {
        if let Some(found) = last.get_untracked() {
            loader.value.set(Some(found));
        }
        effect(move |_| {
            if let Some(found) = loader.value.get() {
                last.set(Some(found));
            }
        });
    }
    loader
}

/// What was found, if it is for this postcode.
pub fn of_postcode(found: Option<SearchResult>, postcode: &Postcode) -> Option<SearchResult> {
    found.filter(|found| found.place.postcode == postcode.as_str())
}

/// What the search says of one restaurant.
pub fn card_of(found: &SearchResult, slug: &str) -> Option<RestaurantCard> {
    found
        .restaurants
        .iter()
        .find(|card| card.restaurant.slug == slug)
        .cloned()
}
