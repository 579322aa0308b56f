//! Option groups and their choices. A dish names the groups that it asks; a choice that states no VAT class takes the
//! dish's.

use std::collections::{BTreeMap, BTreeSet};

use model::menu::{Choice, OptionGroup};
use model::{Allergens, Pence, VatClass};

use super::reader::{Fields, Value};
use super::values;

/// The groups of one file by id, and which of them a dish has asked for.
#[derive(Default)]
pub struct Groups<'r> {
    /// `None`: it is there, but with mistakes.
    by_id: BTreeMap<&'r str, Option<Group>>,
    /// In the order of the file; `None` for a group whose id cannot be read.
    ids: Vec<Option<&'r str>>,
    used: BTreeSet<&'r str>,
}

#[derive(Clone)]
struct Group {
    id: String,
    name: String,
    minimum: u32,
    maximum: u32,
    choices: Vec<FreeChoice>,
}

#[derive(Clone)]
struct FreeChoice {
    id: String,
    name: String,
    price: Pence,
    /// `None` follows the dish.
    vat: Option<VatClass>,
    allergens: Allergens,
    available: bool,
}

impl<'r> Groups<'r> {
    pub fn read(tables: &[Fields<'r, '_>]) -> Self {
        let mut groups = Self::default();
        for fields in tables {
            let id = fields.required("id").and_then(|value| values::id(&value));
            let group = group(fields, id);
            groups.ids.push(id);
            let Some(id) = id else { continue };
            if groups.by_id.insert(id, group).is_some() {
                fields.wrong("id", duplicate(id, "another group"));
            }
        }
        groups
    }

    /// The groups that a dish names.
    pub fn named_by(&mut self, dish: &Fields<'r, '_>, vat: VatClass) -> Option<Vec<OptionGroup>> {
        let Some(value) = dish.optional("options") else {
            return Some(Vec::new());
        };
        let mut complete = true;
        let mut named = BTreeSet::new();
        let mut groups = Vec::new();
        for value in value.list()? {
            let group = self.named(&value, &mut named);
            complete &= group.is_some();
            groups.extend(group.map(|group| group.of(vat)));
        }
        complete.then_some(groups)
    }

    fn named(&mut self, value: &Value<'r, '_>, named: &mut BTreeSet<&'r str>) -> Option<&Group> {
        let id = value.text()?;
        let Some((&id, group)) = self.by_id.get_key_value(id) else {
            value.wrong(format!(
                "there is no option group \"{id}\"; add it under [[option_groups]] or remove it here"
            ));
            return None;
        };
        self.used.insert(id);
        if !named.insert(id) {
            value.wrong(format!("names \"{id}\" a second time; remove one"));
            return None;
        }
        group.as_ref()
    }

    /// Notes the groups that no dish has named.
    pub fn finish(&self, tables: &[Fields<'r, '_>]) {
        for (fields, id) in tables.iter().zip(&self.ids) {
            if id.is_some_and(|id| !self.used.contains(id)) {
                fields.wrong("id", "no dish asks this; name it in a dish or remove it");
            }
        }
    }
}

fn group(fields: &Fields<'_, '_>, id: Option<&str>) -> Option<Group> {
    if let Some(id) = id {
        fields.call(id);
    }
    let name = fields.required("name").and_then(|value| value.text());
    let minimum = fields
        .required("minimum")
        .and_then(|value| value.whole_number(0..=99));
    let maximum = fields
        .required("maximum")
        .and_then(|value| value.whole_number(1..=99));
    let mut ids = BTreeSet::new();
    let tables = fields.required("choices").and_then(|value| value.tables());
    let read: Option<Vec<Option<FreeChoice>>> = tables.map(|tables| {
        tables
            .into_iter()
            .map(|fields| choice(fields, &mut ids))
            .collect()
    });
    if let Some(choices) = &read {
        let offered = choices.len();
        let available = choices
            .iter()
            .filter(|choice| choice.as_ref().is_none_or(|choice| choice.available))
            .count();
        counts(fields, minimum, maximum, offered, available);
    }
    let choices: Option<Vec<FreeChoice>> = read?.into_iter().collect();
    Some(Group {
        id: id?.to_owned(),
        name: name?.to_owned(),
        minimum: minimum?,
        maximum: maximum?,
        choices: choices?,
    })
}

fn counts(
    fields: &Fields<'_, '_>,
    minimum: Option<u32>,
    maximum: Option<u32>,
    offered: usize,
    available: usize,
) {
    let most = maximum.unwrap_or(u32::MAX);
    if let Some(minimum) = minimum.filter(|&minimum| minimum > most) {
        fields.wrong(
            "minimum",
            format!("{minimum} is more than the maximum of {most}; lower it or raise the maximum"),
        );
    }
    if let Some(maximum) = maximum
        && maximum as usize > offered
    {
        fields.wrong(
            "maximum",
            format!(
                "{maximum} is more than the choices there are, {offered}; lower it or add choices"
            ),
        );
    }
    if let Some(minimum) = minimum
        && (available + 1..=offered.min(most as usize)).contains(&(minimum as usize))
    {
        fields.wrong(
            "minimum",
            format!(
                "asks for {minimum}, but {available} of the choices are available; make more of them available or lower it"
            ),
        );
    }
}

fn choice(fields: Fields<'_, '_>, ids: &mut BTreeSet<String>) -> Option<FreeChoice> {
    let id = fields.required("id").and_then(|value| values::id(&value));
    if let Some(id) = id {
        fields.call(id);
        if !ids.insert(id.to_owned()) {
            fields.wrong("id", duplicate(id, "another choice of this group"));
        }
    }
    let name = fields.required("name").and_then(|value| value.text());
    let price = match fields.optional("price") {
        Some(value) => values::money(&value),
        None => Some(Pence::ZERO),
    };
    let vat = match fields.optional("vat") {
        Some(value) => values::one_of(&value, &values::VAT).map(Some),
        None => Some(None),
    };
    let allergens = values::allergens(&fields);
    let available = match fields.optional("available") {
        Some(value) => value.truth(),
        None => Some(true),
    };
    fields.finish();
    Some(FreeChoice {
        id: id?.to_owned(),
        name: name?.to_owned(),
        price: price?,
        vat: vat?,
        allergens: allergens?,
        available: available?,
    })
}

impl Group {
    fn of(&self, dish_vat: VatClass) -> OptionGroup {
        OptionGroup {
            id: self.id.clone(),
            name: self.name.clone(),
            minimum: self.minimum,
            maximum: self.maximum,
            choices: self
                .choices
                .iter()
                .map(|choice| Choice {
                    id: choice.id.clone(),
                    name: choice.name.clone(),
                    price_pence: choice.price,
                    vat: choice.vat.unwrap_or(dish_vat),
                    allergens: choice.allergens.clone(),
                    available: choice.available,
                })
                .collect(),
        }
    }
}

pub fn duplicate(id: &str, holder: &str) -> String {
    format!("\"{id}\" is the id of {holder} too; give each its own")
}
