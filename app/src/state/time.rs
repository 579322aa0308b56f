//! Instants as text, in the restaurant's time zone. The browser does the zone arithmetic (`Intl`).

use std::cell::RefCell;

use js_sys::{Array, Function, Object, Reflect};
use model::restaurant::Slot;
use wasm_bindgen::{JsCast, JsValue};

use super::browser::now_ms;
use super::calendar::LocalTime;

/// Options of `Intl.DateTimeFormat` for an instant in a restaurant's zone.
const DATE_AND_TIME: [(&str, &str); 6] = [
    ("year", "numeric"),
    ("month", "2-digit"),
    ("day", "2-digit"),
    ("hour", "2-digit"),
    ("minute", "2-digit"),
    ("hourCycle", "h23"),
];
/// Options for an instant in the browser's own zone.
const TIME_WITH_MILLIS: [(&str, &str); 4] = [
    ("hour", "2-digit"),
    ("minute", "2-digit"),
    ("second", "2-digit"),
    ("fractionalSecondDigits", "3"),
];

/// `18:30`.
pub fn clock(at_ms: i64, zone: &str) -> String {
    local(at_ms, zone).map_or_else(String::new, |local| local.clock)
}

/// `18:30:07.123` in the browser's own zone, for an operator's log.
pub fn own_clock_with_millis(at_ms: i64) -> String {
    format_instant(at_ms, None, &TIME_WITH_MILLIS).unwrap_or_default()
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
    let Some(day) = local(at_ms, zone) else {
        return String::new();
    };
    let today = local(now_ms, zone).map(|today| today.day_number());
    match today.map(|today| day.day_number() - today) {
        Some(0) => "Today".into(),
        Some(1) => "Tomorrow".into(),
        _ => day.date(),
    }
}

/// `Tomorrow, 18:30–18:45`; without the day when it is today.
pub fn window_with_day(slot: &Slot, zone: &str) -> String {
    let window = window(slot, zone);
    match day(slot.start_ms, zone).as_str() {
        "Today" => window,
        day => format!("{day}, {window}"),
    }
}

/// `None` for a zone that the browser does not know.
fn local(at_ms: i64, zone: &str) -> Option<LocalTime> {
    LocalTime::parse(&format_instant(at_ms, Some(zone), &DATE_AND_TIME)?)
}

thread_local! {
    /// Format functions by zone; the empty string is the browser's own. A phone takes tens of milliseconds to make one.
    static FORMATTERS: RefCell<Vec<(String, Function)>> = const { RefCell::new(Vec::new()) };
}

fn format_instant(at_ms: i64, zone: Option<&str>, parts: &[(&str, &str)]) -> Option<String> {
    let name = zone.unwrap_or_default();
    let format = FORMATTERS.with_borrow_mut(|formatters| {
        if let Some((_, format)) = formatters.iter().find(|(zone, _)| zone == name) {
            return Some(format.clone());
        }
        let format = formatter(zone, parts)?;
        formatters.push((name.to_owned(), format.clone()));
        Some(format)
    })?;
    format
        .call1(&JsValue::UNDEFINED, &JsValue::from_f64(at_ms as f64))
        .ok()?
        .as_string()
}

/// The `format` function of an `Intl.DateTimeFormat`. Made through `Reflect`, because an unknown zone throws, which the typed binding
/// turns into a panic.
fn formatter(zone: Option<&str>, parts: &[(&str, &str)]) -> Option<Function> {
    let bag = Object::new();
    let zone = zone.map(|zone| ("timeZone", zone));
    for (name, value) in parts.iter().copied().chain(zone) {
        Reflect::set(&bag, &JsValue::from_str(name), &JsValue::from_str(value)).ok()?;
    }
    let get = |of: &JsValue, name: &str| Reflect::get(of, &JsValue::from_str(name)).ok();
    let make: Function = get(&get(&js_sys::global(), "Intl")?, "DateTimeFormat")?
        .dyn_into()
        .ok()?;
    let arguments = Array::of2(&JsValue::from_str("en-GB"), &bag);
    let made = Reflect::construct(&make, &arguments).ok()?;
    get(&made, "format")?.dyn_into().ok()
}
