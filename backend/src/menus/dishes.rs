//! Categories and dishes.

use std::collections::BTreeSet;

use model::VatClass;
use model::menu::{Category, Dish};

use super::options::{Groups, duplicate};
use super::reader::Fields;
use super::values;

/// The menu; notes mistakes of the option groups too.
pub fn read<'r>(document: &Fields<'r, '_>) -> Option<Vec<Category>> {
    let group_tables = document
        .optional("option_groups")
        .and_then(|value| value.tables())
        .unwrap_or_default();
    let mut groups = Groups::read(&group_tables);
    let mut ids = Ids::default();
    let categories = document.required("categories").and_then(|value| {
        let tables = value.tables()?;
        if tables.is_empty() {
            value.wrong("is empty; add at least one category");
        }
        let read: Vec<Option<Category>> = tables
            .into_iter()
            .map(|fields| category(fields, &mut groups, &mut ids))
            .collect();
        // Without the dishes there is no telling whether a group is used.
        groups.finish(&group_tables);
        Some(read)
    });
    for fields in group_tables {
        fields.finish();
    }
    categories?.into_iter().collect()
}

#[derive(Default)]
struct Ids {
    categories: BTreeSet<String>,
    dishes: BTreeSet<String>,
}

fn category<'r>(
    fields: Fields<'r, '_>,
    groups: &mut Groups<'r>,
    ids: &mut Ids,
) -> Option<Category> {
    let id = fields.required("id").and_then(|value| values::id(&value));
    if let Some(id) = id {
        fields.call(id);
        if !ids.categories.insert(id.to_owned()) {
            fields.wrong("id", duplicate(id, "another category"));
        }
    }
    let name = fields.required("name").and_then(|value| value.text());
    let description = match fields.optional("description") {
        Some(value) => value.text().map(|text| Some(text.to_owned())),
        None => Some(None),
    };
    let icon = fields
        .required("icon")
        .and_then(|value| values::one_of(&value, &values::ICONS));
    let dishes = fields.required("dishes").and_then(|value| {
        let tables = value.tables()?;
        if tables.is_empty() {
            value.wrong("is empty; add a dish or remove the category");
        }
        let read: Vec<Option<Dish>> = tables
            .into_iter()
            .map(|fields| dish(fields, groups, ids))
            .collect();
        read.into_iter().collect::<Option<Vec<Dish>>>()
    });
    fields.finish();
    Some(Category {
        id: id?.to_owned(),
        name: name?.to_owned(),
        description: description?,
        icon: icon?,
        dishes: dishes?,
    })
}

fn dish<'r>(fields: Fields<'r, '_>, groups: &mut Groups<'r>, ids: &mut Ids) -> Option<Dish> {
    let id = fields.required("id").and_then(|value| values::id(&value));
    if let Some(id) = id {
        fields.call(id);
        if !ids.dishes.insert(id.to_owned()) {
            fields.wrong("id", duplicate(id, "another dish"));
        }
    }
    let name = fields.required("name").and_then(|value| value.text());
    let description = fields
        .required("description")
        .and_then(|value| value.text());
    let price = fields
        .required("price")
        .and_then(|value| values::money(&value));
    let vat = fields
        .required("vat")
        .and_then(|value| values::one_of(&value, &values::VAT));
    let diets = match fields.optional("diets") {
        Some(value) => values::list(&value, |value| values::one_of(value, &values::DIETS)),
        None => Some(Vec::new()),
    };
    let heat = match fields.optional("heat") {
        Some(value) => value.whole_number(0..=3),
        None => Some(0),
    };
    let allergens = values::allergens(&fields);
    // The groups count as used even when the dish's class is yet to be mended.
    let options = groups.named_by(&fields, vat.unwrap_or(VatClass::Standard));
    let available = match fields.optional("available") {
        Some(value) => value.truth(),
        None => Some(true),
    };
    fields.finish();
    Some(Dish {
        id: id?.to_owned(),
        name: name?.to_owned(),
        description: description?.to_owned(),
        price_pence: price?,
        vat: vat?,
        allergens: allergens?,
        diets: diets?,
        heat: u8::try_from(heat?).ok()?,
        available: available?,
        options: options?,
    })
}
