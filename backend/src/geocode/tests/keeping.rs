//! What is asked once only, what is kept, for how long, and where.

use std::sync::atomic::Ordering;
use std::time::Duration;

use model::place::Finding;

use super::setup::*;
use crate::geocode::cache::BRIEF_MS;
use crate::geocode::provider::Answer;

#[tokio::test(start_paused = true)]
async fn callers_of_one_postcode_share_one_lookup() {
    let script = a(found());
    let setup = Setup::new(&[&script]);
    let callers = (0..100).map(|_| setup.locate(LISTED));
    let places = futures_util::future::join_all(callers).await;
    assert!(places.iter().all(|place| place.source == Some(A)));
    assert_eq!(script.asked(), 1);
}

#[tokio::test(start_paused = true)]
async fn a_caller_that_goes_away_leaves_an_answer_behind() {
    let script = a(found()).after(100);
    let setup = Setup::new(&[&script]);
    let impatient = tokio::time::timeout(Duration::from_millis(10), setup.locate(LISTED));
    assert!(impatient.await.is_err());
    let place = setup.locate(LISTED).await;
    assert_eq!((place.source, script.asked()), (Some(A), 1));
}

#[tokio::test(start_paused = true)]
async fn agreed_answers_are_kept_and_survive_a_restart() {
    for (first, second, days) in [
        (found(), found(), 90),
        (Ok(Answer::NotLocatable), found(), 30),
        (terminated(), terminated(), 30),
        (unknown(), unknown(), 1),
    ] {
        let scripts = [&a(first), &b(second)];
        let setup = Setup::new(&scripts);
        let place = setup.locate(LISTED).await;
        let asked = scripts[0].asked();
        assert_eq!(setup.cache.finding(LISTED), Some(place.finding));
        let restarted = setup.restarted(&scripts);
        setup.clock.advance(days * DAY_MS - 1);
        assert_eq!(setup.locate(LISTED).await, place);
        assert_eq!(restarted.locate(LISTED).await, place);
        assert_eq!(scripts[0].asked(), asked, "{:?} is believed", place.finding);
        setup.clock.advance(1);
        setup.locate(LISTED).await;
        assert_eq!(
            scripts[0].asked(),
            asked + 1,
            "{:?} has aged",
            place.finding
        );
    }
}

#[tokio::test(start_paused = true)]
async fn answers_of_an_outage_are_kept_for_a_minute_only_and_in_memory_only() {
    for (first, second, text) in [
        (away(), away(), LISTED),
        (away(), away(), NEIGHBOUR),
        (away(), away(), IRISH),
        (unknown(), away(), LISTED),
        (unknown(), away(), NEIGHBOUR),
        (terminated(), away(), LISTED),
    ] {
        let scripts = [&a(first), &b(second)];
        let setup = Setup::new(&scripts);
        let place = setup.locate(text).await;
        assert_eq!(setup.cache.finding(text), None);
        setup.clock.advance(BRIEF_MS - 1);
        assert_eq!(setup.locate(text).await, place);
        assert_eq!(scripts[1].asked(), 1, "{text}: a minute is not over");
        setup.clock.advance(1);
        scripts[1].now_answers(found());
        assert_eq!(setup.locate(text).await.source, Some(B), "{text}");
    }
}

#[tokio::test(start_paused = true)]
async fn an_old_place_is_better_than_none_when_nobody_can_be_asked() {
    let script = a(found());
    let setup = Setup::new(&[&script]);
    let place = setup.locate(IRISH).await;
    script.now_answers(away());
    setup.clock.advance(400 * DAY_MS);
    assert_eq!(setup.restarted(&[&script]).locate(IRISH).await, place);
    // But an old no is not.
    let script = a(unknown());
    let scripts = [&script, &b(unknown())];
    let setup = Setup::new(&scripts);
    setup.locate(IRISH).await;
    for script in scripts {
        script.now_answers(away());
    }
    setup.clock.advance(400 * DAY_MS);
    let place = setup.restarted(&scripts).locate(IRISH).await;
    assert_eq!(place.finding, Finding::CouldNotCheck);
}

#[tokio::test(start_paused = true)]
async fn memory_saves_the_store_from_being_asked() {
    let setup = Setup::new(&[&a(found())]);
    for _ in 0..10 {
        setup.locate(LISTED).await;
    }
    assert_eq!(setup.cache.read.load(Ordering::SeqCst), 1);
}
