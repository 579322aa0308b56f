//! How the geocoder combines its providers' answers with the gazetteer.

use model::place::{Finding, Source};

use super::scripted::ScriptedProvider;
use super::setup::*;
use crate::geocode::provider::ProviderAnswer;

async fn finding(scripts: &[&ScriptedProvider], text: &str) -> (Finding, Option<Source>) {
    let place = Setup::new(scripts).locate(text).await;
    assert_eq!(place.postcode, text);
    let has_position = matches!(place.finding, Finding::Found | Finding::Approximate);
    assert_eq!(place.position.is_some(), has_position, "{place:?}");
    (place.finding, place.source)
}

#[tokio::test(start_paused = true)]
async fn a_position_of_either_provider_is_found() {
    for (first, second, source) in [
        (found(), found(), A),
        (found(), unavailable(), A),
        (unavailable(), found(), B),
        (unknown(), found(), B),
        (terminated(), found(), B),
        (found(), unknown(), A),
    ] {
        let answer = finding(&[&a(first), &b(second)], IRISH).await;
        assert_eq!(answer, (Finding::Found, Some(source)));
    }
}

#[tokio::test(start_paused = true)]
async fn valid_without_coordinates_is_not_an_outage() {
    let script = a(Ok(ProviderAnswer::NotLocatable));
    let setup = Setup::new(&[&script, &b(found())]);
    let place = setup.locate("JE2 4WD").await;
    assert_eq!(place.finding, Finding::NotLocatable);
    assert_eq!(setup.geocoder.providers()[0].failures, 0);
}

#[tokio::test(start_paused = true)]
async fn two_negative_answers_override_the_gazetteer() {
    for text in [LISTED, NEIGHBOUR, IRISH] {
        let answer = finding(&[&a(unknown()), &b(unknown())], text).await;
        assert_eq!(answer, (Finding::Unknown, Some(A)), "{text}");
    }
}

#[tokio::test(start_paused = true)]
async fn one_negative_answer_is_unknown_unless_the_gazetteer_has_an_entry() {
    for (first, second) in [(unknown(), unavailable()), (unavailable(), unknown())] {
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
async fn a_terminated_postcode_has_its_month() {
    for (first, second) in [
        (terminated(), terminated()),
        (terminated(), unknown()),
        (unknown(), terminated()),
        (terminated(), unavailable()),
        (unavailable(), terminated()),
    ] {
        let setup = Setup::new(&[&a(first), &b(second)]);
        let place = setup.locate("AB1 0AA").await;
        assert_eq!(place.finding, Finding::Terminated);
        assert_eq!(place.terminated.as_deref(), Some("1996-06"));
    }
}

#[tokio::test(start_paused = true)]
async fn with_both_providers_unavailable_the_gazetteer_answers() {
    let scripts = [&a(unavailable()), &b(unavailable())];
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
async fn without_providers_the_gazetteer_answers() {
    let answer = finding(&[], LISTED).await;
    assert_eq!(answer, (Finding::Found, Some(Source::Gazetteer)));
}

#[tokio::test(start_paused = true)]
async fn old_data_confirms_no_absence_but_its_positions_count() {
    let old = ScriptedProvider::new(C, unknown());
    let (answer, source) = finding(&[&a(unknown()), &old], LISTED).await;
    assert_eq!((answer, source), (Finding::Found, Some(Source::Gazetteer)));
    let (answer, _) = finding(&[&old], IRISH).await;
    assert_eq!(answer, Finding::CouldNotCheck);
    let old = ScriptedProvider::new(C, found());
    let answer = finding(&[&a(unknown()), &b(unavailable()), &old], IRISH).await;
    assert_eq!(answer, (Finding::Found, Some(C)));
}

#[tokio::test(start_paused = true)]
async fn an_unknown_postcode_gets_a_suggestion_that_exists() {
    let setup = Setup::new(&[&a(unknown()), &b(unknown())]);
    let place = setup.locate("SW1O 0AA").await;
    assert_eq!(place.finding, Finding::Unknown);
    assert_eq!(place.suggestion.as_deref(), Some("SW10 0AA"));
    assert_eq!(setup.locate(NEIGHBOUR).await.suggestion, None);
}
