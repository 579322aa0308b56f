//! The client: the shop, the order's page and the status panel, drawn in the browser.
//!
//! It must not know what anything costs: prices that are charged come from the backend's quote.

mod api;
mod components;
mod pages;
mod paths;
mod prelude;
mod reactive;
mod router;
mod state;
mod view;

use leptos::prelude::{document, provide_context};
use wasm_bindgen::JsCast;
use web_sys::{Document, HtmlElement, HtmlInputElement};

use pages::Typed;

fn main() {
    let document = document();
    let Some(root) = document
        .get_element_by_id("app")
        .and_then(|element| element.dyn_into::<HtmlElement>().ok())
    else {
        return;
    };
    let typed = typed_meanwhile(&document);
    // The static shell has stood in until now, in the same layout, so that nothing moves when it goes.
    root.set_inner_html("");
    view::mount(&root, move || {
        provide_context(typed);
        router::App()
    });
}

/// What somebody typed into the shell while the app was on its way.
fn typed_meanwhile(document: &Document) -> Typed {
    document
        .get_element_by_id("postcode")
        .and_then(|element| element.dyn_into::<HtmlInputElement>().ok())
        .map(|input| Typed {
            text: input.value(),
            focused: document
                .active_element()
                .is_some_and(|active| active.id() == "postcode"),
        })
        .unwrap_or_default()
}
