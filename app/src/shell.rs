//! The static shell: the markup in the page's HTML that is shown until the program has started.

use leptos::prelude::document;
use wasm_bindgen::JsCast;
use web_sys::{HtmlElement, HtmlInputElement};

/// Id of the element that holds the shell and, later, the app.
const ROOT_ID: &str = "app";
/// Id of the shell's postcode field.
const POSTCODE_ID: &str = "postcode";

/// What the customer typed into the shell before the app started.
#[derive(Clone, Default)]
pub struct ShellInput {
    pub postcode: String,
    /// Whether the cursor was in the field.
    pub focused: bool,
}

/// Reads what was typed into the shell's postcode field; empty on pages whose shell has none.
#[must_use]
pub fn read_input() -> ShellInput {
    let document = document();
    document
        .get_element_by_id(POSTCODE_ID)
        .and_then(|element| element.dyn_into::<HtmlInputElement>().ok())
        .map(|input| ShellInput {
            postcode: input.value(),
            focused: document
                .active_element()
                .is_some_and(|active| active.id() == POSTCODE_ID),
        })
        .unwrap_or_default()
}

/// Empties the shell and returns its element, for the app to mount in. The app draws the same layout there, so nothing moves.
///
/// # Panics
/// If the page has no element with the id `app`: then it is not a page of this app.
#[must_use]
pub fn take_root() -> HtmlElement {
    let root: HtmlElement = document()
        .get_element_by_id(ROOT_ID)
        .and_then(|element| element.dyn_into().ok())
        .expect("the page has an element with the id `app`");
    root.set_inner_html("");
    root
}
