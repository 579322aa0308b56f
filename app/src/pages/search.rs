//! The restaurant search of the list and of the menus. Its last answer is kept for a minute, so that going to a menu and back shows the
//! list at once, and a menu knows what delivery to the postcode costs.

use leptos::prelude::*;
use model::Postcode;
use model::restaurant::SearchResult;

use crate::api::{self, ApiError};
use crate::state::browser::now_ms;
use crate::state::resource::{ApiResource, use_api};

/// The age in milliseconds up to which an answer is used again.
const MAX_AGE_MS: i64 = 60_000;

/// The last answer; a context of the shop.
#[derive(Clone, Copy)]
struct SearchCache(RwSignal<Option<(SearchResult, i64)>>);

/// Provides the cache. Called once, by the root of the shop.
pub fn provide_search_cache() {
    provide_context(SearchCache(RwSignal::new(None)));
}

/// A search that follows its postcode. Copies share the state.
#[derive(Clone, Copy)]
pub struct RestaurantSearch {
    cache: SearchCache,
    /// `None` inside: there is no postcode to search for.
    pub answer: ApiResource<Option<SearchResult>>,
}

/// Searches for the postcode now and whenever it changes.
pub fn use_search(postcode: Signal<Option<Postcode>>) -> RestaurantSearch {
    let cache = expect_context::<SearchCache>();
    let answer = use_api(move || {
        let postcode = postcode.get();
        async move {
            let Some(postcode) = postcode else {
                return Ok(None);
            };
            search(cache, &postcode).await.map(Some)
        }
    });
    RestaurantSearch { cache, answer }
}

impl RestaurantSearch {
    /// Searches again, without the cache.
    pub fn refresh(self) {
        self.cache.0.set(None);
        self.answer.refetch();
    }
}

async fn search(cache: SearchCache, postcode: &Postcode) -> Result<SearchResult, ApiError> {
    if let Some((found, at_ms)) = cache.0.get_untracked()
        && found.place.postcode == postcode.as_str()
        && now_ms() - at_ms < MAX_AGE_MS
    {
        return Ok(found);
    }
    let found = api::search_restaurants(postcode.as_str()).await?;
    cache.0.set(Some((found.clone(), now_ms())));
    Ok(found)
}
