//! Diagnostics of the menu.

use super::*;

#[test]
fn duplicate_ids_are_reported() {
    assert_eq!(
        diagnostics("id = \"lassi\"", "id = \"lamb-karahi\""),
        [
            "line 122, categories[cold].dishes[lamb-karahi].id: \"lamb-karahi\" is the id of another \
          dish too; give each its own"
        ]
    );
    assert_eq!(
        diagnostics("id = \"extras\"", "id = \"heat\"")[0],
        "line 59, option_groups[heat].id: \"heat\" is the id of another group too; give each its own"
    );
    assert_eq!(
        diagnostics("id = \"hot\"", "id = \"mild\""),
        [
            "line 54, option_groups[heat].choices[mild].id: \"mild\" is the id of another choice of \
          this group too; give each its own"
        ]
    );
    assert_eq!(
        diagnostics("id = \"cold\"", "id = \"curries\""),
        [
            "line 109, categories[curries].id: \"curries\" is the id of another category too; give \
          each its own"
        ]
    );
}

#[test]
fn unknown_and_unused_option_groups_are_reported() {
    let options = "options = [\"heat\", \"extras\"]";
    assert_eq!(
        diagnostics(options, "options = [\"heat\", \"extra\"]"),
        [
            "line 98, categories[curries].dishes[lamb-karahi].options[2]: there is no option group \
          \"extra\"; add it under [[option_groups]] or remove it here"
        ]
    );
    assert_eq!(
        diagnostics(options, "options = [\"heat\", \"heat\"]"),
        [
            "line 98, categories[curries].dishes[lamb-karahi].options[2]: names \"heat\" a second \
          time; remove one"
        ]
    );
    assert_eq!(
        diagnostics(options, "options = [\"extras\"]"),
        ["line 44, option_groups[heat].id: no dish asks this; name it in a dish or remove it"]
    );
}

#[test]
fn counts_that_cannot_be_met_are_reported() {
    let counts = "minimum = 0\nmaximum = 2";
    assert_eq!(
        diagnostics(counts, "minimum = 3\nmaximum = 2"),
        [
            "line 61, option_groups[extras].minimum: 3 is more than the maximum of 2; lower it or \
          raise the maximum"
        ]
    );
    assert_eq!(
        diagnostics(counts, "minimum = 0\nmaximum = 4"),
        [
            "line 62, option_groups[extras].maximum: 4 is more than the choices there are, 3; lower it \
          or add choices"
        ]
    );
    assert_eq!(
        diagnostics(counts, "minimum = 3\nmaximum = 3"),
        [
            "line 61, option_groups[extras].minimum: asks for 3, but 2 of the choices are available; \
          make more of them available or lower it"
        ]
    );
    assert_eq!(
        diagnostics(counts, "minimum = -1\nmaximum = 0"),
        [
            "line 61, option_groups[extras].minimum: must be a whole number from 0 to 99",
            "line 62, option_groups[extras].maximum: must be a whole number from 1 to 99",
        ]
    );
    let none_left = SAMPLE
        .replace("id = \"mild\"", "id = \"mild\"\navailable = false")
        .replace("id = \"hot\"", "id = \"hot\"\navailable = false");
    assert_eq!(
        sentences(parse("the-test-kitchen", &none_left).unwrap_err()),
        [
            "the-test-kitchen.toml, line 46, option_groups[heat].minimum: asks for 1, but 0 of the \
          choices are available; make more of them available or lower it"
        ]
    );
}

#[test]
fn amounts_are_pounds_and_pence() {
    let price = "price = \"11.50\"";
    let place = "line 93, categories[curries].dishes[lamb-karahi].price";
    assert_eq!(
        diagnostics(price, "price = \"-11.50\""),
        [format!(
            "{place}: \"-11.50\" is negative; write an amount from \"0.00\" on"
        )]
    );
    for amount in [
        "11.5", "11", "11.500", "£11.50", "11,50", ".50", "1_1.50", "+1.50", "10000.00",
    ] {
        assert_eq!(
            diagnostics(price, &format!("price = \"{amount}\"")),
            [format!(
                "{place}: \"{amount}\" is no amount; write pounds and pence up to £9999.99, such as \"9.50\""
            )]
        );
    }
    assert_eq!(
        diagnostics(price, "price = 11.50"),
        [format!("{place}: must be a text in quotes")]
    );
}

