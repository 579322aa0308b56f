//! The frame of every page: skip link, header, main, footer, title of the window, focus after a change of page.

use std::cell::Cell;

use crate::prelude::*;
use leptos::ev::MouseEvent;
use wasm_bindgen::JsCast;
use web_sys::{FocusOptions, HtmlElement};

use super::icon::Drawing;
use super::offline::OfflineBanner;
use super::recall::Recall;

thread_local! {
    /// The page that the browser itself has loaded keeps the focus where the browser puts it.
    static FIRST: Cell<bool> = const { Cell::new(true) };
    /// Somebody has come here from another page.
    static MOVED: Cell<bool> = const { Cell::new(false) };
}

/// A whole page. Its children hold exactly one `h1`, which takes the focus when somebody came here from another page.
#[component]
pub fn Page(
    /// For the window's title, without the name of the app.
    #[prop(into)]
    title: Signal<String>,
    /// Class of the page, for its styles.
    #[prop(optional)]
    class: &'static str,
    /// What stands at the right of the header.
    #[prop(optional)]
    header: Option<Children>,
    /// The content of `main`.
    children: Children,
) -> View {
    effect(move |_| {
        let title = title.get();
        document().set_title(&if title.is_empty() {
            "Tiffin".to_owned()
        } else {
            [title.as_str(), " · Tiffin"].concat()
        });
    });
    effect(|_| {
        if !FIRST.replace(false) {
            MOVED.set(true);
            focus_main();
        }
    });
    let skip = |event: MouseEvent| {
        // The fragment of the address belongs to the postcode.
        event.prevent_default();
        event.stop_propagation();
        focus_main();
    };
    // The pages of the order itself say it all, and the status panel is nobody's order.
    let recall = !matches!(class, "checkout-page" | "order-page" | "status-page");
    view! {
        <div class=["page ", class].concat()>
            <a class="skip" href="#main" on:click=skip>
                "Skip to content"
            </a>
            <header>
                <div class="frame header">
                    <a class="wordmark" href="/">
                        <Drawing href="#i-mark" />
                        "Tiffin"
                    </a>
                    {header.map(|header| header())}
                </div>
                // The first page lists the latest orders itself.
                {recall.then(|| view! { <Recall orders=class != "home" /> })}
            </header>
            <main class="main" id="main">
                <OfflineBanner />
                {children()}
            </main>
            <Footer />
        </div>
    }
}

#[component]
fn Footer() -> View {
    view! {
        <footer class="footer">
            <div class="frame">
                <p>"Run by the restaurants on it."</p>
                <nav aria-label="About Tiffin">
                    <a href="/about">"About"</a>
                    // A program of its own.
                    <a href="/status" rel="external">"Status"</a>
                </nav>
            </div>
        </footer>
    }
}

/// For content whose heading replaces that of its skeleton: the focus that was on the old one goes to the new one.
pub fn keep_focus_on_heading() {
    effect(|_| {
        let lost = document()
            .active_element()
            .is_none_or(|active| active.tag_name() == "BODY");
        if lost && MOVED.get() {
            focus_main();
        }
    });
}

/// Puts the focus where reading begins, without moving what is seen.
fn focus_main() {
    let found = document().query_selector("main h1").ok().flatten();
    let Some(element) = found
        .or_else(|| document().get_element_by_id("main"))
        .and_then(|element| element.dyn_into::<HtmlElement>().ok())
    else {
        return;
    };
    element.set_tab_index(-1);
    let options = FocusOptions::new();
    options.set_prevent_scroll(true);
    let _ = element.focus_with_options(&options);
}
