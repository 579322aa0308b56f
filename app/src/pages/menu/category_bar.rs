//! The bar of categories, which stays on top and follows the scroll position.

use leptos::prelude::*;
use leptos::{ev, html};
use wasm_bindgen::JsCast;
use web_sys::HtmlElement;

use crate::components::{Glyph, Icon};

/// The distance from the top of the window at which a category counts as current, in CSS pixels: just below the bar itself.
const CURRENT_BELOW_PX: f64 = 140.0;

/// The id of a category's section.
pub fn section_id(category: &str) -> String {
    format!("category-{category}")
}

/// One button for each category. Not links: the fragment of the address is the postcode's.
#[component]
pub fn CategoryBar(
    /// Id, name and icon of each.
    categories: Vec<(String, String, Glyph)>,
) -> impl IntoView {
    let ids: Vec<String> = categories.iter().map(|(id, ..)| section_id(id)).collect();
    let ids = StoredValue::new(ids);
    let current = RwSignal::new(0_usize);
    let bar = NodeRef::<html::Ul>::new();
    let update_current = move || {
        let index = ids.with_value(|ids| {
            ids.iter()
                .rposition(|id| {
                    document().get_element_by_id(id).is_some_and(|section| {
                        // A section that the search has hidden has no height.
                        let bounds = section.get_bounding_client_rect();
                        bounds.height() > 0.0 && bounds.top() <= CURRENT_BELOW_PX
                    })
                })
                .unwrap_or(0)
        });
        if current.get_untracked() != index {
            current.set(index);
        }
    };
    let on_scroll = window_event_listener(ev::scroll, move |_| update_current());
    on_cleanup(move || on_scroll.remove());
    // The current button is scrolled into sight within the bar, without scrolling the page. Not on the first run: measuring before
    // the first paint would lay the page out twice.
    Effect::new(move |previous: Option<usize>| {
        let current = current.get();
        let Some(bar) = bar.get_untracked().filter(|_| previous.is_some()) else {
            return current;
        };
        if let Some(button) = bar
            .children()
            .item(current as u32)
            .and_then(|item| item.dyn_into::<HtmlElement>().ok())
        {
            let middle = (bar.client_width() - button.offset_width()) / 2;
            bar.set_scroll_left(button.offset_left() - bar.offset_left() - middle);
        }
        current
    });
    let scroll_to = move |index: usize| {
        let section = ids.with_value(|ids| document().get_element_by_id(&ids[index]));
        if let Some(section) = section.and_then(|section| section.dyn_into::<HtmlElement>().ok()) {
            section.scroll_into_view();
            let options = web_sys::FocusOptions::new();
            options.set_prevent_scroll(true);
            let _ = section.focus_with_options(&options);
        }
    };
    view! {
        <nav class="categories" aria-label="Categories">
            <ul class="chips" node_ref=bar>
                {categories
                    .into_iter()
                    .enumerate()
                    .map(|(index, (_, name, glyph))| {
                        view! {
                            <li>
                                <button
                                    class="chip"
                                    type="button"
                                    aria-current=move || (current.get() == index).then_some("true")
                                    on:click=move |_| scroll_to(index)
                                >
                                    <Icon glyph />
                                    {name}
                                </button>
                            </li>
                        }
                            .into_any()
                    })
                    .collect_view()}
            </ul>
        </nav>
    }
}
