//! Reader of categories and dishes.

use std::collections::BTreeSet;

use model::VatClass;
use model::menu::{Category, Dish};

use super::options::{OptionGroups, duplicate_id};
use super::reader::Fields;
use super::values;

/// Reads the menu, with its option groups.
pub fn read_categories<'r>(document: &Fields<'r, '_>) -> Option<Vec<Category>> {
    let group_tables = document
        .optional("option_groups")
        .and_then(|value| value.tables())
        .unwrap_or_default();
    let mut groups = OptionGroups::read(&group_tables);
    let mut ids = Ids::default();
    let categories = document.required("categories").and_then(|value| {
        let tables = value.tables()?;
        if tables.is_empty() {
            value.report("is empty; add at least one category");
        }
        let read: Vec<Option<Category>> = tables
            .into_iter()
            .map(|fields| read_category(fields, &mut groups, &mut ids))
            .collect();
        // Only here: without dishes it is unknown whether a group is used.
        groups.finish(&group_tables);
        Some(read)
    });
    for fields in group_tables {
        fields.finish();
    }
    categories?.into_iter().collect()
}

/// Ids that are taken already.
#[derive(Default)]
struct Ids {
    categories: BTreeSet<String>,
    dishes: BTreeSet<String>,
}

fn read_category<'r>(
    fields: Fields<'r, '_>,
    groups: &mut OptionGroups<'r>,
    ids: &mut Ids,
) -> Option<Category> {
    let id = fields
        .required("id")
        .and_then(|value| values::read_id(&value));
    if let Some(id) = id {
        fields.set_id(id);
        if !ids.categories.insert(id.to_owned()) {
            fields.report("id", duplicate_id(id, "another category"));
        }
    }
    let name = fields.required("name").and_then(|value| value.text());
    let description = match fields.optional("description") {
        Some(value) => value.text().map(|text| Some(text.to_owned())),
        None => Some(None),
    };
    let icon = fields
        .required("icon")
        .and_then(|value| values::read_one_of(&value, &values::ICONS));
    let dishes = fields.required("dishes").and_then(|value| {
        let tables = value.tables()?;
        if tables.is_empty() {
            value.report("is empty; add a dish or remove the category");
        }
        let read: Vec<Option<Dish>> = tables
            .into_iter()
            .map(|fields| read_dish(fields, groups, ids))
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

fn read_dish<'r>(
    fields: Fields<'r, '_>,
    groups: &mut OptionGroups<'r>,
    ids: &mut Ids,
) -> Option<Dish> {
    let id = fields
        .required("id")
        .and_then(|value| values::read_id(&value));
    if let Some(id) = id {
        fields.set_id(id);
        if !ids.dishes.insert(id.to_owned()) {
            fields.report("id", duplicate_id(id, "another dish"));
        }
    }
    let name = fields.required("name").and_then(|value| value.text());
    let description = fields
        .required("description")
        .and_then(|value| value.text());
    let price = fields
        .required("price")
        .and_then(|value| values::read_money(&value));
    let vat = fields
        .required("vat")
        .and_then(|value| values::read_one_of(&value, &values::VAT));
    let diets = match fields.optional("diets") {
        Some(value) => {
            values::read_list(&value, |value| values::read_one_of(value, &values::DIETS))
        }
        None => Some(Vec::new()),
    };
    let heat = match fields.optional("heat") {
        Some(value) => value.integer(0..=3),
        None => Some(0),
    };
    let allergens = values::read_allergens(&fields);
    // Also with an invalid VAT class, so that the groups count as used.
    let options = groups.resolve_for(&fields, vat.unwrap_or(VatClass::Standard));
    let available = match fields.optional("available") {
        Some(value) => value.boolean(),
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
