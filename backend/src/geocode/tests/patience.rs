//! How long the geocoder waits, and for whom, in paused time.

use std::sync::Arc;
use std::time::Duration;

use model::place::Source;
use model::status::Breaker as Shown;
use process::clock::ManualClock;
use tokio::time::Instant;

use super::setup::*;
use crate::geocode::breaker::{OPEN_MS, THRESHOLD};

#[tokio::test(start_paused = true)]
async fn a_quick_provider_is_asked_alone() {
    let (first, second) = (a(found()).after(249), b(found()));
    Setup::new(&[&first, &second]).locate(LISTED).await;
    assert_eq!((first.asked(), second.asked()), (1, 0));
}

#[tokio::test(start_paused = true)]
async fn a_silent_provider_is_overtaken_after_the_hedge() {
    let (first, second) = (a(found()).after(60_000), b(found()).after(20));
    let setup = Setup::new(&[&first, &second]);
    let started = Instant::now();
    let place = setup.locate(LISTED).await;
    assert_eq!(place.source, Some(B));
    assert_eq!(started.elapsed(), HEDGE + Duration::from_millis(20));
}

#[tokio::test(start_paused = true)]
async fn an_overtaken_provider_is_heard_to_the_end() {
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
async fn a_failure_is_followed_by_the_next_at_once() {
    let (first, second) = (a(away()).after(5), b(found()).after(20));
    let setup = Setup::new(&[&first, &second]);
    let started = Instant::now();
    setup.locate(LISTED).await;
    assert_eq!(started.elapsed(), Duration::from_millis(25));
}

#[tokio::test(start_paused = true)]
async fn nobody_waits_longer_than_the_timeout() {
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
async fn a_provider_that_keeps_failing_is_left_alone() {
    let (first, second) = (a(away()), b(found()));
    let setup = Setup::new(&[&first, &second]);
    for number in 0..THRESHOLD + 3 {
        setup.locate(&format!("DH{number} 1AA")).await;
    }
    assert_eq!(first.asked(), THRESHOLD as usize);
    assert_eq!(setup.geocoder.providers()[0].breaker, Shown::Open);
    assert_eq!(setup.geocoder.providers()[1].breaker, Shown::Closed);
}

#[tokio::test(start_paused = true)]
async fn a_provider_that_is_back_is_found_out_by_one_probe() {
    let (first, second) = (a(away()), b(found()));
    let setup = Setup::new(&[&first, &second]);
    for number in 0..THRESHOLD {
        setup.locate(&format!("DH{number} 1AA")).await;
    }
    first.now_answers(found());
    setup.clock.advance(OPEN_MS);
    let places = tokio::join!(setup.locate("DH1 3EL"), setup.locate("DH1 3ER"));
    let sources = [places.0.source, places.1.source];
    assert_eq!(
        sources,
        [Some(A), Some(B)],
        "one probe, the other elsewhere"
    );
    assert_eq!(setup.geocoder.providers()[0].breaker, Shown::Closed);
    assert_eq!(setup.locate("DH1 3ES").await.source, Some(A));
}

#[tokio::test(start_paused = true)]
async fn noes_are_answers_and_open_no_breaker() {
    let scripts = [&a(unknown()), &b(unknown())];
    let setup = Setup::new(&scripts);
    for number in 0..THRESHOLD * 2 {
        setup.locate(&format!("DH{number} 1AA")).await;
    }
    for status in setup.geocoder.providers() {
        assert_eq!((status.breaker, status.failures), (Shown::Closed, 0));
        assert_eq!(status.successes, u64::from(THRESHOLD * 2));
    }
}

#[tokio::test(start_paused = true)]
async fn a_store_that_hangs_holds_nobody_up() {
    let script = a(found());
    let cache = Arc::new(Kept::hanging());
    let setup = Setup::over(&[&script], cache, ManualClock::at(0));
    let started = Instant::now();
    assert_eq!(setup.locate(LISTED).await.source, Some(A));
    assert!(started.elapsed() < Duration::from_millis(300));
}

#[tokio::test(start_paused = true)]
async fn a_provider_that_panics_counts_as_failed_and_is_overtaken() {
    let (first, second) = (a(found()).panicking(), b(found()));
    let setup = Setup::new(&[&first, &second]);
    for number in 0..THRESHOLD {
        let place = setup.locate(&format!("DH{number} 1AA")).await;
        assert_eq!(place.source, Some(B));
    }
    assert_eq!(setup.geocoder.providers()[0].breaker, Shown::Open);
}
