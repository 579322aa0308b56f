//! Every diagnostic with its exact sentence.

mod dishes;
mod folder;
mod restaurant;

use super::fixtures::SAMPLE;
use super::*;

fn sentences(error: CatalogueError) -> Vec<String> {
    error.to_string().lines().map(ToOwned::to_owned).collect()
}

/// Returns the diagnostics of the sample with one text replaced, without the file's name.
fn diagnostics(old: &str, new: &str) -> Vec<String> {
    assert!(SAMPLE.contains(old), "the sample does not have {old}");
    let text = SAMPLE.replacen(old, new, 1);
    sentences(parse("the-test-kitchen", &text).expect_err(new))
        .into_iter()
        .map(|sentence| {
            let (file, rest) = sentence.split_once(", ").unwrap();
            assert_eq!(file, "the-test-kitchen.toml");
            rest.to_owned()
        })
        .collect()
}

#[test]
fn the_sample_has_no_error() {
    parse("the-test-kitchen", SAMPLE).unwrap();
}

#[test]
fn values_of_the_wrong_type_are_reported() {
    let name = "name = \"The Test Kitchen\"";
    assert_eq!(
        diagnostics(name, "name = 7"),
        ["line 2, name: must be a text in quotes"]
    );
    assert_eq!(
        diagnostics(name, "name = \" \""),
        ["line 2, name: is empty; write something or remove it"]
    );
    assert_eq!(
        diagnostics(&format!("{name}\n"), ""),
        ["line 1, name: is missing; add it"]
    );
    assert_eq!(
        diagnostics(
            "tagline = \"Curries, sandwiches and cold drinks\"",
            "tagline = \"\"\"Curries\nsandwiches\"\"\""
        ),
        ["line 3, tagline: has several lines; write it on one"]
    );
    assert_eq!(
        diagnostics("vat_registered = true", "vat_registered = \"yes\""),
        ["line 13, vat_registered: must be true or false"]
    );
    assert_eq!(
        diagnostics("prepare_minutes = 20", "prepare_minutes = 0"),
        ["line 26, ordering.prepare_minutes: must be a whole number from 1 to 240"]
    );
    assert_eq!(
        diagnostics("prepare_minutes = 20", "prepare_minutes = 20.5"),
        ["line 26, ordering.prepare_minutes: must be a whole number from 1 to 240"]
    );
    assert_eq!(
        diagnostics("latitude = 54.7766", "latitude = nan"),
        ["line 9, latitude: must be a number"]
    );
    assert_eq!(
        diagnostics(
            "cuisines = [\"Indian\", \"Sandwiches\"]",
            "cuisines = \"Indian\""
        ),
        ["line 5, cuisines: must be a list in [ ]"]
    );
    assert_eq!(
        diagnostics("[ordering]", "[[ordering]]"),
        ["line 25, ordering: must be a table"]
    );
}

#[test]
fn invalid_toml_is_reported_with_its_line() {
    assert_eq!(
        diagnostics(
            "name = \"The Test Kitchen\"",
            "name = \"The Test Kitchen\"\nname = \"Again\""
        ),
        ["line 3: is not TOML (duplicate key); mend it there"]
    );
    let broken = diagnostics("name = \"The Test Kitchen\"", "name = \"The Test Kitchen");
    assert!(broken[0].starts_with("line 2: is not TOML ("), "{broken:?}");
    assert!(broken[0].ends_with("); mend it there"), "{broken:?}");
}

#[test]
fn unknown_keys_are_reported_with_the_known_ones() {
    assert_eq!(
        diagnostics("slot_minutes = 15", "slot_minutes = 15\nslots = 3"),
        [
            "line 28, ordering.slots: there is no such key; remove it or use one of: \
          auto_accept, collection, days_ahead, orders_per_slot, prepare_minutes, slot_minutes"
        ]
    );
    assert_eq!(
        diagnostics("fee = \"1.49\"", "fee = \"1.49\"\ntip = \"1.00\""),
        [
            "line 34, delivery[1].tip: there is no such key; remove it or use one of: \
          fee, minimum, minutes, up_to_m"
        ]
    );
    assert_eq!(
        diagnostics("id = \"mild\"", "id = \"mild\"\nheat = 1"),
        [
            "line 51, option_groups[heat].choices[mild].heat: there is no such key; remove it or use \
          one of: allergens, available, id, name, price, vat"
        ]
    );
    for (old, new, place) in [
        ("slug =", "owner = \"me\"\nslug =", "line 1, owner: "),
        ("[hours]", "[hours]\nfunday = []", "line 17, hours.funday: "),
        (
            "id = \"heat\"",
            "id = \"heat\"\nhint = \"?\"",
            "line 45, option_groups[heat].hint: ",
        ),
        (
            "id = \"curries\"",
            "id = \"curries\"\nhint = \"?\"",
            "line 85, categories[curries].hint: ",
        ),
        (
            "id = \"lassi\"",
            "id = \"lassi\"\nhint = \"?\"",
            "line 123, categories[cold].dishes[lassi].hint: ",
        ),
        (
            "may_contain = [\"mustard\"]",
            "may_contain = [\"mustard\"], no = []",
            "line 97, categories[curries].dishes[lamb-karahi].allergens.no: ",
        ),
    ] {
        let found = diagnostics(old, new);
        assert_eq!(found.len(), 1, "{found:?}");
        assert!(found[0].starts_with(place), "{found:?}");
    }
}

#[test]
fn values_are_read_as_written() {
    use model::{Pence, VatClass};

    let sample = parse("the-test-kitchen", SAMPLE).unwrap();
    assert_eq!(sample.profile().postcode, "DH1 3RB");
    assert_eq!(sample.bands()[1].fee, Pence(299));
    let karahi = sample.dish("lamb-karahi").unwrap();
    assert_eq!((karahi.price_pence, karahi.heat), (Pence(1150), 2));
    assert!(karahi.allergens.declared);
    assert!(!sample.dish("lassi").unwrap().allergens.declared);
    assert!(!sample.dish("tarka-dal").unwrap().available);
    // Of the extras only the raita and the cola state a class; the pickle's follows the dish.
    let classes = |dish: &str| -> Vec<VatClass> {
        let extras = sample.dish(dish).unwrap().options.last().unwrap();
        extras.choices.iter().map(|choice| choice.vat).collect()
    };
    use VatClass::{Standard, Zero};
    assert_eq!(classes("lamb-karahi"), [Zero, Standard, Standard]);
    assert_eq!(classes("egg-sandwich"), [Zero, Standard, Zero]);
}