#[test]
fn fixed_words_and_ranges_are_checked() {
    let dish = "categories[curries].dishes[lamb-karahi]";
    for (old, new, sentence) in [
        (
            "\"#f2b632\"]",
            "\"yellow\"]",
            "line 6, colours[2]: \"yellow\" is no colour; write # and six hexadecimal digits, such as \"#b4461f\"".to_owned(),
        ),
        (
            ", \"#f2b632\"]",
            "]",
            "line 6, colours: must be two colours".to_owned(),
        ),
        (
            "cuisines = [\"Indian\", \"Sandwiches\"]",
            "cuisines = []",
            "line 5, cuisines: is empty; name at least one cuisine".to_owned(),
        ),
        (
            "slot_minutes = 15",
            "slot_minutes = 25",
            "line 27, ordering.slot_minutes: 25 does not divide an hour; use one of 5, 6, 10, 15, 20, 30, 60".to_owned(),
        ),
        (
            "heat = 2",
            "heat = 4",
            format!("line 96, {dish}.heat: must be a whole number from 0 to 3"),
        ),
        (
            "diets = [\"halal\"]",
            "diets = [\"keto\"]",
            format!("line 95, {dish}.diets[1]: \"keto\" is unknown; use one of: vegetarian, vegan, halal"),
        ),
        (
            "price = \"11.50\"\nvat = \"standard\"",
            "price = \"11.50\"\nvat = \"reduced\"",
            format!("line 94, {dish}.vat: \"reduced\" is unknown; use one of: standard, zero"),
        ),
        (
            "[\"mustard\"]",
            "[\"milk\"]",
            format!("line 97, {dish}.allergens: milk stands under contains and may_contain; keep it under one"),
        ),
        (
            ", may_contain = [\"mustard\"]",
            "",
            format!("line 97, {dish}.allergens.may_contain: is missing; add it"),
        ),
    ] {
        assert_eq!(diagnostics(old, new), [sentence]);
    }
    assert!(
        diagnostics("[\"mustard\"]", "[\"nuts\"]")[0]
            .contains("\"nuts\" is unknown; use one of: celery, gluten")
    );
    assert!(
        diagnostics("icon = \"wrap\"", "icon = \"hat\"")[0]
            .contains("\"hat\" is unknown; use one of: bowl, pizza")
    );
}

#[test]
fn an_empty_category_and_a_missing_fulfilment_are_reported() {
    assert_eq!(
        diagnostics(
            "[[categories.dishes]]\nid = \"egg-sandwich\"",
            "[[categories]]\nid = \"none\"\nname = \"None\"\nicon = \"side\"\ndishes = []\n\
             [[categories]]\nid = \"more\"\nname = \"More\"\nicon = \"side\"\n\
             [[categories.dishes]]\nid = \"egg-sandwich\""
        ),
        [
            "line 108, categories[cold].dishes: is missing; add it",
            "line 117, categories[none].dishes: is empty; add a dish or remove the category",
        ]
    );
    let (before, rest) = SAMPLE.split_once("[[delivery]]").unwrap();
    let (_, after) = rest.split_once("[[option_groups]]").unwrap();
    let text = format!("{before}[[option_groups]]{after}");
    let nothing = text.replace("collection = true", "collection = false");
    assert_eq!(
        sentences(parse("the-test-kitchen", &nothing).unwrap_err()),
        [
            "the-test-kitchen.toml, line 25, ordering: offers neither collection nor delivery; set \
          collection = true or add [[delivery]]"
        ]
    );
}
