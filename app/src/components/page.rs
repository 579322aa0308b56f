//! The frame of every page: skip link, header, main, footer, document title, and the focus after a navigation.

use std::cell::Cell;

use leptos::ev::MouseEvent;
use leptos::prelude::*;
use wasm_bindgen::JsCast;
use web_sys::{FocusOptions, HtmlElement};

use super::icon::Drawing;
use super::offline::OfflineBanner;
use super::order_banner::OrderBanner;

thread_local! {
    /// The first page keeps the focus where the browser put it on loading.
    static IS_FIRST_PAGE: Cell<bool> = const { Cell::new(true) };
    /// Whether this page was reached by a navigation inside the app.
    static NAVIGATED: Cell<bool> = const { Cell::new(false) };
}

/// Whether a page shows [`OrderBanner`], and with which orders.
#[derive(Clone, Copy, Default, PartialEq, Eq)]
pub enum Banner {
    /// Placed orders and orders whose outcome is not known.
    #[default]
    All,
    /// Only an order whose outcome is not known: the page lists placed orders itself.
    UnknownOutcome,
    /// Nothing: the page is about an order itself, or is not part of the shop.
    None,
}

/// A whole page. Its children hold exactly one `h1`, which gets the focus after a navigation.
#[component]
pub fn Page(
    /// For the document title, without the name of the app.
    #[prop(into)]
    title: Signal<String>,
    /// Class of the page, for its styles.
    #[prop(optional)]
    class: &'static str,
    /// The link back to an order.
    #[prop(optional)]
    banner: Banner,
    /// Shown at the right of the header.
    #[prop(optional)]
    header: Option<Children>,
    /// The content of `main`.
    children: Children,
) -> impl IntoView {
    Effect::new(move |_| {
        document().set_title(&match title.get().as_str() {
            "" => "Tiffin".to_owned(),
            title => format!("{title} · Tiffin"),
        });
    });
    Effect::new(|_| {
        if !IS_FIRST_PAGE.replace(false) {
            NAVIGATED.set(true);
            focus_main();
        }
    });
    let skip_to_content = |event: MouseEvent| {
        // The fragment of the address is the postcode's, so the link must not be followed.
        event.prevent_default();
        event.stop_propagation();
        focus_main();
    };
    view! {
        <div class=format!("page {class}")>
            <a class="skip" href="#main" on:click=skip_to_content>
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
                {(banner != Banner::None)
                    .then(|| view! { <OrderBanner placed_orders=banner == Banner::All /> })}
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
fn Footer() -> impl IntoView {
    view! {
        <footer class="footer">
            <div class="frame">
                <p>"Run by the restaurants on it."</p>
                <nav aria-label="About Tiffin">
                    <a href="/about">"About"</a>
                    // The status panel is a program of its own.
                    <a href="/status" rel="external">
                        "Status"
                    </a>
                </nav>
            </div>
        </footer>
    }
}

/// For content whose heading replaces that of its skeleton: moves the focus from the old heading, which is gone, to the new one.
pub fn keep_focus_on_heading() {
    Effect::new(|_| {
        let lost = document()
            .active_element()
            .is_none_or(|active| active.tag_name() == "BODY");
        if lost && NAVIGATED.get() {
            focus_main();
        }
    });
}

/// Moves the focus to the page's heading without scrolling.
fn focus_main() {
    let heading = document().query_selector("main h1").ok().flatten();
    let Some(element) = heading
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
