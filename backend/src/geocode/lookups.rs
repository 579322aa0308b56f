//! In-memory cache of answers with one lookup in flight per postcode, built on `moka`. Must not know where answers come from.
//!
//! `moka` bounds the cache and coalesces concurrent lookups. Expiry is decided here, with the application's clock: `moka` measures
//! its TTLs with a clock of its own, which tests cannot advance.

use std::future::Future;

use model::Postcode;
use model::place::Place;
use moka::future::Cache;
use moka::policy::EvictionPolicy;
use process::clock::SharedClock;

/// A place with the time at which it leaves the in-memory cache.
#[derive(Clone, Debug, PartialEq)]
pub struct ExpiringPlace {
    pub place: Place,
    pub expires_at_ms: i64,
}

impl ExpiringPlace {
    fn is_expired(&self, now_ms: i64) -> bool {
        self.expires_at_ms <= now_ms
    }
}

/// Lookups in flight and their cached answers. Cheap to clone.
#[derive(Clone)]
pub struct Lookups {
    answers: Cache<Postcode, ExpiringPlace>,
    clock: SharedClock,
}

impl Lookups {
    /// Caches at most `capacity` answers and evicts the least recently used.
    #[must_use]
    pub fn new(capacity: u64, clock: SharedClock) -> Self {
        let answers = Cache::builder()
            .max_capacity(capacity)
            .eviction_policy(EvictionPolicy::lru())
            .build();
        Self { answers, clock }
    }

