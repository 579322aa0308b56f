//! The browser's address as signals, and going elsewhere without loading the page anew. Must not know which pages there are.

use crate::prelude::*;
use leptos::ev::{self, MouseEvent};
use wasm_bindgen::{JsCast, JsValue};
use web_sys::{Element, HtmlAnchorElement};

#[derive(Clone, Copy)]
struct Address {
    path: RwSignal<String>,
    /// With its `?`, or empty.
    search: RwSignal<String>,
    /// With its `#`, or empty.
    fragment: RwSignal<String>,
}

impl Address {
    /// Reads what the browser shows. Only what differs wakes anybody up.
    fn read(self) {
        let location = window().location();
        let show = |signal: RwSignal<String>, now: Result<String, JsValue>| {
            let now = now.unwrap_or_default();
            if signal.with_untracked(|shown| *shown != now) {
                signal.set(now);
            }
        };
        // The path last: the page that it brings finds the rest in place.
        show(self.search, location.search());
        show(self.fragment, location.hash());
        show(self.path, location.pathname());
    }
}

/// Called once, by the root of the app.
pub(super) fn provide() {
    let address = Address {
        path: RwSignal::new(String::new()),
        search: RwSignal::new(String::new()),
        fragment: RwSignal::new(String::new()),
    };
    address.read();
    provide_context(address);
    let moved = window_event_listener(ev::popstate, move |_| address.read());
    on_cleanup(move || moved.remove());
    let clicked = window_event_listener(ev::click, move |event| {
        if let Some(href) = internal_link(&event) {
            event.prevent_default();
            move_to(address, &href, false);
        }
    });
    on_cleanup(move || clicked.remove());
}

fn address() -> Address {
    expect_context()
}

/// `/r/cenere`.
pub(super) fn path() -> RwSignal<String> {
    address().path
}

/// `#DH1-3EL`, or empty.
#[must_use]
pub fn fragment() -> Signal<String> {
    address().fragment.into()
}

/// One parameter of the query, as it stands there.
#[must_use]
pub fn query(name: &'static str) -> Memo<Option<String>> {
    let search = address().search;
    memo(move || search.with(|search| parameter(search, name)))
}

/// A function that goes to an address of the app. Get it while a component is set up; call it from events.
pub fn go() -> impl Fn(&str) + Copy + Send + Sync + 'static {
    let address = address();
    move |href: &str| move_to(address, href, false)
}

/// The same, but "back" will not lead to where one was.
pub fn replace() -> impl Fn(&str) + Copy + Send + Sync + 'static {
    let address = address();
    move |href: &str| move_to(address, href, true)
}

fn move_to(address: Address, href: &str, replace: bool) {
    let Ok(history) = window().history() else {
        return;
    };
    let moved = if replace {
        history.replace_state_with_url(&JsValue::NULL, "", Some(href))
    } else {
        history.push_state_with_url(&JsValue::NULL, "", Some(href))
    };
    // Refused: the browser goes there itself.
    if moved.is_err() {
        let _ = window().location().set_href(href);
        return;
    }
    let before = address.path.get_untracked();
    address.read();
    if address.path.with_untracked(|path| *path != before) {
        window().scroll_to_with_x_and_y(0.0, 0.0);
    }
}

/// Where a plain click on one of our own links leads; nothing for what the browser has to do itself.
fn internal_link(event: &MouseEvent) -> Option<String> {
    let changed = event.meta_key() || event.alt_key() || event.ctrl_key() || event.shift_key();
    if event.default_prevented() || event.button() != 0 || changed {
        return None;
    }
    let target: Element = event.target()?.dyn_into().ok()?;
    let link: HtmlAnchorElement = target.closest("a[href]").ok()??.dyn_into().ok()?;
    let elsewhere = !link.target().is_empty()
        || link.rel() == "external"
        || link.has_attribute("download")
        || link.origin() != window().location().origin().ok()?;
    (!elsewhere).then(|| link.href())
}

fn parameter(search: &str, name: &str) -> Option<String> {
    search
        .strip_prefix('?')?
        .split('&')
        .filter_map(|pair| pair.split_once('='))
        .find(|(key, _)| *key == name)
        .map(|(_, value)| value.to_owned())
}

#[cfg(test)]
mod tests {
    use super::parameter;

    #[test]
    fn a_parameter_is_found_by_its_whole_name() {
        assert_eq!(
            parameter("?from=cenere&x=1", "from").as_deref(),
            Some("cenere")
        );
        assert_eq!(
            parameter("?x=1&from=cenere", "from").as_deref(),
            Some("cenere")
        );
        assert_eq!(parameter("?xfrom=cenere", "from"), None);
        assert_eq!(parameter("", "from"), None);
    }
}
