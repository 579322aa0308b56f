//! Hedging, deadlines and the breaker of the whole geocoder, in paused time.

use std::sync::Arc;
use std::time::Duration;

use model::place::Source;
use model::status::Breaker as BreakerStatus;
use process::clock::ManualClock;
use tokio::time::Instant;

use super::setup::*;
use crate::geocode::breaker::{FAILURE_THRESHOLD, INITIAL_OPEN_MS};

#[tokio::test(start_paused = true)]
async fn a_fast_provider_is_queried_alone() {
    let (first, second) = (a(found()).after(249), b(found()));
    Setup::new(&[&first, &second]).locate(LISTED).await;
    assert_eq!((first.requests(), second.requests()), (1, 0));
}

#[tokio::test(start_paused = true)]
async fn a_silent_provider_is_hedged_after_the_delay() {
    let (first, second) = (a(found()).after(60_000), b(found()).after(20));
    let setup = Setup::new(&[&first, &second]);
    let started = Instant::now();
    let place = setup.locate(LISTED).await;
    assert_eq!(place.source, Some(B));
    assert_eq!(started.elapsed(), HEDGE + Duration::from_millis(20));
}

#[tokio::test(start_paused = true)]
async fn a_hedged_request_is_not_cancelled() {
    let (first, second) = (a(found()).after(60_000), b(found()));
    let setup = Setup::new(&[&first, &second]);
    setup.locate(LISTED).await;
    tokio::time::sleep(TIMEOUT).await;
    let status = &setup.geocoder.providers()[0];
    assert_eq!(status.failures, 1);
    let error = status.last_error.as_deref();
    assert_eq!(error, Some("timed out after 1.5 s"));
}

#[tokio::test(start_paused = true)]
async fn a_failure_is_followed_by_the_next_provider_at_once() {
    let (first, second) = (a(unavailable()).after(5), b(found()).after(20));
    let setup = Setup::new(&[&first, &second]);
    let started = Instant::now();
    setup.locate(LISTED).await;
    assert_eq!(started.elapsed(), Duration::from_millis(25));
}

#[tokio::test(start_paused = true)]
async fn a_lookup_takes_no_longer_than_the_timeout() {
    for (first, second) in [(60_000, 60_000), (1_400, 60_000)] {
        let scripts = [&a(unknown()).after(first), &b(found()).after(second)];
        let setup = Setup::new(&scripts);
        let started = Instant::now();
        let place = setup.locate(LISTED).await;
        assert_eq!(place.source, Some(Source::Gazetteer));
        assert_eq!(started.elapsed(), TIMEOUT);
    }
}

#[tokio::test(start_paused = true)]
async fn a_provider_that_keeps_failing_is_not_queried() {
    let (first, second) = (a(unavailable()), b(found()));
    let setup = Setup::new(&[&first, &second]);
    for number in 0..FAILURE_THRESHOLD + 3 {
        setup.locate(&format!("DH{number} 1AA")).await;
    }
    assert_eq!(first.requests(), FAILURE_THRESHOLD as usize);
    assert_eq!(setup.geocoder.providers()[0].breaker, BreakerStatus::Open);
    assert_eq!(setup.geocoder.providers()[1].breaker, BreakerStatus::Closed);
}

#[tokio::test(start_paused = true)]
async fn one_probe_detects_a_recovered_provider() {
    let (first, second) = (a(unavailable()), b(found()));
    let setup = Setup::new(&[&first, &second]);
    for number in 0..FAILURE_THRESHOLD {
        setup.locate(&format!("DH{number} 1AA")).await;
    }
    first.set_answer(found());
    setup.clock.advance(INITIAL_OPEN_MS);
    let places = tokio::join!(setup.locate("DH1 3EL"), setup.locate("DH1 3ER"));
    let sources = [places.0.source, places.1.source];
    assert_eq!(
        sources,
        [Some(A), Some(B)],
        "one probe; the other lookup uses the second provider"
    );
    assert_eq!(setup.geocoder.providers()[0].breaker, BreakerStatus::Closed);
    assert_eq!(setup.locate("DH1 3ES").await.source, Some(A));
}

#[tokio::test(start_paused = true)]
async fn negative_answers_do_not_open_the_breaker() {
    let scripts = [&a(unknown()), &b(unknown())];
    let setup = Setup::new(&scripts);
    for number in 0..FAILURE_THRESHOLD * 2 {
        setup.locate(&format!("DH{number} 1AA")).await;
    }
    for status in setup.geocoder.providers() {
        assert_eq!(
            (status.breaker, status.failures),
            (BreakerStatus::Closed, 0)
        );
        assert_eq!(status.successes, u64::from(FAILURE_THRESHOLD * 2));
    }
}

#[tokio::test(start_paused = true)]
async fn a_store_that_hangs_does_not_delay_lookups() {
    let script = a(found());
    let cache = Arc::new(FakePlaceCache::hanging());
    let setup = Setup::over(&[&script], cache, ManualClock::at(0));
    let started = Instant::now();
    assert_eq!(setup.locate(LISTED).await.source, Some(A));
    assert!(started.elapsed() < Duration::from_millis(300));
}

#[tokio::test(start_paused = true)]
async fn a_provider_that_panics_counts_as_failed() {
    let (first, second) = (a(found()).panicking(), b(found()));
    let setup = Setup::new(&[&first, &second]);
    for number in 0..FAILURE_THRESHOLD {
        let place = setup.locate(&format!("DH{number} 1AA")).await;
        assert_eq!(place.source, Some(B));
    }
    assert_eq!(setup.geocoder.providers()[0].breaker, BreakerStatus::Open);
}
