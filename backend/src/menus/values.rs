//! Readers of the scalar values of a menu file: ids, money, colours, allergens and fixed words.

use model::allergen::{Allergen, Allergens};
use model::menu::{Diet, Icon};
use model::{Pence, VatClass};

use super::reader::{Fields, Value};

/// Largest price in pence. Pricing relies on it: amounts cannot overflow.
const MAX_PRICE_PENCE: i64 = 999_999;

/// Reads an id: `[a-z0-9-]+`.
pub fn read_id<'r>(value: &Value<'r, '_>) -> Option<&'r str> {
    let text = value.text()?;
    let allowed = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-';
    if !text.bytes().all(allowed) {
        value.report(format!(
            "\"{text}\" is no id; use small letters, digits and hyphens"
        ));
        return None;
    }
    Some(text)
}

/// Reads an amount: `"9.50"`.
pub fn read_money(value: &Value<'_, '_>) -> Option<Pence> {
    let text = value.text()?;
    if text.starts_with('-') {
        value.report(format!(
            "\"{text}\" is negative; write an amount from \"0.00\" on"
        ));
        return None;
    }
    let Some(pence) = parse_pence(text) else {
        value.report(format!(
            "\"{text}\" is no amount; write pounds and pence up to {}, such as \"9.50\"",
            Pence(MAX_PRICE_PENCE)
        ));
        return None;
    };
    Some(pence)
}

fn parse_pence(text: &str) -> Option<Pence> {
    let (pounds, pence) = text.split_once('.')?;
    let digits = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
    if pounds.is_empty() || pence.len() != 2 || !digits(pounds) || !digits(pence) {
        return None;
    }
    let pounds: i64 = pounds.parse().ok()?;
    let pence: i64 = pence.parse().ok()?;
    let amount = pounds.checked_mul(100)?.checked_add(pence)?;
    (amount <= MAX_PRICE_PENCE).then_some(Pence(amount))
}

/// Reads a colour: `"#b4461f"`.
pub fn read_colour(value: &Value<'_, '_>) -> Option<String> {
    let text = value.text()?;
    let fits = text.len() == 7
        && text.starts_with('#')
        && text[1..].bytes().all(|byte| byte.is_ascii_hexdigit());
    if !fits {
        value.report(format!(
            "\"{text}\" is no colour; write # and six hexadecimal digits, such as \"#b4461f\""
        ));
        return None;
    }
    Some(text.to_ascii_lowercase())
}

/// Reads one of a fixed set of words.
pub fn read_one_of<T: Copy>(value: &Value<'_, '_>, words: &[(&str, T)]) -> Option<T> {
    let text = value.text()?;
    let found = words.iter().find(|(word, _)| *word == text);
    if found.is_none() {
        let words: Vec<&str> = words.iter().map(|(word, _)| *word).collect();
        value.report(format!(
            "\"{text}\" is unknown; use one of: {}",
            words.join(", ")
        ));
    }
    found.map(|(_, meaning)| *meaning)
}

/// Reads a list; `None` if any item has an error.
pub fn read_list<T>(
    value: &Value<'_, '_>,
    read: impl Fn(&Value<'_, '_>) -> Option<T>,
) -> Option<Vec<T>> {
    let items: Vec<Option<T>> = value.list()?.iter().map(read).collect();
    items.into_iter().collect()
}

/// Reads the allergens. An absent table means that they are not declared, which differs from none.
pub fn read_allergens(fields: &Fields<'_, '_>) -> Option<Allergens> {
    let Some(value) = fields.optional("allergens") else {
        return Some(Allergens::default());
    };
    let table = value.table()?;
    let names = |key| {
        table
            .required(key)
            .and_then(|value| read_list(&value, |value| read_one_of(value, &ALLERGENS)))
    };
    let contains = names("contains");
    let may_contain = names("may_contain");
    table.finish();
    let (contains, may_contain) = (contains?, may_contain?);
    if let Some(both) = contains.iter().find(|found| may_contain.contains(found)) {
        value.report(format!(
            "{} stands under contains and may_contain; keep it under one",
            both.name()
        ));
        return None;
    }
    Some(Allergens {
        declared: true,
        contains,
        may_contain,
    })
}

pub const VAT: [(&str, VatClass); 2] = [("standard", VatClass::Standard), ("zero", VatClass::Zero)];

pub const DIETS: [(&str, Diet); 3] = [
    ("vegetarian", Diet::Vegetarian),
    ("vegan", Diet::Vegan),
    ("halal", Diet::Halal),
];

pub const ICONS: [(&str, Icon); 16] = [
    ("bowl", Icon::Bowl),
    ("pizza", Icon::Pizza),
    ("curry", Icon::Curry),
    ("noodles", Icon::Noodles),
    ("burger", Icon::Burger),
    ("fish", Icon::Fish),
    ("salad", Icon::Salad),
    ("bread", Icon::Bread),
    ("sweet", Icon::Sweet),
    ("drink", Icon::Drink),
    ("grill", Icon::Grill),
    ("breakfast", Icon::Breakfast),
    ("wrap", Icon::Wrap),
    ("side", Icon::Side),
    ("dumpling", Icon::Dumpling),
    ("vegetable", Icon::Vegetable),
];

const ALLERGENS: [(&str, Allergen); 14] = [
    ("celery", Allergen::Celery),
    ("gluten", Allergen::Gluten),
    ("crustaceans", Allergen::Crustaceans),
    ("eggs", Allergen::Eggs),
    ("fish", Allergen::Fish),
    ("lupin", Allergen::Lupin),
    ("milk", Allergen::Milk),
    ("molluscs", Allergen::Molluscs),
    ("mustard", Allergen::Mustard),
    ("tree_nuts", Allergen::TreeNuts),
    ("peanuts", Allergen::Peanuts),
    ("sesame", Allergen::Sesame),
    ("soya", Allergen::Soya),
    ("sulphites", Allergen::Sulphites),
];
