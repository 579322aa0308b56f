//! The small values of a menu file: identifiers, money, colours, allergens.

use model::allergen::{Allergen, Allergens};
use model::menu::{Diet, Icon};
use model::{Pence, VatClass};

use super::reader::{Fields, Value};

/// Largest price in pence; that amounts cannot overflow rests on it.
const MAX_PRICE_PENCE: i64 = 999_999;

/// `[a-z0-9-]+`.
pub fn id<'r>(value: &Value<'r, '_>) -> Option<&'r str> {
    let text = value.text()?;
    let allowed = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-';
    if !text.bytes().all(allowed) {
        value.wrong(format!(
            "\"{text}\" is no id; use small letters, digits and hyphens"
        ));
        return None;
    }
    Some(text)
}

/// `"9.50"`.
pub fn money(value: &Value<'_, '_>) -> Option<Pence> {
    let text = value.text()?;
    if text.starts_with('-') {
        value.wrong(format!(
            "\"{text}\" is negative; write an amount from \"0.00\" on"
        ));
        return None;
    }
    let Some(pence) = pence(text) else {
        value.wrong(format!(
            "\"{text}\" is no amount; write pounds and pence up to {}, such as \"9.50\"",
            Pence(MAX_PRICE_PENCE)
        ));
        return None;
    };
    Some(pence)
}

fn pence(text: &str) -> Option<Pence> {
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

/// `"#b4461f"`.
pub fn colour(value: &Value<'_, '_>) -> Option<String> {
    let text = value.text()?;
    let fits = text.len() == 7
        && text.starts_with('#')
        && text[1..].bytes().all(|byte| byte.is_ascii_hexdigit());
    if !fits {
        value.wrong(format!(
            "\"{text}\" is no colour; write # and six hexadecimal digits, such as \"#b4461f\""
        ));
        return None;
    }
    Some(text.to_ascii_lowercase())
}

/// One of a fixed set of words.
pub fn one_of<T: Copy>(value: &Value<'_, '_>, words: &[(&str, T)]) -> Option<T> {
    let text = value.text()?;
    let found = words.iter().find(|(word, _)| *word == text);
    if found.is_none() {
        let words: Vec<&str> = words.iter().map(|(word, _)| *word).collect();
        value.wrong(format!(
            "\"{text}\" is unknown; use one of: {}",
            words.join(", ")
        ));
    }
    found.map(|(_, meaning)| *meaning)
}

/// A list in which every part must be read well.
pub fn list<T>(
    value: &Value<'_, '_>,
    read: impl Fn(&Value<'_, '_>) -> Option<T>,
) -> Option<Vec<T>> {
    let parts: Vec<Option<T>> = value.list()?.iter().map(read).collect();
    parts.into_iter().collect()
}

/// Absent: not declared, which is not the same as none.
pub fn allergens(fields: &Fields<'_, '_>) -> Option<Allergens> {
    let Some(value) = fields.optional("allergens") else {
        return Some(Allergens::default());
    };
    let table = value.table()?;
    let names = |key| {
        table
            .required(key)
            .and_then(|value| list(&value, |value| one_of(value, &ALLERGENS)))
    };
    let contains = names("contains");
    let may_contain = names("may_contain");
    table.finish();
    let (contains, may_contain) = (contains?, may_contain?);
    if let Some(both) = contains.iter().find(|found| may_contain.contains(found)) {
        value.wrong(format!(
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
