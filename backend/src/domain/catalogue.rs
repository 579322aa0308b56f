//! All restaurants of this installation, by slug. Cheap to clone: clones share one list.

use std::sync::Arc;

use super::Restaurant;

#[derive(Clone, Debug)]
pub struct Catalogue(Arc<[Arc<Restaurant>]>);

impl Catalogue {
    /// The slugs must differ; of two restaurants with one slug only one could be found.
    #[must_use]
    pub fn new(restaurants: impl IntoIterator<Item = Restaurant>) -> Self {
        let mut list: Vec<_> = restaurants.into_iter().map(Arc::new).collect();
        list.sort_by(|left, right| left.slug().cmp(right.slug()));
        Self(list.into())
    }

    #[must_use]
    pub fn get(&self, slug: &str) -> Option<&Arc<Restaurant>> {
        let place = self
            .0
            .binary_search_by(|restaurant| restaurant.slug().cmp(slug))
            .ok()?;
        self.0.get(place)
    }

    /// In order of their slugs.
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
