//! Reader of option groups and their choices. Dishes refer to groups by id; a choice without a VAT class has the class of the dish.

use std::collections::{BTreeMap, BTreeSet};

use model::menu::{Choice, OptionGroup};
use model::{Allergens, Pence, VatClass};

use super::reader::{Fields, Value};
use super::values;

/// Option groups of one file by id, and which of them a dish uses.
#[derive(Default)]
pub struct OptionGroups<'r> {
    /// `None` for a group with errors.
    by_id: BTreeMap<&'r str, Option<GroupTemplate>>,
    /// In the order of the file; `None` for a group whose id has an error.
    ids: Vec<Option<&'r str>>,
    used: BTreeSet<&'r str>,
}

/// A group before it is assigned to a dish.
#[derive(Clone)]
struct GroupTemplate {
    id: String,
    name: String,
    minimum: u32,
    maximum: u32,
    choices: Vec<ChoiceTemplate>,
}

/// A choice before it is assigned to a dish.
#[derive(Clone)]
struct ChoiceTemplate {
    id: String,
    name: String,
    price: Pence,
    /// `None`: the class of the dish.
    vat: Option<VatClass>,
    allergens: Allergens,
    available: bool,
}

impl<'r> OptionGroups<'r> {
    pub fn read(tables: &[Fields<'r, '_>]) -> Self {
        let mut groups = Self::default();
        for fields in tables {
            let id = fields
                .required("id")
                .and_then(|value| values::read_id(&value));
            let group = read_group(fields, id);
            groups.ids.push(id);
            let Some(id) = id else { continue };
            if groups.by_id.insert(id, group).is_some() {
                fields.report("id", duplicate_id(id, "another group"));
            }
        }
        groups
    }

    /// Resolves the groups that a dish refers to.
    pub fn resolve_for(
        &mut self,
        dish: &Fields<'r, '_>,
        vat: VatClass,
    ) -> Option<Vec<OptionGroup>> {
        let Some(value) = dish.optional("options") else {
            return Some(Vec::new());
        };
        let mut complete = true;
        let mut seen = BTreeSet::new();
        let mut groups = Vec::new();
        for value in value.list()? {
            let group = self.find(&value, &mut seen);
            complete &= group.is_some();
            groups.extend(group.map(|group| group.resolve(vat)));
        }
        complete.then_some(groups)
    }

    fn find(
        &mut self,
        value: &Value<'r, '_>,
        seen: &mut BTreeSet<&'r str>,
    ) -> Option<&GroupTemplate> {
        let id = value.text()?;
        let Some((&id, group)) = self.by_id.get_key_value(id) else {
            value.report(format!(
                "there is no option group \"{id}\"; add it under [[option_groups]] or remove it here"
            ));
            return None;
        };
        self.used.insert(id);
        if !seen.insert(id) {
            value.report(format!("names \"{id}\" a second time; remove one"));
            return None;
        }
        group.as_ref()
    }

    /// Reports the groups that no dish uses.
    pub fn finish(&self, tables: &[Fields<'r, '_>]) {
        for (fields, id) in tables.iter().zip(&self.ids) {
            if id.is_some_and(|id| !self.used.contains(id)) {
                fields.report("id", "no dish asks this; name it in a dish or remove it");
            }
        }
    }
}

fn read_group(fields: &Fields<'_, '_>, id: Option<&str>) -> Option<GroupTemplate> {
    if let Some(id) = id {
        fields.set_id(id);
    }
    let name = fields.required("name").and_then(|value| value.text());
    let minimum = fields
        .required("minimum")
        .and_then(|value| value.integer(0..=99));
    let maximum = fields
        .required("maximum")
        .and_then(|value| value.integer(1..=99));
    let mut ids = BTreeSet::new();
    let tables = fields.required("choices").and_then(|value| value.tables());
    let read: Option<Vec<Option<ChoiceTemplate>>> = tables.map(|tables| {
        tables
            .into_iter()
            .map(|fields| read_choice(fields, &mut ids))
            .collect()
    });
    if let Some(choices) = &read {
        let offered = choices.len();
        let available = choices
            .iter()
            .filter(|choice| choice.as_ref().is_none_or(|choice| choice.available))
            .count();
        check_counts(fields, minimum, maximum, offered, available);
    }
    let choices: Option<Vec<ChoiceTemplate>> = read?.into_iter().collect();
    Some(GroupTemplate {
        id: id?.to_owned(),
        name: name?.to_owned(),
        minimum: minimum?,
        maximum: maximum?,
        choices: choices?,
    })
}

/// Reports counts that no selection of choices can meet.
fn check_counts(
    fields: &Fields<'_, '_>,
    minimum: Option<u32>,
    maximum: Option<u32>,
    offered: usize,
    available: usize,
) {
    let most = maximum.unwrap_or(u32::MAX);
    if let Some(minimum) = minimum.filter(|&minimum| minimum > most) {
        fields.report(
            "minimum",
            format!("{minimum} is more than the maximum of {most}; lower it or raise the maximum"),
        );
    }
    if let Some(maximum) = maximum
        && maximum as usize > offered
    {
        fields.report(
            "maximum",
            format!(
                "{maximum} is more than the choices there are, {offered}; lower it or add choices"
            ),
        );
    }
    if let Some(minimum) = minimum
        && (available + 1..=offered.min(most as usize)).contains(&(minimum as usize))
    {
        fields.report(
            "minimum",
            format!(
                "asks for {minimum}, but {available} of the choices are available; make more of them available or lower it"
            ),
        );
    }
}

fn read_choice(fields: Fields<'_, '_>, ids: &mut BTreeSet<String>) -> Option<ChoiceTemplate> {
    let id = fields
        .required("id")
        .and_then(|value| values::read_id(&value));
    if let Some(id) = id {
        fields.set_id(id);
        if !ids.insert(id.to_owned()) {
            fields.report("id", duplicate_id(id, "another choice of this group"));
        }
    }
    let name = fields.required("name").and_then(|value| value.text());
    let price = match fields.optional("price") {
        Some(value) => values::read_money(&value),
        None => Some(Pence::ZERO),
    };
    let vat = match fields.optional("vat") {
        Some(value) => values::read_one_of(&value, &values::VAT).map(Some),
        None => Some(None),
    };
    let allergens = values::read_allergens(&fields);
    let available = match fields.optional("available") {
        Some(value) => value.boolean(),
        None => Some(true),
    };
    fields.finish();
    Some(ChoiceTemplate {
        id: id?.to_owned(),
        name: name?.to_owned(),
        price: price?,
        vat: vat?,
        allergens: allergens?,
        available: available?,
    })
}

impl GroupTemplate {
    fn resolve(&self, dish_vat: VatClass) -> OptionGroup {
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

/// Makes the message for an id that is used twice.
pub fn duplicate_id(id: &str, holder: &str) -> String {
    format!("\"{id}\" is the id of {holder} too; give each its own")
}
