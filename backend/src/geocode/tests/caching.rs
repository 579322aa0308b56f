//! Caching of answers: in memory, in the store, and for how long; and one lookup in flight per postcode.

use std::sync::atomic::Ordering;
use std::time::Duration;

use model::place::Finding;

use super::setup::*;
use crate::geocode::cache::UNCONFIRMED_TTL_MS;
use crate::geocode::provider::ProviderAnswer;

#[tokio::test(start_paused = true)]
async fn callers_of_one_postcode_share_one_lookup() {
    let script = a(found());
    let setup = Setup::new(&[&script]);
    let callers = (0..100).map(|_| setup.locate(LISTED));
    let places = futures_util::future::join_all(callers).await;
    assert!(places.iter().all(|place| place.source == Some(A)));
    assert_eq!(script.requests(), 1);
}

#[tokio::test(start_paused = true)]
async fn a_cancelled_caller_does_not_cancel_the_lookup() {
    let script = a(found()).after(100);
    let setup = Setup::new(&[&script]);
    let cancelled = tokio::time::timeout(Duration::from_millis(10), setup.locate(LISTED));
    assert!(cancelled.await.is_err());
    let place = setup.locate(LISTED).await;
    assert_eq!((place.source, script.requests()), (Some(A), 1));
}

#[tokio::test(start_paused = true)]
async fn confirmed_answers_are_cached_and_survive_a_restart() {
    for (first, second, days) in [
        (found(), found(), 90),
        (Ok(ProviderAnswer::NotLocatable), found(), 30),
        (terminated(), terminated(), 30),
        (unknown(), unknown(), 1),
    ] {
        let scripts = [&a(first), &b(second)];
        let setup = Setup::new(&scripts);
        let place = setup.locate(LISTED).await;
        let requests = scripts[0].requests();
        assert_eq!(setup.cache.finding(LISTED), Some(place.finding));
        let restarted = setup.restarted(&scripts);
        setup.clock.advance(days * DAY_MS - 1);
        assert_eq!(setup.locate(LISTED).await, place);
        assert_eq!(restarted.locate(LISTED).await, place);
        assert_eq!(
            scripts[0].requests(),
            requests,
            "{:?} is cached",
            place.finding
        );
        setup.clock.advance(1);
        setup.locate(LISTED).await;
        assert_eq!(
            scripts[0].requests(),
            requests + 1,
            "{:?} has expired",
            place.finding
        );
    }
}

#[tokio::test(start_paused = true)]
async fn unconfirmed_answers_are_cached_for_a_minute_and_in_memory_only() {
    for (first, second, text) in [
        (unavailable(), unavailable(), LISTED),
        (unavailable(), unavailable(), NEIGHBOUR),
        (unavailable(), unavailable(), IRISH),
        (unknown(), unavailable(), LISTED),
        (unknown(), unavailable(), NEIGHBOUR),
        (terminated(), unavailable(), LISTED),
    ] {
        let scripts = [&a(first), &b(second)];
        let setup = Setup::new(&scripts);
        let place = setup.locate(text).await;
        assert_eq!(setup.cache.finding(text), None);
        setup.clock.advance(UNCONFIRMED_TTL_MS - 1);
        assert_eq!(setup.locate(text).await, place);
        assert_eq!(scripts[1].requests(), 1, "{text}: within the minute");
        setup.clock.advance(1);
        scripts[1].set_answer(found());
        assert_eq!(setup.locate(text).await.source, Some(B), "{text}");
    }
}

#[tokio::test(start_paused = true)]
async fn an_expired_place_is_used_when_no_provider_answers() {
    let script = a(found());
    let setup = Setup::new(&[&script]);
    let place = setup.locate(IRISH).await;
    script.set_answer(unavailable());
    setup.clock.advance(400 * DAY_MS);
    assert_eq!(setup.restarted(&[&script]).locate(IRISH).await, place);
    // An expired negative answer is not used.
    let script = a(unknown());
    let scripts = [&script, &b(unknown())];
    let setup = Setup::new(&scripts);
    setup.locate(IRISH).await;
    for script in scripts {
        script.set_answer(unavailable());
    }
    setup.clock.advance(400 * DAY_MS);
    let place = setup.restarted(&scripts).locate(IRISH).await;
    assert_eq!(place.finding, Finding::CouldNotCheck);
}

#[tokio::test(start_paused = true)]
async fn the_memory_cache_saves_reads_of_the_store() {
    let setup = Setup::new(&[&a(found())]);
    for _ in 0..10 {
        setup.locate(LISTED).await;
    }
    assert_eq!(setup.cache.reads.load(Ordering::SeqCst), 1);
}
