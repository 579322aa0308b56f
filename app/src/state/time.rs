//! Instants as people read them, in the restaurant's time zone. The zone arithmetic is the browser's (`Intl`).

use std::cell::RefCell;

use js_sys::{Array, Function, Object, Reflect};
use model::restaurant::Slot;
use wasm_bindgen::{JsCast, JsValue};

use super::browser::now_ms;
use super::calendar::Local;

/// What a browser is asked to write of an instant in a restaurant's zone.
const DATE_AND_TIME: [(&str, &str); 6] = [
    ("year", "numeric"),
    ("month", "2-digit"),
    ("day", "2-digit"),
    ("hour", "2-digit"),
    ("minute", "2-digit"),
    ("hourCycle", "h23"),
];
/// The same in the zone of whoever looks.
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

/// `18:30:07.123` on the clock of whoever looks, for an operator's log.
pub fn own_clock_with_millis(at_ms: i64) -> String {
    written(at_ms, None, &TIME_WITH_MILLIS).unwrap_or_default()
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

/// `today 18:30–18:45` without the day when it is today.
pub fn window_with_day(slot: &Slot, zone: &str) -> String {
    let window = window(slot, zone);
    match day(slot.start_ms, zone).as_str() {
        "Today" => window,
        day => format!("{day}, {window}"),
    }
}

/// `None` for a zone that the browser does not know.
fn local(at_ms: i64, zone: &str) -> Option<Local> {
    Local::parse(&written(at_ms, Some(zone), &DATE_AND_TIME)?)
}

thread_local! {
    /// By zone; empty for the browser's own. A phone takes tens of milliseconds to make one.
    static WRITERS: RefCell<Vec<(String, Function)>> = const { RefCell::new(Vec::new()) };
}

fn written(at_ms: i64, zone: Option<&str>, parts: &[(&str, &str)]) -> Option<String> {
    let name = zone.unwrap_or_default();
    let write = WRITERS.with_borrow_mut(|writers| {
        if let Some((_, write)) = writers.iter().find(|(of, _)| of == name) {
            return Some(write.clone());
        }
        let write = writer(zone, parts)?;
        writers.push((name.to_owned(), write.clone()));
        Some(write)
    })?;
    write
        .call1(&JsValue::UNDEFINED, &JsValue::from_f64(at_ms as f64))
        .ok()?
        .as_string()
}

/// The `format` of an `Intl.DateTimeFormat`. Through `Reflect`, because an unknown zone throws and the typed binding would take
/// the page down with it.
fn writer(zone: Option<&str>, parts: &[(&str, &str)]) -> Option<Function> {
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
