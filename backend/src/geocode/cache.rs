//! What was found out before: the store's cache, shared by all replicas, behind a trait, and a bounded one in memory before
//! it. Knows how long an answer is believed; knows nothing of providers.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};

use async_trait::async_trait;
use model::place::{Finding, Place};

const MINUTE_MS: i64 = 60_000;
const DAY_MS: i64 = 24 * 60 * MINUTE_MS;

/// An answer of the providers and when it was given.
#[derive(Clone, Debug, PartialEq)]
pub struct CachedPlace {
    pub place: Place,
    pub checked_at_ms: i64,
}

/// Answers kept beyond the life of this process. Its own failures are its own to log: a cache that is away is an empty one.
#[async_trait]
pub trait PlaceCache: Send + Sync + 'static {
    /// What was kept of a postcode (`DH1 3EL`), however old.
    async fn get(&self, postcode: &str) -> Option<CachedPlace>;

    /// Keeps it under `cached.place.postcode`, in place of what was there.
    async fn put(&self, cached: CachedPlace);
}

/// Keeps nothing.
pub struct NoPlaceCache;

#[async_trait]
impl PlaceCache for NoPlaceCache {
    async fn get(&self, _postcode: &str) -> Option<CachedPlace> {
        None
    }

    async fn put(&self, _cached: CachedPlace) {}
}

/// How long an answer that the providers agree on is believed. The ONS publishes four times a year, so a place keeps for
/// three months; a postcode that nobody knew yesterday may be a new street today. `None`: not to be kept.
#[must_use]
pub fn believed_for_ms(finding: Finding) -> Option<i64> {
    match finding {
        Finding::Found => Some(90 * DAY_MS),
        Finding::NotLocatable | Finding::Terminated => Some(30 * DAY_MS),
        Finding::Unknown => Some(DAY_MS),
        Finding::Approximate | Finding::CouldNotCheck => None,
    }
}

/// How long an answer given without the providers' agreement is repeated from memory, so that an outage does not mean a
/// request to a struggling provider for every page that is opened.
pub const BRIEF_MS: i64 = MINUTE_MS;

impl CachedPlace {
    /// Whether it may still be answered at `now_ms`. A clock that was set back does not make it young for ever.
    #[must_use]
    pub fn is_fresh(&self, now_ms: i64) -> bool {
        believed_for_ms(self.place.finding)
            .is_some_and(|believed| (0..believed).contains(&(now_ms - self.checked_at_ms)))
    }
}

/// The answers asked for lately. Two generations: when the young one is full the old one is dropped, so that it is bounded,
/// keeps what is in use, and never has to be swept.
pub struct MemoryCache {
    generations: Mutex<Generations>,
    most_per_generation: usize,
}

#[derive(Default)]
struct Generations {
    young: HashMap<String, Kept>,
    old: HashMap<String, Kept>,
}

#[derive(Clone)]
struct Kept {
    place: Place,
    until_ms: i64,
}

impl MemoryCache {
    /// Keeps at most `most` answers (at least two).
    #[must_use]
    pub fn new(most: usize) -> Self {
        Self {
            generations: Mutex::default(),
            most_per_generation: (most / 2).max(1),
        }
    }

    #[must_use]
    pub fn get(&self, postcode: &str, now_ms: i64) -> Option<Place> {
        let mut generations = self.lock();
        let kept = match generations.young.get(postcode) {
            Some(kept) => kept.clone(),
            None => {
                let kept = generations.old.remove(postcode)?;
                self.insert(&mut generations, postcode.to_owned(), kept.clone());
                kept
            }
        };
        (now_ms < kept.until_ms).then_some(kept.place)
    }

    pub fn put(&self, place: Place, until_ms: i64) {
        let postcode = place.postcode.clone();
        let mut generations = self.lock();
        generations.old.remove(&postcode);
        self.insert(&mut generations, postcode, Kept { place, until_ms });
    }

    fn insert(&self, generations: &mut Generations, postcode: String, kept: Kept) {
        if generations.young.len() >= self.most_per_generation
            && !generations.young.contains_key(&postcode)
        {
            generations.old = std::mem::take(&mut generations.young);
        }
        generations.young.insert(postcode, kept);
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, Generations> {
        self.generations
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn place(postcode: &str, finding: Finding) -> Place {
        Place {
            postcode: postcode.to_owned(),
            finding,
            position: None,
            radius_m: None,
            source: None,
            terminated: None,
            suggestion: None,
        }
    }

    #[test]
    fn answers_age() {
        for (finding, days) in [
            (Finding::Found, 90),
            (Finding::Terminated, 30),
            (Finding::NotLocatable, 30),
            (Finding::Unknown, 1),
        ] {
            let cached = CachedPlace {
                place: place("DH1 3EL", finding),
                checked_at_ms: 1_000,
            };
            assert!(
                cached.is_fresh(1_000 + days * DAY_MS - 1),
                "{finding:?} before its time"
            );
            assert!(
                !cached.is_fresh(1_000 + days * DAY_MS),
                "{finding:?} after its time"
            );
            assert!(!cached.is_fresh(999), "{finding:?} from the future");
        }
    }

    #[test]
    fn guesses_are_not_kept() {
        assert_eq!(believed_for_ms(Finding::Approximate), None);
        assert_eq!(believed_for_ms(Finding::CouldNotCheck), None);
    }

    #[test]
    fn memory_forgets_when_the_time_is_up() {
        let cache = MemoryCache::new(10);
        cache.put(place("DH1 3EL", Finding::Found), 100);
        assert!(cache.get("DH1 3EL", 99).is_some());
        assert!(cache.get("DH1 3EL", 100).is_none());
    }

    #[test]
    fn memory_is_bounded_and_keeps_what_is_in_use() {
        let cache = MemoryCache::new(10);
        cache.put(place("used", Finding::Found), 100);
        for number in 0..1_000 {
            cache.put(place(&number.to_string(), Finding::Found), 100);
            assert!(cache.get("used", 0).is_some(), "after {number}");
        }
        let generations = cache.lock();
        assert!(generations.young.len() + generations.old.len() <= 10);
    }

    #[test]
    fn a_new_answer_replaces_the_old() {
        let cache = MemoryCache::new(2);
        for number in 0..3 {
            cache.put(place("DH1 3EL", Finding::Unknown), 100);
            cache.put(place("filler", Finding::Unknown), 100 + number);
            cache.put(place("DH1 3EL", Finding::Found), 100);
            let found = cache.get("DH1 3EL", 0).map(|place| place.finding);
            assert_eq!(found, Some(Finding::Found));
        }
    }
}
