//! The bar of categories that stays on top and follows the scroll.

use crate::prelude::*;
use leptos::{ev, html};
use wasm_bindgen::JsCast;
use web_sys::HtmlElement;

use crate::components::{Glyph, Icon};

/// Pixels from the top of the window at which a category counts as the one being read: just below the bar itself.
const READING_LINE: f64 = 140.0;

/// Id of a category's section in the page.
pub fn section_id(category: &str) -> String {
    ["category-", category].concat()
}

/// Buttons, not links: the fragment of the address belongs to the postcode.
#[component]
pub fn CategoryBar(
    /// Id, name and picture of each.
    categories: Vec<(String, String, Glyph)>,
) -> View {
    let ids: Vec<String> = categories.iter().map(|(id, ..)| section_id(id)).collect();
    let ids = StoredValue::new(ids);
    let current = RwSignal::new(0_usize);
    let bar = NodeRef::<html::Ul>::new();
    let follow = move || {
        let reading = ids.with_value(|ids| {
            ids.iter()
                .rposition(|id| {
                    document().get_element_by_id(id).is_some_and(|section| {
                        // A section that the search has emptied has no height and is nowhere.
                        let place = section.get_bounding_client_rect();
                        place.height() > 0.0 && place.top() <= READING_LINE
                    })
                })
                .unwrap_or(0)
        });
        if current.get_untracked() != reading {
            current.set(reading);
        }
    };
    let scrolled = window_event_listener(ev::scroll, move |_| follow());
    on_cleanup(move || scrolled.remove());
    // The current one is brought into sight within the bar, without touching the page's own scroll. The first one is: to
    // measure before anything is drawn would have everything laid out twice.
    effect(move |before: Option<usize>| {
        let current = current.get();
        let Some(bar) = bar.get_untracked().filter(|_| before.is_some()) else {
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
    let go = move |index: usize| {
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
                                    on:click=move |_| go(index)
                                >
                                    <Icon glyph />
                                    {name}
                                </button>
                            </li>
                        }
                    })
                    .collect_view()}
            </ul>
        </nav>
    }
}