    /// Returns the cached answer for `postcode`, or joins the lookup in flight for it, or starts `lookup`. `None` if the lookup
    /// panicked.
    ///
    /// The lookup runs in a task of its own: `moka` drops a lookup together with the caller that started it, and the next caller
    /// would start from the beginning.
    pub async fn join<F>(&self, postcode: &Postcode, lookup: F) -> Option<Place>
    where
        F: Future<Output = ExpiringPlace> + Send + 'static,
    {
        if let Some(answer) = self.answers.get(postcode).await
            && !answer.is_expired(self.clock.now_ms())
        {
            return Some(answer.place);
        }
        let (lookups, postcode) = (self.clone(), postcode.clone());
        let lookup = tokio::spawn(async move {
            let clock = lookups.clock;
            lookups
                .answers
                .entry(postcode)
                .or_insert_with_if(lookup, |answer| answer.is_expired(clock.now_ms()))
                .await
                .into_value()
        });
        lookup.await.ok().map(|answer| answer.place)
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;
    use std::sync::atomic::{AtomicU32, Ordering};
    use std::time::Duration;

    use model::place::Finding;
    use process::clock::ManualClock;
    use tokio::time::{Instant, sleep};

    use super::*;

    const TTL_MS: i64 = 100;

    fn postcode(text: &str) -> Postcode {
        Postcode::parse(text).unwrap()
    }

    /// An answer that a test recognises by its radius.
    fn answer(number: u32, expires_at_ms: i64) -> ExpiringPlace {
        ExpiringPlace {
            place: Place {
                postcode: String::new(),
                finding: Finding::Approximate,
                position: None,
                radius_m: Some(number),
                source: None,
                terminated: None,
                suggestion: None,
            },
            expires_at_ms,
        }
    }

    fn lookups(capacity: u64) -> (Lookups, Arc<ManualClock>) {
        let clock = ManualClock::at(0);
        (Lookups::new(capacity, clock.clone()), clock)
    }

    async fn number(lookups: &Lookups, text: &str, lookup: u32) -> Option<u32> {
        let lookup = async move { answer(lookup, TTL_MS) };
        lookups.join(&postcode(text), lookup).await?.radius_m
    }

    #[tokio::test(start_paused = true)]
    async fn concurrent_callers_share_one_lookup() {
        let (lookups, clock) = lookups(10);
        let started = Arc::new(AtomicU32::new(0));
        let lookup = || {
            let started = Arc::clone(&started);
            async move {
                let number = started.fetch_add(1, Ordering::SeqCst);
                sleep(Duration::from_millis(100)).await;
                answer(number, TTL_MS)
            }
        };
        let durham = postcode("DH1 3EL");
        let callers = (0..50).map(|_| lookups.join(&durham, lookup()));
        let places = futures_util::future::join_all(callers).await;
        assert!(
            places
                .iter()
                .all(|place| place.as_ref().unwrap().radius_m == Some(0))
        );
        clock.advance(TTL_MS);
        let place = lookups.join(&durham, lookup()).await.unwrap();
        assert_eq!(place.radius_m, Some(1));
    }

    #[tokio::test(start_paused = true)]
    async fn lookups_of_different_postcodes_run_concurrently() {
        let (lookups, _) = lookups(10);
        let lookup = |number: u32| async move {
            sleep(Duration::from_millis(100)).await;
            answer(number, TTL_MS)
        };
        let started = Instant::now();
        let (first, second) = (postcode("DH1 3EL"), postcode("DH1 3ER"));
        let (first, second) = tokio::join!(
            lookups.join(&first, lookup(1)),
            lookups.join(&second, lookup(2))
        );
        assert_eq!(first.unwrap().radius_m, Some(1));
        assert_eq!(second.unwrap().radius_m, Some(2));
        assert_eq!(started.elapsed(), Duration::from_millis(100));
    }

    #[tokio::test(start_paused = true)]
    async fn a_cancelled_caller_does_not_cancel_the_lookup() {
        let (lookups, _) = lookups(10);
        let lookup = async {
            sleep(Duration::from_millis(100)).await;
            answer(7, TTL_MS)
        };
        let durham = postcode("DH1 3EL");
        let first =
            tokio::time::timeout(Duration::from_millis(10), lookups.join(&durham, lookup)).await;
        assert!(first.is_err(), "the first caller has timed out");
        assert_eq!(number(&lookups, "DH1 3EL", 8).await, Some(7));
    }

    #[tokio::test]
    async fn a_panic_ends_the_lookup_and_the_next_caller_starts_another() {
        let (lookups, _) = lookups(10);
        let panicking = async { panic!("lookup failed") };
        assert_eq!(lookups.join(&postcode("DH1 3EL"), panicking).await, None);
        assert_eq!(number(&lookups, "DH1 3EL", 1).await, Some(1));
    }

    #[tokio::test]
    async fn answers_are_cached_until_they_expire() {
        let (lookups, clock) = lookups(10);
        assert_eq!(number(&lookups, "DH1 3EL", 1).await, Some(1));
        clock.advance(TTL_MS - 1);
        assert_eq!(number(&lookups, "DH1 3EL", 2).await, Some(1));
        clock.advance(1);
        assert_eq!(number(&lookups, "DH1 3EL", 3).await, Some(3));
    }

    #[tokio::test]
    async fn the_cache_is_bounded_and_keeps_what_is_in_use() {
        let (lookups, _) = lookups(10);
        number(&lookups, "DH1 3EL", 1).await;
        for index in 0..1_000 {
            let other = format!("SW{} {}AA", index / 10 % 100, index % 10);
            number(&lookups, &other, 2).await;
            // moka evicts in batches; here one batch per insertion.
            lookups.answers.run_pending_tasks().await;
            let in_use = number(&lookups, "DH1 3EL", 3).await;
            assert_eq!(in_use, Some(1), "after {index}");
        }
        lookups.answers.run_pending_tasks().await;
        assert!(lookups.answers.entry_count() <= 10);
    }

    #[tokio::test]
    async fn a_new_answer_replaces_an_expired_one() {
        let (lookups, clock) = lookups(2);
        for round in 0..3 {
            let lookup = |number| {
                let expires_at_ms = (i64::from(round) + 1) * TTL_MS;
                async move { answer(number, expires_at_ms) }
            };
            let durham = postcode("DH1 3EL");
            let place = lookups.join(&durham, lookup(round)).await.unwrap();
            assert_eq!(place.radius_m, Some(round));
            let filler = postcode("DH1 3ER");
            lookups.join(&filler, lookup(100)).await.unwrap();
            clock.advance(TTL_MS);
        }
    }
}
