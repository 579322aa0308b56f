//! Every sample body of every provider, and the answer that it is parsed to.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use model::Postcode;
use model::place::Position;

use super::postcode;
use crate::geocode::provider::{ProviderAnswer, ProviderError};
use crate::geocode::{findthatpostcode, getthedata, nominatim, postcodes_io};

type Parse = fn(u16, &[u8], &Postcode) -> Result<ProviderAnswer, ProviderError>;

fn folder(provider: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("src/geocode/fixtures")
        .join(provider)
}

fn files(provider: &str) -> BTreeSet<String> {
    fs::read_dir(folder(provider))
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect()
}

fn body(provider: &str, file: &str) -> Vec<u8> {
    fs::read(folder(provider).join(file)).unwrap()
}

/// Reads the status from the three digits in the file's name.
fn status(file: &str) -> u16 {
    file.split(['_', '.'])
        .find_map(|part| part.parse().ok().filter(|status| *status >= 100))
        .unwrap()
}

fn found(latitude: f64, longitude: f64) -> Result<ProviderAnswer, ProviderError> {
    Ok(ProviderAnswer::Found(Position {
        latitude,
        longitude,
    }))
}

fn terminated(since: Option<&str>) -> Result<ProviderAnswer, ProviderError> {
    Ok(ProviderAnswer::Terminated {
        since: since.map(str::to_owned),
    })
}

/// Checks the answer of each file, and that every file in the folder has an expectation.
fn check(
    provider: &str,
    parse: Parse,
    expected: &[(&str, &str, Result<ProviderAnswer, ProviderError>)],
) {
    for (file, requested, answer) in expected {
        let body = body(provider, file);
        assert_eq!(
            parse(status(file), &body, &postcode(requested)),
            *answer,
            "{provider}/{file}"
        );
    }
    let checked = expected.iter().map(|(file, ..)| (*file).to_owned());
    assert_eq!(files(provider), checked.collect(), "{provider}");
}

#[test]
fn postcodes_io() {
    let unknown = || Ok(ProviderAnswer::Unknown);
    let unreadable = || Err(ProviderError::Unreadable);
    check(
        "postcodes.io",
        postcodes_io::parse_answer,
        &[
            ("200_AB10_1AB.json", "AB10 1AB", found(57.14959, -2.096_923)),
            ("200_BR8_7RE.json", "BR8 7RE", found(51.411_831, 0.178_871)),
            (
                "200_SE1P_5ZZ.json",
                "SE1P 5ZZ",
                found(51.492_763, -0.080_126),
            ),
            (
                "200_null_coords_JE2_4WD.json",
                "JE2 4WD",
                Ok(ProviderAnswer::NotLocatable),
            ),
            (
                "400_bulk_not_array.json",
                "DH1 3EL",
                Err(ProviderError::Status(400)),
            ),
            (
                "400_bulk_too_many.json",
                "DH1 3EL",
                Err(ProviderError::Status(400)),
            ),
            (
                "400_invalid_json.json",
                "DH1 3EL",
                Err(ProviderError::Status(400)),
            ),
            (
                "400_query_missing.json",
                "DH1 3EL",
                Err(ProviderError::Status(400)),
            ),
            ("404_invalid.json", "DH1 3EL", unknown()),
            ("404_not_found.json", "DH1 3EL", unknown()),
            (
                "404_terminated_AB1_0AA.json",
                "AB1 0AA",
                terminated(Some("1996-06")),
            ),
            (
                "404_terminated_null_coords.json",
                "AB11 3AG",
                terminated(Some("1997-07")),
            ),
            ("404_unrouted.json", "DH1 3EL", unknown()),
            ("500.json", "DH1 3EL", Err(ProviderError::Status(500))),
            ("autocomplete_200.json", "BR8 7RE", unreadable()),
            ("autocomplete_200_none.json", "BR8 7RE", unreadable()),
            ("bulk_200_filtered.json", "PR3 0SG", unreadable()),
            ("bulk_200_with_unknown.json", "SE1P 5ZZ", unreadable()),
            ("outcode_200_BR8.json", "BR8 7RE", unreadable()),
            ("outcode_404.json", "DH1 3EL", unknown()),
            ("ping_200.json", "DH1 3EL", unreadable()),
            ("ready_200.json", "DH1 3EL", unreadable()),
            ("ready_500.json", "DH1 3EL", Err(ProviderError::Status(500))),
            ("reverse_200.json", "SW1A 2DD", unreadable()),
            ("reverse_200_none.json", "SW1A 2DD", unreadable()),
            (
                "terminated_200_AB1_0AA.json",
                "AB1 0AA",
                terminated(Some("1996-06")),
            ),
            ("terminated_404.json", "AB1 0AA", unknown()),
            ("validate_200_false.json", "DH1 3EL", unreadable()),
            ("validate_200_true.json", "DH1 3EL", unreadable()),
        ],
    );
}

