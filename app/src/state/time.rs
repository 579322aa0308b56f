//! Instants as people read them, in the restaurant's time zone. The zone arithmetic is the browser's (`Intl`).

use js_sys::{Date, Function, Object, Reflect};
use model::restaurant::Slot;
use wasm_bindgen::{JsCast, JsValue};

use super::browser::now_ms;

/// `18:30`.
pub fn clock(at_ms: i64, zone: &str) -> String {
    format(at_ms, zone, &[("hour", "2-digit"), ("minute", "2-digit")])
}

/// `18:30:07.123` on the clock of whoever looks, for an operator's log.
pub fn own_clock_with_millis(at_ms: i64) -> String {
    let parts = [
        ("hour", "2-digit"),
        ("minute", "2-digit"),
        ("second", "2-digit"),
        ("fractionalSecondDigits", "3"),
    ];
    format_as("en-GB", at_ms, None, &parts).unwrap_or_default()
}

/// `18:30–18:45`; one time where the window has no width.
pub fn window(slot: &Slot, zone: &str) -> String {
    let from = clock(slot.start_ms, zone);
    let to = clock(slot.end_ms, zone);
    if from == to {
        from
    } else {
        format!("{from}–{to}")
    }
}

/// `Today`, `Tomorrow`, `Friday 7 March`: the calendar day in the zone, seen from now.
pub fn day(at_ms: i64, zone: &str) -> String {
    day_from(at_ms, now_ms(), zone)
}

fn day_from(at_ms: i64, now_ms: i64, zone: &str) -> String {
    match (day_number(at_ms, zone), day_number(now_ms, zone)) {
        (Some(day), Some(today)) if day == today => "Today".into(),
        (Some(day), Some(today)) if day == today + 1 => "Tomorrow".into(),
        _ => format(
            at_ms,
            zone,
            &[("weekday", "long"), ("day", "numeric"), ("month", "long")],
        ),
    }
}

/// `today 18:30–18:45` without the day when it is today.
pub fn window_with_day(slot: &Slot, zone: &str) -> String {
    let window = window(slot, zone);
    match day(slot.start_ms, zone).as_str() {
        "Today" => window,
        day => format!("{day}, {window}"),
    }
}

fn day_number(at_ms: i64, zone: &str) -> Option<i64> {
    let text = format_as(
        "sv-SE",
        at_ms,
        Some(zone),
        &[
            ("year", "numeric"),
            ("month", "2-digit"),
            ("day", "2-digit"),
        ],
    )?;
    super::calendar::day_number(&text)
}

fn format(at_ms: i64, zone: &str, options: &[(&str, &str)]) -> String {
    format_as("en-GB", at_ms, Some(zone), options).unwrap_or_default()
}

/// In the browser's own zone where none is named. `None` for a zone that the browser does not know.
fn format_as(
    locale: &str,
    at_ms: i64,
    zone: Option<&str>,
    options: &[(&str, &str)],
) -> Option<String> {
    let bag = Object::new();
    let zone = zone.map(|zone| ("timeZone", zone));
    for (name, value) in options.iter().copied().chain(zone) {
        Reflect::set(&bag, &JsValue::from_str(name), &JsValue::from_str(value)).ok()?;
    }
    let date = Date::new(&JsValue::from_f64(at_ms as f64));
    // Through `Reflect`, because an unknown zone throws and the typed binding would take the page down with it.
    let method: Function = Reflect::get(&date, &"toLocaleString".into())
        .ok()?
        .dyn_into()
        .ok()?;
    method
        .call2(&date, &JsValue::from_str(locale), &bag)
        .ok()?
        .as_string()
}
