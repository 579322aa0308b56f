//! One suite for all adapters over HTTP, against stand-in servers; and the geocoder's behaviour with servers that misbehave.

use std::sync::Arc;
use std::time::{Duration, Instant};

use model::place::{Finding, Place, Position, Source};
use model::status::ProviderStatus;
use process::clock::ManualClock;

use super::postcode;
use super::stand_in::{CannedReply, Ending, StandIn, serve_raw, unused_address};
use crate::geocode::cache::NoPlaceCache;
use crate::geocode::{GeocodeConfig, Geocoder, ProviderKind};

const PLACE: Position = Position {
    latitude: 54.7753,
    longitude: -1.5849,
};

/// Request and answers of a provider for DH1 3EL.
struct WireFormat {
    kind: ProviderKind,
    target: &'static str,
    found: &'static str,
    not_locatable: Option<&'static str>,
    terminated: Option<(u16, &'static str)>,
    unknown: (u16, &'static str),
    /// Whether its negative answer counts.
    is_authoritative: bool,
}

const WIRE_FORMATS: [WireFormat; 4] = [
    WireFormat {
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
        is_authoritative: true,
    },
    WireFormat {
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
        is_authoritative: true,
    },
    WireFormat {
        kind: ProviderKind::GetTheData,
        target: "/postcode/DH13EL",
        found: r#"{"status":"match","match_type":"unit_postcode","data":{"postcode":"DH1 3EL","status":"live","latitude":"54.7753","longitude":"-1.5849"}}"#,
        not_locatable: Some(
            r#"{"status":"match","match_type":"unit_postcode","data":{"postcode":"DH1 3EL","status":"live","latitude":null,"longitude":null}}"#,
        ),
        terminated: None,
        unknown: (200, r#"{"status":"no_match","input":"DH13EL"}"#),
        is_authoritative: false,
    },
    WireFormat {
        kind: ProviderKind::Nominatim,
        target: "/search?postalcode=DH1+3EL&countrycodes=gb&format=jsonv2&addressdetails=1&limit=1",
        found: r#"[{"addresstype":"postcode","name":"DH1 3EL","lat":"54.7753","lon":"-1.5849"}]"#,
        not_locatable: None,
        terminated: None,
        unknown: (200, "[]"),
        is_authoritative: false,
    },
];

/// Makes a geocoder with one provider at `url`.
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

/// Long enough for a busy machine.
const LONG_TIMEOUT: Duration = Duration::from_secs(20);

async fn locate(kind: ProviderKind, url: &str, timeout: Duration) -> (Place, ProviderStatus) {
    let geocoder = geocoder(kind, url, timeout);
    let place = geocoder.locate(&postcode("DH1 3EL")).await;
    (place, geocoder.providers().remove(0))
}

/// Returns the place and the provider's statistics after one answer.
async fn locate_with_answer(
    kind: ProviderKind,
    status: u16,
    body: &str,
) -> (Place, ProviderStatus) {
    let stand_in = StandIn::answering(CannedReply::json(status, body)).await;
    locate(kind, &stand_in.url, LONG_TIMEOUT).await
}

#[tokio::test]
async fn each_provider_gets_the_expected_request() {
    for format in &WIRE_FORMATS {
        let stand_in = StandIn::answering(CannedReply::json(200, format.found)).await;
        locate(format.kind, &stand_in.url, LONG_TIMEOUT).await;
        let requests = stand_in.requests();
        assert_eq!(requests.len(), 1);
        assert_eq!(requests[0].target, format.target);
        assert!(
            requests[0].user_agent.starts_with("Tiffin/"),
            "{requests:?}"
        );
    }
}

#[tokio::test]
async fn found() {
    for format in &WIRE_FORMATS {
        let (place, status) = locate_with_answer(format.kind, 200, format.found).await;
        assert_eq!(place.finding, Finding::Found, "{}", format.kind);
        assert_eq!(place.position, Some(PLACE));
        assert_eq!(place.source.unwrap().name(), status.name);
        assert_eq!((status.successes, status.failures), (1, 0));
    }
}

#[tokio::test]
async fn valid_without_coordinates() {
    for format in &WIRE_FORMATS {
        let Some(body) = format.not_locatable else {
            continue;
        };
        let (place, status) = locate_with_answer(format.kind, 200, body).await;
        assert_eq!(place.finding, Finding::NotLocatable, "{}", format.kind);
        assert_eq!((status.successes, status.failures), (1, 0));
    }
}

#[tokio::test]
async fn terminated() {
    for format in &WIRE_FORMATS {
        let Some((status, body)) = format.terminated else {
            continue;
        };
        let (place, record) = locate_with_answer(format.kind, status, body).await;
        assert_eq!(place.finding, Finding::Terminated, "{}", format.kind);
        assert_eq!(place.terminated.as_deref(), Some("1996-06"));
        assert_eq!((record.successes, record.failures), (1, 0));
    }
}

#[tokio::test]
async fn unknown() {
    for format in &WIRE_FORMATS {
        let (status, body) = format.unknown;
        let stand_in = StandIn::answering(CannedReply::json(status, body)).await;
        let geocoder = geocoder(format.kind, &stand_in.url, LONG_TIMEOUT);
        // Not in the gazetteer.
        let place = geocoder.locate(&postcode("BT99 9ZZ")).await;
        let expected = match format.is_authoritative {
            true => Finding::Unknown,
            false => Finding::CouldNotCheck,
        };
        assert_eq!(place.finding, expected, "{}", format.kind);
        let record = geocoder.providers().remove(0);
        assert_eq!((record.successes, record.failures), (1, 0));
    }
}

/// Checks that a failure was recorded and that the gazetteer answered.
fn check_failure(case: &str, answer: &(Place, ProviderStatus), error: &str) {
    let (place, status) = answer;
    assert_eq!(place.source, Some(Source::Gazetteer), "{case}");
    assert_eq!((status.successes, status.failures), (0, 1), "{case}");
    let last = status.last_error.as_deref().unwrap();
    assert!(last.contains(error), "{case}: {last}");
    assert!(!last.contains("DH1"), "{case}: {last}");
}

#[tokio::test]
async fn invalid_answers() {
    let html = "<!doctype html><title>It works</title>";
    for format in &WIRE_FORMATS {
        for status in [403, 408, 429, 500, 502, 503, 504] {
            let answer = locate_with_answer(format.kind, status, format.found).await;
            check_failure("status", &answer, &status.to_string());
        }
        for body in ["", html, "null", "{\"status\":200", "\u{0}"] {
            let answer = locate_with_answer(format.kind, 200, body).await;
            check_failure(body, &answer, "could not be understood");
        }
        let answer = locate_with_answer(format.kind, 404, html).await;
        check_failure("a proxy's 404", &answer, "");
        let nested = "[".repeat(100_000);
        let answer = locate_with_answer(format.kind, 200, &nested).await;
        check_failure("nested", &answer, "could not be understood");
    }
}

#[tokio::test]
async fn redirects_are_not_followed() {
    for format in &WIRE_FORMATS {
        let elsewhere = StandIn::answering(CannedReply::json(200, format.found)).await;
        for status in [301, 302, 303, 307, 308] {
            let mut reply = CannedReply::json(status, "");
            reply.headers.push(("location", elsewhere.url.clone()));
            let stand_in = StandIn::answering(reply).await;
            let answer = locate(format.kind, &stand_in.url, LONG_TIMEOUT).await;
            check_failure("redirect", &answer, &status.to_string());
        }
        assert!(elsewhere.requests().is_empty());
    }
}

#[tokio::test]
async fn a_huge_body_is_not_read_to_the_end() {
    let padding = " ".repeat(300_000);
    let bomb = include_bytes!("../fixtures/hostile/200_zeros.json.gz");
    for format in &WIRE_FORMATS {
        let body = [&padding, format.found].concat();
        let answer = locate_with_answer(format.kind, 200, &body).await;
        check_failure("huge", &answer, "more than");
        let mut reply = CannedReply::json(200, bomb.as_slice());
        reply.headers.push(("content-encoding", "gzip".to_owned()));
        let stand_in = StandIn::answering(reply).await;
        let answer = locate(format.kind, &stand_in.url, LONG_TIMEOUT).await;
        check_failure("huge once unpacked", &answer, "more than");
    }
}

#[tokio::test]
async fn connections_that_break() {
    let half = b"HTTP/1.1 200 OK\r\ncontent-length: 500\r\n\r\n{\"status\":200,";
    for format in &WIRE_FORMATS {
        for bytes in [
            half.as_slice(),
            b"",
            b"HTTP/1.1 200",
            b"\0\0\0\0 hello\r\n\r\n",
        ] {
            let url = serve_raw(bytes, Ending::Closed).await;
            let answer = locate(format.kind, &url, LONG_TIMEOUT).await;
            check_failure("broken", &answer, "broke the connection");
        }
        let answer = locate(format.kind, &unused_address().await, LONG_TIMEOUT).await;
        check_failure("no listener", &answer, "could not be reached");
    }
}

#[tokio::test]
async fn connections_that_hang() {
    let timeout = Duration::from_millis(150);
    let half = b"HTTP/1.1 200 OK\r\ncontent-length: 500\r\n\r\n{\"status\":200,";
    for format in &WIRE_FORMATS {
        for bytes in [half.as_slice(), b"", b"HTTP/1.1 200 OK\r\ncontent-"] {
            let url = serve_raw(bytes, Ending::Held).await;
            let started = Instant::now();
            let geocoder = geocoder(format.kind, &url, timeout);
            let place = geocoder.locate(&postcode("DH1 3EL")).await;
            assert!(started.elapsed() >= timeout);
            assert_eq!(place.source, Some(Source::Gazetteer));
        }
    }
}

#[tokio::test]
async fn the_second_provider_answers_instead() {
    let [first, second, ..] = &WIRE_FORMATS;
    let unavailable = StandIn::answering(CannedReply::json(503, "{}")).await;
    let available = StandIn::answering(CannedReply::json(200, second.found)).await;
    let config = GeocodeConfig {
        providers: vec![first.kind, second.kind],
        postcodes_io_url: unavailable.url.clone(),
        findthatpostcode_url: available.url.clone(),
        timeout: LONG_TIMEOUT,
        ..GeocodeConfig::default()
    };
    let geocoder = Geocoder::new(config, Arc::new(NoPlaceCache), ManualClock::at(0)).unwrap();
    let place = geocoder.locate(&postcode("DH1 3EL")).await;
    assert_eq!(place.source, Some(Source::FindThatPostcode));
    assert_eq!(
        (unavailable.requests().len(), available.requests().len()),
        (1, 1)
    );
}

#[tokio::test]
async fn nominatim_is_queried_once_per_interval() {
    let nominatim = &WIRE_FORMATS[3];
    let stand_in = StandIn::answering(CannedReply::json(200, nominatim.unknown.1)).await;
    let geocoder = geocoder(nominatim.kind, &stand_in.url, LONG_TIMEOUT);
    for text in ["DH1 3EL", "DH1 3ER", "DH1 3ES"] {
        let place = geocoder.locate(&postcode(text)).await;
        assert_eq!(place.source, Some(Source::Gazetteer), "{text}");
    }
    assert_eq!(stand_in.requests().len(), 1);
    assert_eq!(geocoder.providers()[0].failures, 0);
}
