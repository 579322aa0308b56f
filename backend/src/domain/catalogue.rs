//! The catalogue: all restaurants of this installation.

use std::sync::Arc;

use super::Restaurant;

/// All restaurants, sorted by slug. Cheap to clone: clones share one list.
#[derive(Clone, Debug)]
pub struct Catalogue(Arc<[Arc<Restaurant>]>);

impl Catalogue {
    /// Builds a catalogue. Slugs must be unique: [`Catalogue::get`] finds only one restaurant per slug.
    #[must_use]
    pub fn new(restaurants: impl IntoIterator<Item = Restaurant>) -> Self {
        let mut list: Vec<_> = restaurants.into_iter().map(Arc::new).collect();
        list.sort_by(|left, right| left.slug().cmp(right.slug()));
        Self(list.into())
    }

    #[must_use]
    pub fn get(&self, slug: &str) -> Option<&Arc<Restaurant>> {
        let index = self
            .0
            .binary_search_by(|restaurant| restaurant.slug().cmp(slug))
            .ok()?;
        self.0.get(index)
    }

    /// Iterates over the restaurants in order of their slugs.
    pub fn iter(&self) -> impl Iterator<Item = &Arc<Restaurant>> {
        self.0.iter()
    }

    #[must_use]
    pub fn len(&self) -> usize {
        self.0.len()
    }

    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::menus::fixtures::{SAMPLE, with_slug};

    #[test]
    fn restaurants_are_found_by_slug() {
        let catalogue = Catalogue::new(["c", "a", "b"].map(|slug| with_slug(slug, SAMPLE)));
        let slugs: Vec<&str> = catalogue
            .iter()
            .map(|restaurant| restaurant.slug())
            .collect();
        assert_eq!(slugs, ["a", "b", "c"]);
        for slug in slugs {
            assert_eq!(catalogue.get(slug).unwrap().slug(), slug);
        }
        assert!(catalogue.get("d").is_none());
        assert_eq!((catalogue.len(), catalogue.is_empty()), (3, false));
    }
}