#[test]
fn findthatpostcode() {
    check(
        "findthatpostcode",
        findthatpostcode::parse_answer,
        &[
            ("200_EX36_4AT.json", "EX36 4AT", found(51.01467, -3.83317)),
            (
                "200_SW1A_1AA.json",
                "SW1A 1AA",
                found(51.501_009, -0.141_588),
            ),
            (
                "200_no_coords_JE2_4WD.json",
                "JE2 4WD",
                Ok(ProviderAnswer::NotLocatable),
            ),
            (
                "200_terminated_AB1_0AA.json",
                "AB1 0AA",
                terminated(Some("1996-06")),
            ),
            ("404_not_found.json", "DH1 3EL", Ok(ProviderAnswer::Unknown)),
        ],
    );
}

#[test]
fn getthedata() {
    check(
        "getthedata",
        getthedata::parse_answer,
        &[
            (
                "200_match_RG1_4QU.json",
                "RG1 4QU",
                found(51.452_557, -0.965_124),
            ),
            (
                "200_match_TW5_9RL.json",
                "TW5 9RL",
                found(51.480_938, -0.412_088),
            ),
            (
                "200_match_null_coords_JE2_4WD.json",
                "JE2 4WD",
                Ok(ProviderAnswer::NotLocatable),
            ),
            (
                "200_match_terminated_AB1_0AA.json",
                "AB1 0AA",
                terminated(None),
            ),
            ("200_no_match.json", "DH1 3EL", Ok(ProviderAnswer::Unknown)),
        ],
    );
}

#[test]
fn nominatim() {
    let place = || found(53.86284, -1.69881);
    check(
        "nominatim",
        nominatim::parse_answer,
        &[
            ("200_LS19_7NU_jsonv2.json", "LS19 7NU", place()),
            (
                "200_LS19_7NU_jsonv2_v5_addressdetails.json",
                "LS19 7NU",
                place(),
            ),
            ("200_empty.json", "DH1 3EL", Ok(ProviderAnswer::Unknown)),
            (
                "200_wrong_neighbour_E4_7DY.json",
                "E4 7DY",
                Ok(ProviderAnswer::Unknown),
            ),
            (
                "400_bad_param.json",
                "DH1 3EL",
                Err(ProviderError::Status(400)),
            ),
            (
                "503_unavailable.json",
                "DH1 3EL",
                Err(ProviderError::Status(503)),
            ),
        ],
    );
}

const ADAPTERS: [(&str, Parse); 4] = [
    ("postcodes.io", postcodes_io::parse_answer),
    ("findthatpostcode", findthatpostcode::parse_answer),
    ("getthedata", getthedata::parse_answer),
    ("nominatim", nominatim::parse_answer),
];

/// MapIt, which has no adapter, stands for a provider whose address was configured by mistake.
#[test]
fn a_body_of_another_provider_is_never_a_position() {
    let all = [
        "postcodes.io",
        "findthatpostcode",
        "getthedata",
        "nominatim",
        "mapit",
    ];
    for (own, parse) in ADAPTERS {
        for other in all.into_iter().filter(|other| *other != own) {
            for file in files(other) {
                let requested = postcode("SW1A 1AA");
                let answer = parse(status(&file), &body(other, &file), &requested);
                // An empty list is Nominatim's negative answer; no other provider sends one.
                let is_unknown = answer == Ok(ProviderAnswer::Unknown);
                assert!(
                    answer.is_err() || is_unknown,
                    "{own} of {other}/{file}: {answer:?}"
                );
            }
        }
    }
}

#[test]
fn a_truncated_body_is_an_error() {
    for (provider, parse) in ADAPTERS {
        for file in files(provider) {
            let whole = body(provider, &file);
            let end = whole.trim_ascii_end().len();
            for length in [0, 1, end / 2, end - 1] {
                let answer = parse(status(&file), &whole[..length], &postcode("SW1A 1AA"));
                assert!(
                    answer.is_err(),
                    "{provider}/{file} cut at {length}: {answer:?}"
                );
            }
        }
    }
}

