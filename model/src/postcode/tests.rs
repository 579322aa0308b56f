//! Parsing of postcodes, their errors and suggestions.

use proptest::prelude::*;

use super::*;

fn parsed(text: &str) -> String {
    Postcode::parse(text).unwrap().to_string()
}

fn suggested(text: &str) -> Option<String> {
    Postcode::parse(text)
        .unwrap_err()
        .suggestion()
        .map(ToString::to_string)
}

#[test]
fn every_form_is_accepted() {
    for postcode in [
        "M1 1AE", "M60 1NW", "CR2 6XH", "DN55 1PT", "W1A 1HQ", "EC1A 1BB", "BL0 9AA", "JE2 4WD",
        "GY1 1AA", "IM1 1AG", "BT1 5GS", "NPT 0AD", "NPT 0VA", "ZE1 0AA",
    ] {
        assert_eq!(parsed(postcode), postcode);
    }
}

#[test]
fn separators_and_case_do_not_matter() {
    for text in [
        "sw1a1aa",
        " SW1A 1AA ",
        "SW1A\u{a0}1AA",
        "s w 1 a\t1 a a\n",
        "SW1A-1AA",
        "SW1A\u{2013}1AA",
        "SW1A.1AA.",
        "(SW1A 1AA)",
        "[sw1a] [1aa]",
        "SW1A\u{202f}1AA",
    ] {
        assert_eq!(parsed(text), "SW1A 1AA", "{text:?}");
    }
}

#[test]
fn parts_of_a_postcode() {
    let postcode = Postcode::parse("sw1a1aa").unwrap();
    assert_eq!(postcode.area(), "SW");
    assert_eq!(postcode.outward(), "SW1A");
    assert_eq!(postcode.sector(), "SW1A 1");
    assert_eq!(postcode.inward(), "1AA");
}

#[test]
fn other_texts_are_rejected() {
    for text in [
        "junkSW1A 1AA",
        "SW1A 1AAjunk",
        "AAA 1AA",
        "SW1A",
        "1AA",
        "SW1A 1A",
        "SW1A 1AAA",
        "SW1A 1CA",
        "SW1A 1AV",
        "AZ1 1AA",
        "A111 1AA",
        "11 1AA 1",
        "SW1A\u{0}1AA",
        "SW1A/1AA",
        "ＳＷ１Ａ １ＡＡ",
        "\u{17f}w1a 1aa",
        "東京",
        "NPT1 1AA",
        "NPT 1VA",
        "NP1 0VA",
    ] {
        assert!(
            matches!(Postcode::parse(text), Err(PostcodeError::Shape { .. })),
            "{text:?}"
        );
    }
}

#[test]
fn an_empty_text_has_its_own_error() {
    for text in ["", "   ", "--", "( )", "\u{a0}"] {
        assert_eq!(Postcode::parse(text), Err(PostcodeError::Empty), "{text:?}");
    }
    assert!(matches!(
        Postcode::parse("?"),
        Err(PostcodeError::Shape { .. })
    ));
}

#[test]
fn the_error_names_an_area_that_does_not_exist() {
    let error = Postcode::parse("qx1 1aa").unwrap_err();
    assert_eq!(error.to_string(), "No UK postcode begins with QX.");
    assert_eq!(error.suggestion(), None);
}

#[test]
fn areas_are_sorted_and_distinct() {
    assert!(areas::LIVE.windows(2).all(|pair| pair[0] < pair[1]));
}

#[test]
fn special_codes_get_their_own_message() {
    for (special, texts) in [
        (Special::Retired, &["GIR 0AA", "gir0aa"][..]),
        (
            Special::Forces,
            &["BFPO 12", "bfpo4321", "BFPO", "BF1 0AA", "bf1 2au"],
        ),
        (
            Special::Overseas,
            &["ASCN 1ZZ", "FIQQ 1ZZ", "stHl-1zz", "TKCA1ZZ", "GX11 1AA"],
        ),
    ] {
        for text in texts {
            let error = Postcode::parse(text).unwrap_err();
            assert_eq!(error, PostcodeError::Special(special), "{text}");
            assert_eq!(error.to_string(), special.to_string());
        }
    }
    assert!(matches!(
        Postcode::parse("BFPO 12345"),
        Err(PostcodeError::Shape { .. })
    ));
}

