//! The clients, drawn in the browser: the shop with the order's page, and the status panel. They are two programs, so that
//! nobody who orders fetches the panel.
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
use wasm_bindgen_futures::spawn_local;
use web_sys::{Document, HtmlElement, HtmlInputElement};

use pages::Typed;
use state::browser::sleep;

/// A quarter of the standard library's own to fetch. It joins freed neighbours and grows what it has, so that a page which stays
/// open for long does not spread.
#[cfg(target_family = "wasm")]
#[global_allocator]
static ALLOCATOR: talc::wasm::WasmDynamicTalc = talc::wasm::new_wasm_dynamic_allocator();

/// Shows the shop. `trunk serve` has one page for both programs, which starts the shop on the panel's address too.
pub fn shop() {
    let path = document()
        .location()
        .and_then(|location| location.pathname().ok());
    if path.is_some_and(|path| path.starts_with("/status")) {
        return;
    }
    later(|| {
        let typed = typed_meanwhile(&document());
        show(move || {
            provide_context(typed);
            router::App()
        });
    });
}

/// Shows the status panel.
pub fn panel() {
    later(|| show(pages::StatusPanel));
}

/// In a task of its own: together with the start of the program, drawing would hold up a slow phone for too long.
fn later(work: impl FnOnce() + 'static) {
    spawn_local(async {
        sleep(0).await;
        work();
        api::follow_servers().await;
    });
}

/// The static shell has stood in until now, in the same layout, so that nothing moves when it goes.
fn show(view: impl FnOnce() -> view::View) {
    let root = document()
        .get_element_by_id("app")
        .and_then(|element| element.dyn_into::<HtmlElement>().ok());
    if let Some(root) = root {
        root.set_inner_html("");
        view::mount(&root, view);
    }
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
