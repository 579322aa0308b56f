//! The client: the shop, the order's page and the status panel, drawn in the browser.
//!
//! It must not know what anything costs: prices that are charged come from the backend's quote.

mod api;
mod components;
mod pages;
mod router;
mod state;

use leptos::mount::mount_to;
use leptos::prelude::document;
use wasm_bindgen::JsCast;

fn main() {
    // The page's static shell stands in until now; it has the same layout, so nothing moves when it goes.
    let Some(root) = document()
        .get_element_by_id("app")
        .and_then(|element| element.dyn_into::<web_sys::HtmlElement>().ok())
    else {
        return;
    };
    root.set_inner_html("");
    mount_to(root, router::App).forget();
}
