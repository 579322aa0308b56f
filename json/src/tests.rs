use proptest::prelude::*;
use serde_json::Value as Theirs;

use crate::{Value, from_str, read::read};

/// The same value as serde_json holds it. Numbers go by their text.
fn theirs(value: &Value) -> Theirs {
    match value {
        Value::Null => Theirs::Null,
        Value::Bool(bool) => (*bool).into(),
        Value::Number(number) => serde_json::from_str(number).unwrap(),
        Value::Text(text) => text.as_str().into(),
        Value::List(list) => list.iter().map(theirs).collect(),
        Value::Object(object) => object
            .iter()
            .rev()
            .map(|(name, value)| (name.clone(), theirs(value)))
            .collect(),
    }
}

fn any_json() -> impl Strategy<Value = Theirs> {
    let leaf = prop_oneof![
        Just(Theirs::Null),
        any::<bool>().prop_map(Theirs::from),
        any::<i64>().prop_map(Theirs::from),
        any::<u64>().prop_map(Theirs::from),
        (-9_999_999..9_999_999_i32)
            .prop_map(|thousandths| Theirs::from(f64::from(thousandths) / 1000.0)),
        any::<String>().prop_map(Theirs::from),
    ];
    leaf.prop_recursive(4, 40, 6, |inner| {
        prop_oneof![
            proptest::collection::vec(inner.clone(), 0..6).prop_map(Theirs::from),
            proptest::collection::hash_map(any::<String>(), inner, 0..6)
                .prop_map(|map| map.into_iter().collect()),
        ]
    })
}

proptest! {
    #[test]
    fn reads_what_serde_json_writes(json in any_json()) {
        prop_assert_eq!(theirs(&read(&json.to_string()).unwrap()), json.clone());
        prop_assert_eq!(theirs(&read(&serde_json::to_string_pretty(&json).unwrap()).unwrap()), json);
    }

    #[test]
    fn takes_and_refuses_the_same_texts(text in r#"[\[\]{}:,"\\ntrue0-9.eE+ u]{0,12}"#) {
        let taken = serde_json::from_str::<Theirs>(&text);
        // Beyond the range of a float, which serde_json refuses, there is still a number.
        let out_of_range = taken.as_ref().is_err_and(|error| error.to_string().contains("out of range"));
        prop_assert_eq!(read(&text).is_some(), taken.is_ok() || out_of_range, "{}", text);
    }

    #[test]
    fn damaged_text_is_no_panic(json in any_json(), cut in any::<prop::sample::Index>(), put in any::<char>()) {
        let text = json.to_string();
        let mut characters: Vec<char> = text.chars().collect();
        let at = cut.index(characters.len());
        characters[at] = put;
        let _ = read(&characters.iter().collect::<String>());
        let _ = read(&characters[..at].iter().collect::<String>());
    }

    #[test]
    fn texts_and_numbers_come_back(text in any::<String>(), whole in any::<i64>(), fraction in -1e9..1e9_f64) {
        prop_assert_eq!(serde_json::from_str::<String>(&crate::to_string(&text)).unwrap(), text.clone());
        prop_assert_eq!(from_str::<String>(&crate::to_string(&text)), Some(text));
        prop_assert_eq!(from_str::<i64>(&crate::to_string(&whole)), Some(whole));
        let read = from_str::<f64>(&crate::to_string(&fraction)).unwrap();
        prop_assert!((read - fraction).abs() <= fraction.abs() * 1e-14, "{} {}", read, fraction);
    }
}

#[test]
fn escapes() {
    assert_eq!(
        from_str::<String>(r#""\"\\\/\b\f\n\r\t\u00e9\ud83c\udf5b""#).unwrap(),
        "\"\\/\u{8}\u{c}\n\r\té🍛"
    );
    for broken in [
        r#""\ud83c""#,
        r#""\udf5b""#,
        r#""\ud83c\u0041""#,
        r#""\x""#,
        "\"\n\"",
        r#"""#,
    ] {
        assert_eq!(from_str::<String>(broken), None, "{broken}");
    }
}

#[test]
fn nesting_ends_before_the_stack_does() {
    assert!(read(&["[".repeat(60), "]".repeat(60)].concat()).is_some());
    assert!(read(&"[".repeat(1_000_000)).is_none());
}

#[test]
fn fractions_of_everyday_are_exact() {
    for text in [
        "0.1",
        "-0.25",
        "54.776100",
        "1e3",
        "12.5E-3",
        "1732492800000.5",
    ] {
        assert_eq!(from_str::<f64>(text), text.parse().ok(), "{text}");
    }
}