#[test]
fn likely_typing_mistakes_are_suggested() {
    for (typed, intended) in [
        ("WIA OAA", "W1A 0AA"),
        ("DH1 3E1", "DH1 3EL"),
        ("DHI 3EL", "DH1 3EL"),
        ("DHl 3EL", "DH1 3EL"),
        ("5W1A 1AA", "SW1A 1AA"),
        ("S015 2JN", "SO15 2JN"),
        ("0X1 2JD", "OX1 2JD"),
        ("8N1 1AA", "BN1 1AA"),
        ("NE2 IAB", "NE2 1AB"),
        ("NE1 SQF", "NE1 5QF"),
        ("2E1 OAA", "ZE1 0AA"),
        ("MI 1AE", "M1 1AE"),
        ("EL7 1AA", "E17 1AA"),
        ("1P1 1AA", "IP1 1AA"),
        ("SW1A 1AA,", "SW1A 1AA"),
        ("\"SW1A 1AA\"", "SW1A 1AA"),
    ] {
        assert_eq!(suggested(typed).as_deref(), Some(intended), "{typed}");
    }
}

#[test]
fn a_text_without_a_likely_correction_gets_no_suggestion() {
    for text in [
        "junkSW1A 1AA",
        "AAA 1AA",
        "SW1A",
        "hello",
        "OOOOO",
        "1L1 1AAA",
    ] {
        assert_eq!(suggested(text), None, "{text}");
    }
}

#[test]
fn a_postcode_needs_no_suggestion() {
    assert_eq!(suggest("sw1a 1aa"), None);
    assert_eq!(suggest("S01 1AA"), None);
}

#[test]
fn lookalikes_of_a_well_formed_postcode() {
    let lookalikes = |text| -> Vec<String> {
        Postcode::parse(text)
            .unwrap()
            .lookalikes()
            .iter()
            .map(ToString::to_string)
            .collect()
    };
    assert_eq!(lookalikes("W1O 5AA"), ["W10 5AA"]);
    assert_eq!(lookalikes("S01 1AA"), ["SO1 1AA"]);
    assert!(lookalikes("DH7 3EL").is_empty());
}

#[test]
fn postcodes_are_serialised_as_text() {
    let postcode: Postcode = serde_json::from_str("\"dh13el\"").unwrap();
    assert_eq!(serde_json::to_string(&postcode).unwrap(), "\"DH1 3EL\"");
    assert!(serde_json::from_str::<Postcode>("\"DH1\"").is_err());
}

/// Texts that are postcodes, and texts that are close to one.
fn nearly_postcode() -> impl Strategy<Value = String> {
    prop_oneof![
        3 => "[A-Z]{1,2}[0-9]{1,2}[A-Z]? ?[0-9][ABD-HJLNP-UW-Z]{2}",
        1 => "[A-Z0-9]{4,8}",
        1 => "(BFPO ?[0-9]{1,4}|GIR 0AA|BF1 [0-9]AA|[A-Z]{4} ?1ZZ)",
    ]
}

fn outcome(text: &str) -> Result<String, PostcodeError> {
    Postcode::parse(text).map(|postcode| postcode.to_string())
}

proptest! {
    #[test]
    fn the_normal_form_is_a_fixed_point(text in nearly_postcode()) {
        if let Ok(postcode) = Postcode::parse(&text) {
            prop_assert_eq!(Postcode::parse(postcode.as_str()), Ok(postcode));
        }
    }

    #[test]
    fn decorations_never_change_the_outcome(
        text in nearly_postcode(),
        lower in any::<[bool; 16]>(),
        between in prop::collection::vec("[ \t\u{a0}\\-.()\\[\\]]{0,3}", 17),
    ) {
        let mut decorated = between[16].clone();
        for (index, character) in text.chars().enumerate() {
            let lower = lower[index % 16];
            decorated.push(if lower { character.to_ascii_lowercase() } else { character });
            decorated.push_str(&between[index % 16]);
        }
        prop_assert_eq!(outcome(&decorated), outcome(&text));
    }

    #[test]
    fn no_text_causes_a_panic(text in any::<String>()) {
        let _ = Postcode::parse(&text).map_err(|error| error.to_string());
    }

    #[test]
    fn every_suggestion_is_a_postcode(text in "[A-Za-z0-9 ,']{0,9}") {
        if let Err(error) = Postcode::parse(&text)
            && let Some(suggestion) = error.suggestion()
        {
            prop_assert_eq!(Postcode::parse(suggestion.as_str()), Ok(suggestion.clone()));
        }
    }
}