#[test]
fn the_flat_format_of_findthatpostcode() {
    let parse = |status, body: &str| {
        findthatpostcode::parse_answer(status, body.as_bytes(), &postcode("EX36 4AT"))
    };
    let place = found(51.01467, -3.83317);
    for body in [
        r#"{"pcds":"EX36 4AT","lat":51.01467,"long":-3.83317,"doterm":null}"#,
        r#"{"pcd":"EX364AT","lat":51.01467,"long":-3.83317}"#,
        r#"{"pcds":"EX36 4AT","location":{"lat":51.01467,"lon":-3.83317,"osgrdind":1}}"#,
        r#"{"postcode":"ex36 4at","lat":51.01467,"long":-3.83317,"news":{"of":["tomorrow"]}}"#,
    ] {
        assert_eq!(parse(200, body), place, "{body}");
    }
    for body in [
        r#"{"pcds":"EX36 4AT","lat":null,"long":0.0}"#,
        r#"{"pcds":"EX36 4AT","location":{"lat":null,"lon":null}}"#,
    ] {
        assert_eq!(parse(200, body), Ok(ProviderAnswer::NotLocatable), "{body}");
    }
    let ended = r#"{"pcds":"EX36 4AT","lat":51.01,"long":-3.83,"doterm":"2001-11-01"}"#;
    assert_eq!(parse(200, ended), terminated(Some("2001-11")));
    let absent = r#"{"detail":"Postcode EX36 4AT not found"}"#;
    assert_eq!(parse(404, absent), Ok(ProviderAnswer::Unknown));
    let mended = r#"{"pcds":"EX36 0AT","lat":51.01467,"long":-3.83317}"#;
    assert_eq!(parse(200, mended), Err(ProviderError::OtherPostcode));
}

#[test]
fn impossible_coordinates_are_an_error() {
    for (latitude, longitude) in [
        ("0", "0"),
        ("-1.58", "54.77"),
        ("91", "-1.58"),
        ("54.77", "200"),
        ("48.85", "2.35"),
        ("1e308", "1e308"),
        ("1e999", "0"),
        ("null", "-1.58"),
        ("54.77", "null"),
        ("\"NaN\"", "\"NaN\""),
        ("\"inf\"", "-1.58"),
        ("\"north\"", "-1.58"),
        ("true", "false"),
        ("[54.77]", "[-1.58]"),
        ("{}", "{}"),
    ] {
        let bodies = [
            format!(
                r#"{{"status":200,"result":{{"postcode":"DH1 3EL","latitude":{latitude},"longitude":{longitude}}}}}"#
            ),
            format!(
                r#"{{"data":{{"id":"DH1 3EL","attributes":{{"location":{{"lat":{latitude},"lon":{longitude}}}}}}}}}"#
            ),
            format!(
                r#"{{"status":"match","match_type":"unit_postcode","data":{{"postcode":"DH1 3EL","status":"live","latitude":{latitude},"longitude":{longitude}}}}}"#
            ),
            format!(
                r#"[{{"addresstype":"postcode","name":"DH1 3EL","lat":{latitude},"lon":{longitude}}}]"#
            ),
        ];
        for ((provider, parse), body) in ADAPTERS.iter().zip(&bodies) {
            let answer = parse(200, body.as_bytes(), &postcode("DH1 3EL"));
            assert!(answer.is_err(), "{provider}: {body}: {answer:?}");
        }
    }
}

#[test]
fn an_answer_about_another_postcode_is_an_error_of_authoritative_providers() {
    let requested = postcode("DH1 3EL");
    let body = body("postcodes.io", "200_BR8_7RE.json");
    let answer = postcodes_io::parse_answer(200, &body, &requested);
    assert_eq!(answer, Err(ProviderError::OtherPostcode));
    let body = self::body("postcodes.io", "404_terminated_AB1_0AA.json");
    let answer = postcodes_io::parse_answer(404, &body, &requested);
    assert_eq!(answer, Err(ProviderError::OtherPostcode));
    let body = self::body("findthatpostcode", "200_SW1A_1AA.json");
    let answer = findthatpostcode::parse_answer(200, &body, &requested);
    assert_eq!(answer, Err(ProviderError::OtherPostcode));
}

#[test]
fn statuses_without_a_meaning_are_errors() {
    let body = body("postcodes.io", "200_BR8_7RE.json");
    for (provider, parse) in ADAPTERS {
        for status in [
            201, 204, 301, 302, 304, 308, 400, 401, 403, 408, 418, 429, 500, 502, 503, 504,
        ] {
            let answer = parse(status, &body, &postcode("BR8 7RE"));
            assert_eq!(answer, Err(ProviderError::Status(status)), "{provider}");
        }
    }
}

#[test]
fn a_404_of_a_proxy_is_not_an_answer() {
    for (provider, parse) in ADAPTERS {
        for body in [
            "",
            "<html><h1>Not found</h1></html>",
            "{}",
            "[]",
            "null",
            "{\"status\":200}",
        ] {
            let answer = parse(404, body.as_bytes(), &postcode("DH1 3EL"));
            assert!(answer.is_err(), "{provider}: {body}: {answer:?}");
        }
    }
}
