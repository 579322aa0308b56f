//! The restaurant search of the list and of the menus. Its last answer is kept for a minute, so that going to a menu and back shows the
//! list at once, and a menu knows what delivery to the postcode costs.

use leptos::prelude::*;
use model::Postcode;
use model::restaurant::SearchResult;

use crate::api::{self, ApiError};
use crate::state::browser::now_ms;

/// The age in milliseconds up to which an answer is used again.
const MAX_AGE_MS: i64 = 60_000;

/// The last answer and when it arrived; a context of the shop.
#[derive(Clone, Copy)]
pub struct SearchCache(StoredValue<Option<(SearchResult, i64)>>);

/// Provides the cache. Called once, by the root of the shop.
pub fn provide_search_cache() {
    provide_context(SearchCache(StoredValue::new(None)));
}

/// The cache that the root of the shop provided.
#[must_use]
pub fn use_search_cache() -> SearchCache {
    expect_context()
}

impl SearchCache {
    /// Searches for the postcode, or returns the last answer if it is for the same postcode and recent.
    pub async fn search(self, postcode: Postcode) -> Result<SearchResult, ApiError> {
        if let Some((found, at_ms)) = self.0.get_value()
            && found.place.postcode == postcode.as_str()
            && now_ms() - at_ms < MAX_AGE_MS
        {
            return Ok(found);
        }
        let found = api::search_restaurants(postcode.as_str()).await?;
        self.0.set_value(Some((found.clone(), now_ms())));
        Ok(found)
    }

    /// Forgets the last answer.
    pub fn clear(self) {
        self.0.set_value(None);
    }
}
