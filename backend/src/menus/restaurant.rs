//! Reader of a whole file: the restaurant's profile and ordering rules. `hours` reads its opening hours, `dishes` its menu.

use std::collections::BTreeMap;

use jiff::civil::Date;
use model::Postcode;
use model::place::Position;
use model::restaurant::Restaurant as Profile;

use crate::domain::Restaurant;
use crate::domain::customer::Phone;
use crate::domain::local_time::Zone;
use crate::domain::restaurant::{
    DeliveryBand, DeliveryBands, Ordering, RestaurantDetails, SlotMinutes,
};

use super::reader::{Fields, Reader, Value};
use super::{dishes, hours, values};

/// Reads a restaurant. `stem` is the file's name without `.toml`, which must be the slug; `slugs` maps the slugs of earlier files to their
/// file names.
pub fn read(
    reader: &Reader<'_>,
    stem: &str,
    slugs: &mut BTreeMap<String, String>,
) -> Option<Restaurant> {
    let table = reader.parse_document()?;
    let document = Fields::of_document(reader, &table);
    let profile = read_profile(&document, stem, slugs);
    let about = read_text(&document, "about");
    let zone = document
        .required("zone")
        .and_then(|value| read_zone(&value));
    let hours = document
        .required("hours")
        .and_then(|value| hours::read_hours(&value));
    let closed_dates = match document.optional("closed_dates") {
        Some(value) => values::read_list(&value, read_date),
        None => Some(Vec::new()),
    };
    let ordering = document
        .required("ordering")
        .and_then(|value| read_ordering(&value));
    let bands = match document.optional("delivery") {
        Some(value) => read_bands(&value),
        None => Some(DeliveryBands::default()),
    };
    if let (Some(ordering), Some(bands)) = (&ordering, &bands)
        && !ordering.collection
        && bands.as_slice().is_empty()
    {
        document.report(
            "ordering",
            "offers neither collection nor delivery; set collection = true or add [[delivery]]",
        );
    }
    let categories = dishes::read_categories(&document);
    document.finish();
    let zone = zone?;
    Some(Restaurant::new(RestaurantDetails {
        profile: Profile {
            zone: zone.name().to_owned(),
            ..profile?
        },
        about: about?,
        zone,
        hours: hours?,
        closed_dates: closed_dates?.into_iter().collect(),
        ordering: ordering?,
        bands: bands?,
        categories: categories?,
    }))
}

fn read_text(fields: &Fields<'_, '_>, key: &'static str) -> Option<String> {
    fields
        .required(key)
        .and_then(|value| value.text())
        .map(ToOwned::to_owned)
}

fn read_line(fields: &Fields<'_, '_>, key: &'static str) -> Option<String> {
    let text = read_text(fields, key)?;
    if text.contains('\n') {
        fields.report(key, "has several lines; write it on one");
        return None;
    }
    Some(text)
}

/// Reads all of the profile except the zone, which the caller adds.
fn read_profile(
    document: &Fields<'_, '_>,
    stem: &str,
    slugs: &mut BTreeMap<String, String>,
) -> Option<Profile> {
    let slug = document
        .required("slug")
        .and_then(|value| read_slug(&value, stem, slugs));
    let name = read_line(document, "name");
    let tagline = read_line(document, "tagline");
    let cuisines = document.required("cuisines").and_then(|value| {
        let cuisines = values::read_list(&value, |value| value.text().map(ToOwned::to_owned))?;
        if cuisines.is_empty() {
            value.report("is empty; name at least one cuisine");
        }
        Some(cuisines)
    });
    let colours = document.required("colours").and_then(|value| {
        let colours = values::read_list(&value, values::read_colour)?;
        <[String; 2]>::try_from(colours)
            .map_err(|_| value.report("must be two colours"))
            .ok()
    });
    let address = read_line(document, "address");
    let postcode = document
        .required("postcode")
        .and_then(|value| read_postcode(&value));
    let latitude = document
        .required("latitude")
        .and_then(|value| read_coordinate(&value, LATITUDES));
    let longitude = document
        .required("longitude")
        .and_then(|value| read_coordinate(&value, LONGITUDES));
    let phone = document
        .required("phone")
        .and_then(|value| read_phone(&value));
    let vat_registered = document
        .required("vat_registered")
        .and_then(|value| value.boolean());
    Some(Profile {
        slug: slug?,
        name: name?,
        tagline: tagline?,
        cuisines: cuisines?,
        colours: colours?,
        address: address?,
        postcode: postcode?,
        position: Position {
            latitude: latitude?,
            longitude: longitude?,
        },
        phone: phone?,
        zone: String::new(),
        vat_registered: vat_registered?,
    })
}

fn read_slug(
    value: &Value<'_, '_>,
    stem: &str,
    slugs: &mut BTreeMap<String, String>,
) -> Option<String> {
    let slug = values::read_id(value)?;
    if let Some(other) = slugs.insert(slug.to_owned(), format!("{stem}.toml")) {
        value.report(format!(
            "\"{slug}\" is the slug of {other} too; give each its own"
        ));
    }
    if slug != stem {
        value.report(format!(
            "\"{slug}\" is not the file's name; write \"{stem}\" or call the file {slug}.toml"
        ));
    }
    Some(slug.to_owned())
}

