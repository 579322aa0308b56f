//! One suite over all providers' adapters as they go over the wire, against stand-ins; and what a geocoder makes of providers
//! that misbehave.

use std::sync::Arc;
use std::time::{Duration, Instant};

use model::place::{Finding, Place, Position, Source};
use model::status::ProviderStatus;
use process::clock::ManualClock;

use super::postcode;
use super::stand_in::{Ending, Reply, StandIn, nobody, raw};
use crate::geocode::cache::NoPlaceCache;
use crate::geocode::{GeocodeConfig, Geocoder, ProviderKind};

const PLACE: Position = Position {
    latitude: 54.7753,
    longitude: -1.5849,
};

/// A provider's way to say things, for DH1 3EL.
struct Dialect {
    kind: ProviderKind,
    target: &'static str,
    found: &'static str,
    not_locatable: Option<&'static str>,
    terminated: Option<(u16, &'static str)>,
    unknown: (u16, &'static str),
    /// Whether its no, alone, is worth telling.
    knows_absence: bool,
}

const DIALECTS: [Dialect; 4] = [
    Dialect {
        kind: ProviderKind::PostcodesIo,
        target: "/postcodes/DH13EL",
        found: r#"{"status":200,"result":{"postcode":"DH1 3EL","latitude":54.7753,"longitude":-1.5849,"new":[1]}}"#,
        not_locatable: Some(
            r#"{"status":200,"result":{"postcode":"DH1 3EL","latitude":null,"longitude":null}}"#,
        ),
        terminated: Some((
            404,
            r#"{"status":404,"error":"?","terminated":{"postcode":"DH1 3EL","year_terminated":1996,"month_terminated":6,"longitude":null,"latitude":null}}"#,
        )),
        unknown: (404, r#"{"status":404,"error":"Invalid postcode"}"#),
        knows_absence: true,
    },
    Dialect {
        kind: ProviderKind::FindThatPostcode,
        target: "/postcodes/DH13EL.json",
        found: r#"{"data":{"type":"postcodes","id":"DH1 3EL","attributes":{"doterm":null,"location":{"lat":54.7753,"lon":-1.5849}}},"included":[]}"#,
        not_locatable: Some(
            r#"{"data":{"id":"DH1 3EL","attributes":{"lat":null,"long":0.0,"doterm":null}}}"#,
        ),
        terminated: Some((
            200,
            r#"{"data":{"id":"DH1 3EL","attributes":{"doterm":"1996-06-01","location":{"lat":54.7,"lon":-1.5}}}}"#,
        )),
        unknown: (404, r#"{"message":{"errors":[{"code":"not_found"}]}}"#),
        knows_absence: true,
    },
    Dialect {
        kind: ProviderKind::GetTheData,
        target: "/postcode/DH13EL",
        found: r#"{"status":"match","match_type":"unit_postcode","data":{"postcode":"DH1 3EL","status":"live","latitude":"54.7753","longitude":"-1.5849"}}"#,
        not_locatable: Some(
            r#"{"status":"match","match_type":"unit_postcode","data":{"postcode":"DH1 3EL","status":"live","latitude":null,"longitude":null}}"#,
        ),
        terminated: None,
        unknown: (200, r#"{"status":"no_match","input":"DH13EL"}"#),
        knows_absence: false,
    },
    Dialect {
        kind: ProviderKind::Nominatim,
        target: "/search?postalcode=DH1+3EL&countrycodes=gb&format=jsonv2&addressdetails=1&limit=1",
        found: r#"[{"addresstype":"postcode","name":"DH1 3EL","lat":"54.7753","lon":"-1.5849"}]"#,
        not_locatable: None,
        terminated: None,
        unknown: (200, "[]"),
        knows_absence: false,
    },
];

/// A geocoder with one provider at `url`, and patience enough for a busy machine.
fn geocoder(kind: ProviderKind, url: &str, timeout: Duration) -> Geocoder {
    let config = GeocodeConfig {
        providers: vec![kind],
        postcodes_io_url: url.to_owned(),
        findthatpostcode_url: url.to_owned(),
        getthedata_url: url.to_owned(),
        nominatim_url: url.to_owned(),
        timeout,
        ..GeocodeConfig::default()
    };
    Geocoder::new(config, Arc::new(NoPlaceCache), ManualClock::at(0)).unwrap()
}

const PATIENT: Duration = Duration::from_secs(20);

async fn ask(kind: ProviderKind, url: &str, timeout: Duration) -> (Place, ProviderStatus) {
    let geocoder = geocoder(kind, url, timeout);
    let place = geocoder.locate(&postcode("DH1 3EL")).await;
    (place, geocoder.providers().remove(0))
}

/// The place and the record after one answer of a provider.
async fn told(kind: ProviderKind, status: u16, body: &str) -> (Place, ProviderStatus) {
    let stand_in = StandIn::answering(Reply::json(status, body)).await;
    ask(kind, &stand_in.url, PATIENT).await
}

#[tokio::test]
async fn each_is_asked_where_and_as_whom_it_wants() {
    for dialect in &DIALECTS {
        let stand_in = StandIn::answering(Reply::json(200, dialect.found)).await;
        ask(dialect.kind, &stand_in.url, PATIENT).await;
        let asked = stand_in.asked();
        assert_eq!(asked.len(), 1);
        assert_eq!(asked[0].target, dialect.target);
        assert!(asked[0].user_agent.starts_with("Tiffin/"), "{asked:?}");
    }
}

#[tokio::test]
async fn found() {
    for dialect in &DIALECTS {
        let (place, status) = told(dialect.kind, 200, dialect.found).await;
        assert_eq!(place.finding, Finding::Found, "{}", dialect.kind);
        assert_eq!(place.position, Some(PLACE));
        assert_eq!(place.source.unwrap().name(), status.name);
        assert_eq!((status.successes, status.failures), (1, 0));
    }
}

#[tokio::test]
async fn valid_without_coordinates() {
    for dialect in &DIALECTS {
        let Some(body) = dialect.not_locatable else {
            continue;
        };
        let (place, status) = told(dialect.kind, 200, body).await;
        assert_eq!(place.finding, Finding::NotLocatable, "{}", dialect.kind);
        assert_eq!((status.successes, status.failures), (1, 0));
    }
}

#[tokio::test]
async fn terminated() {
    for dialect in &DIALECTS {
        let Some((status, body)) = dialect.terminated else {
            continue;
        };
        let (place, record) = told(dialect.kind, status, body).await;
        assert_eq!(place.finding, Finding::Terminated, "{}", dialect.kind);
        assert_eq!(place.terminated.as_deref(), Some("1996-06"));
        assert_eq!((record.successes, record.failures), (1, 0));
    }
}

#[tokio::test]
async fn unknown() {
    for dialect in &DIALECTS {
        let (status, body) = dialect.unknown;
        let stand_in = StandIn::answering(Reply::json(status, body)).await;
        let geocoder = geocoder(dialect.kind, &stand_in.url, PATIENT);
        // In no list of ours.
        let place = geocoder.locate(&postcode("BT99 9ZZ")).await;
        let expected = match dialect.knows_absence {
            true => Finding::Unknown,
            false => Finding::CouldNotCheck,
        };
        assert_eq!(place.finding, expected, "{}", dialect.kind);
        let record = geocoder.providers().remove(0);
        assert_eq!((record.successes, record.failures), (1, 0));
    }
}

/// Demands a failure on the record, and the gazetteer's answer instead.
fn demand_failure(case: &str, answer: &(Place, ProviderStatus), error: &str) {
    let (place, status) = answer;
    assert_eq!(place.source, Some(Source::Gazetteer), "{case}");
    assert_eq!((status.successes, status.failures), (0, 1), "{case}");
    let last = status.last_error.as_deref().unwrap();
    assert!(last.contains(error), "{case}: {last}");
    assert!(!last.contains("DH1"), "{case}: {last}");
}

#[tokio::test]
async fn answers_that_are_none() {
    let html = "<!doctype html><title>It works</title>";
    for dialect in &DIALECTS {
        for status in [403, 408, 429, 500, 502, 503, 504] {
            let answer = told(dialect.kind, status, dialect.found).await;
            demand_failure("status", &answer, &status.to_string());
        }
        for body in ["", html, "null", "{\"status\":200", "\u{0}"] {
            let answer = told(dialect.kind, 200, body).await;
            demand_failure(body, &answer, "could not be understood");
        }
        let answer = told(dialect.kind, 404, html).await;
        demand_failure("a proxy's 404", &answer, "");
        let nested = "[".repeat(100_000);
        let answer = told(dialect.kind, 200, &nested).await;
        demand_failure("nested", &answer, "could not be understood");
    }
}

#[tokio::test]
async fn redirects_are_not_followed() {
    for dialect in &DIALECTS {
        let elsewhere = StandIn::answering(Reply::json(200, dialect.found)).await;
        for status in [301, 302, 303, 307, 308] {
            let mut reply = Reply::json(status, "");
            reply.headers.push(("location", elsewhere.url.clone()));
            let stand_in = StandIn::answering(reply).await;
            let answer = ask(dialect.kind, &stand_in.url, PATIENT).await;
            demand_failure("redirect", &answer, &status.to_string());
        }
        assert!(elsewhere.asked().is_empty());
    }
}

#[tokio::test]
async fn a_huge_body_is_not_read_to_the_end() {
    let padding = " ".repeat(300_000);
    let bomb = include_bytes!("../fixtures/hostile/200_zeros.json.gz");
    for dialect in &DIALECTS {
        let body = [&padding, dialect.found].concat();
        let answer = told(dialect.kind, 200, &body).await;
        demand_failure("huge", &answer, "more than");
        let mut reply = Reply::json(200, bomb.as_slice());
        reply.headers.push(("content-encoding", "gzip".to_owned()));
        let stand_in = StandIn::answering(reply).await;
        let answer = ask(dialect.kind, &stand_in.url, PATIENT).await;
        demand_failure("huge once unpacked", &answer, "more than");
    }
}

#[tokio::test]
async fn connections_that_break() {
    let half = b"HTTP/1.1 200 OK\r\ncontent-length: 500\r\n\r\n{\"status\":200,";
    for dialect in &DIALECTS {
        for bytes in [
            half.as_slice(),
            b"",
            b"HTTP/1.1 200",
            b"\0\0\0\0 hello\r\n\r\n",
        ] {
            let url = raw(bytes, Ending::Closed).await;
            let answer = ask(dialect.kind, &url, PATIENT).await;
            demand_failure("broken", &answer, "broke the connection");
        }
        let answer = ask(dialect.kind, &nobody().await, PATIENT).await;
        demand_failure("nobody", &answer, "could not be reached");
    }
}

#[tokio::test]
async fn connections_that_fall_silent() {
    let timeout = Duration::from_millis(150);
    let half = b"HTTP/1.1 200 OK\r\ncontent-length: 500\r\n\r\n{\"status\":200,";
    for dialect in &DIALECTS {
        for bytes in [half.as_slice(), b"", b"HTTP/1.1 200 OK\r\ncontent-"] {
            let url = raw(bytes, Ending::Held).await;
            let started = Instant::now();
            let geocoder = geocoder(dialect.kind, &url, timeout);
            let place = geocoder.locate(&postcode("DH1 3EL")).await;
            assert!(started.elapsed() >= timeout);
            assert_eq!(place.source, Some(Source::Gazetteer));
        }
    }
}

#[tokio::test]
async fn the_second_provider_steps_in() {
    let [first, second, ..] = &DIALECTS;
    let away = StandIn::answering(Reply::json(503, "{}")).await;
    let there = StandIn::answering(Reply::json(200, second.found)).await;
    let config = GeocodeConfig {
        providers: vec![first.kind, second.kind],
        postcodes_io_url: away.url.clone(),
        findthatpostcode_url: there.url.clone(),
        timeout: PATIENT,
        ..GeocodeConfig::default()
    };
    let geocoder = Geocoder::new(config, Arc::new(NoPlaceCache), ManualClock::at(0)).unwrap();
    let place = geocoder.locate(&postcode("DH1 3EL")).await;
    assert_eq!(place.source, Some(Source::FindThatPostcode));
    assert_eq!((away.asked().len(), there.asked().len()), (1, 1));
}

#[tokio::test]
async fn nominatim_is_asked_once_in_its_interval() {
    let nominatim = &DIALECTS[3];
    let stand_in = StandIn::answering(Reply::json(200, nominatim.unknown.1)).await;
    let geocoder = geocoder(nominatim.kind, &stand_in.url, PATIENT);
    for text in ["DH1 3EL", "DH1 3ER", "DH1 3ES"] {
        let place = geocoder.locate(&postcode(text)).await;
        assert_eq!(place.source, Some(Source::Gazetteer), "{text}");
    }
    assert_eq!(stand_in.asked().len(), 1);
    assert_eq!(geocoder.providers()[0].failures, 0);
}
