//! What the geocoder answers from its providers' answers and the gazetteer together.

use model::place::{Finding, Source};

use super::scripted::Script;
use super::setup::*;
use crate::geocode::provider::Answer;

async fn finding(scripts: &[&Script], text: &str) -> (Finding, Option<Source>) {
    let place = Setup::new(scripts).locate(text).await;
    assert_eq!(place.postcode, text);
    let has_position = matches!(place.finding, Finding::Found | Finding::Approximate);
    assert_eq!(place.position.is_some(), has_position, "{place:?}");
    (place.finding, place.source)
}

#[tokio::test(start_paused = true)]
async fn a_yes_of_either_is_found() {
    for (first, second, source) in [
        (found(), found(), A),
        (found(), away(), A),
        (away(), found(), B),
        (unknown(), found(), B),
        (terminated(), found(), B),
        (found(), unknown(), A),
    ] {
        let answer = finding(&[&a(first), &b(second)], IRISH).await;
        assert_eq!(answer, (Finding::Found, Some(source)));
    }
}

#[tokio::test(start_paused = true)]
async fn valid_without_coordinates_is_no_outage() {
    let script = a(Ok(Answer::NotLocatable));
    let setup = Setup::new(&[&script, &b(found())]);
    let place = setup.locate("JE2 4WD").await;
    assert_eq!(place.finding, Finding::NotLocatable);
    assert_eq!(setup.geocoder.providers()[0].failures, 0);
}

#[tokio::test(start_paused = true)]
async fn two_noes_are_unknown_whatever_the_gazetteer_says() {
    for text in [LISTED, NEIGHBOUR, IRISH] {
        let answer = finding(&[&a(unknown()), &b(unknown())], text).await;
        assert_eq!(answer, (Finding::Unknown, Some(A)), "{text}");
    }
}

#[tokio::test(start_paused = true)]
async fn one_no_alone_is_unknown_where_the_gazetteer_does_not_list_it_either() {
    for (first, second) in [(unknown(), away()), (away(), unknown())] {
        let scripts = [&a(first), &b(second)];
        let (answer, _) = finding(&scripts, NEIGHBOUR).await;
        assert_eq!(answer, Finding::Unknown);
        let answer = finding(&scripts, LISTED).await;
        assert_eq!(answer, (Finding::Found, Some(Source::Gazetteer)));
        let answer = finding(&scripts, "GY1 1AA").await;
        assert_eq!(answer, (Finding::NotLocatable, Some(Source::Gazetteer)));
    }
}

#[tokio::test(start_paused = true)]
async fn terminated_tells_since_when() {
    for (first, second) in [
        (terminated(), terminated()),
        (terminated(), unknown()),
        (unknown(), terminated()),
        (terminated(), away()),
        (away(), terminated()),
    ] {
        let setup = Setup::new(&[&a(first), &b(second)]);
        let place = setup.locate("AB1 0AA").await;
        assert_eq!(place.finding, Finding::Terminated);
        assert_eq!(place.terminated.as_deref(), Some("1996-06"));
    }
}

#[tokio::test(start_paused = true)]
async fn with_both_away_the_gazetteer_answers() {
    let scripts = [&a(away()), &b(away())];
    let gazetteer = Some(Source::Gazetteer);
    for (text, expected) in [
        (LISTED, (Finding::Found, gazetteer)),
        (NEIGHBOUR, (Finding::Approximate, gazetteer)),
        ("JE2 4WD", (Finding::NotLocatable, gazetteer)),
        ("IM9 9ZZ", (Finding::NotLocatable, gazetteer)),
        (IRISH, (Finding::CouldNotCheck, None)),
        ("DH99 9ZZ", (Finding::CouldNotCheck, None)),
    ] {
        assert_eq!(finding(&scripts, text).await, expected, "{text}");
    }
    let place = Setup::new(&scripts).locate(NEIGHBOUR).await;
    assert!(place.radius_m.is_some_and(|radius_m| radius_m > 0));
}

#[tokio::test(start_paused = true)]
async fn no_provider_at_all_leaves_the_gazetteer() {
    let answer = finding(&[], LISTED).await;
    assert_eq!(answer, (Finding::Found, Some(Source::Gazetteer)));
}

#[tokio::test(start_paused = true)]
async fn the_no_of_old_data_is_no_confirmation_but_its_yes_counts() {
    let old = Script::new(C, unknown());
    let (answer, source) = finding(&[&a(unknown()), &old], LISTED).await;
    assert_eq!((answer, source), (Finding::Found, Some(Source::Gazetteer)));
    let (answer, _) = finding(&[&old], IRISH).await;
    assert_eq!(answer, Finding::CouldNotCheck);
    let old = Script::new(C, found());
    let answer = finding(&[&a(unknown()), &b(away()), &old], IRISH).await;
    assert_eq!(answer, (Finding::Found, Some(C)));
}

#[tokio::test(start_paused = true)]
async fn an_unknown_postcode_gets_a_mend_that_exists() {
    let setup = Setup::new(&[&a(unknown()), &b(unknown())]);
    let place = setup.locate("SW1O 0AA").await;
    assert_eq!(place.finding, Finding::Unknown);
    assert_eq!(place.suggestion.as_deref(), Some("SW10 0AA"));
    assert_eq!(setup.locate(NEIGHBOUR).await.suggestion, None);
}