fn read_postcode(value: &Value<'_, '_>) -> Option<String> {
    let text = value.text()?;
    match Postcode::parse(text) {
        Ok(postcode) => Some(postcode.as_str().to_owned()),
        Err(_) => {
            value.report(format!(
                "\"{text}\" is no postcode; write it like \"DH1 3RB\""
            ));
            None
        }
    }
}

/// Bounds of the United Kingdom with its islands, from Scilly to Shetland and from Fermanagh to Lowestoft.
const LATITUDES: (f64, f64) = (49.8, 60.9);
const LONGITUDES: (f64, f64) = (-8.7, 1.8);

fn read_coordinate(value: &Value<'_, '_>, (least, most): (f64, f64)) -> Option<f64> {
    let number = value.number()?;
    if !(least..=most).contains(&number) {
        value.report(format!(
            "{number} lies outside the United Kingdom; write degrees from {least} to {most}"
        ));
        return None;
    }
    Some(number)
}

fn read_phone(value: &Value<'_, '_>) -> Option<String> {
    let text = value.text()?;
    if Phone::parse(text).is_err() {
        value.report(format!(
            "\"{text}\" is no phone number; write 10 to 15 digits, such as \"0191 498 0123\""
        ));
        return None;
    }
    Some(text.to_owned())
}

fn read_zone(value: &Value<'_, '_>) -> Option<Zone> {
    let text = value.text()?;
    let zone = Zone::named(text);
    if zone.is_none() {
        value.report(format!(
            "\"{text}\" is no time zone; write its IANA name, such as \"Europe/London\""
        ));
    }
    zone
}

fn read_date(value: &Value<'_, '_>) -> Option<Date> {
    let text = value.text()?;
    let date = Some(text)
        .filter(|text| text.len() == "2026-12-25".len())
        .and_then(|text| text.parse().ok());
    if date.is_none() {
        value.report(format!(
            "\"{text}\" is no date; write year, month and day, such as \"2026-12-25\""
        ));
    }
    date
}

fn read_ordering(value: &Value<'_, '_>) -> Option<Ordering> {
    let fields = value.table()?;
    let number = |key, range| fields.required(key).and_then(|value| value.integer(range));
    let prepare_minutes = number("prepare_minutes", 1..=240);
    let days_ahead = number("days_ahead", 0..=13);
    let slot = fields.required("slot_minutes").and_then(|value| {
        let minutes = value.integer(5..=60)?;
        let slot = SlotMinutes::new(minutes);
        if slot.is_none() {
            value.report(format!(
                "{minutes} does not divide an hour; use one of {}",
                SlotMinutes::ALLOWED
                    .map(|minutes| minutes.to_string())
                    .join(", ")
            ));
        }
        slot
    });
    let collection = fields
        .required("collection")
        .and_then(|value| value.boolean());
    let orders_per_slot = match fields.optional("orders_per_slot") {
        Some(value) => value.integer(1..=1_000).map(Some),
        None => Some(None),
    };
    let auto_accept = match fields.optional("auto_accept") {
        Some(value) => value.boolean(),
        None => Some(false),
    };
    fields.finish();
    Some(Ordering {
        prepare_minutes: prepare_minutes?,
        slot: slot?,
        days_ahead: days_ahead?,
        collection: collection?,
        orders_per_slot: orders_per_slot?,
        auto_accept: auto_accept?,
    })
}

fn read_bands(value: &Value<'_, '_>) -> Option<DeliveryBands> {
    let tables = value.tables()?;
    let bands: Vec<Option<DeliveryBand>> = tables.iter().map(read_band).collect();
    let reaches: Vec<Option<u32>> = bands
        .iter()
        .map(|band| band.map(|band| band.up_to_m))
        .collect();
    let bands: Option<Vec<DeliveryBand>> = bands.into_iter().collect();
    let checked = bands.and_then(|bands| {
        DeliveryBands::new(bands)
            .map_err(|misplaced| {
                for index in misplaced {
                    let before = reaches[index - 1].unwrap_or_default();
                    tables[index].report(
                        "up_to_m",
                        format!("must be more than the {before} of the band before; sort the bands, nearest first"),
                    );
                }
            })
            .ok()
    });
    for fields in tables {
        fields.finish();
    }
    checked
}

fn read_band(fields: &Fields<'_, '_>) -> Option<DeliveryBand> {
    let up_to_m = fields
        .required("up_to_m")
        .and_then(|value| value.integer(100..=50_000));
    let fee = fields
        .required("fee")
        .and_then(|value| values::read_money(&value));
    let minimum = fields
        .required("minimum")
        .and_then(|value| values::read_money(&value));
    let minutes = fields
        .required("minutes")
        .and_then(|value| value.integer(1..=180));
    Some(DeliveryBand {
        up_to_m: up_to_m?,
        fee: fee?,
        minimum: minimum?,
        minutes: minutes?,
    })
}
