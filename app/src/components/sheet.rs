//! A native dialog: a sheet from the bottom on a phone, in the middle of a desk. Focus, Escape and what lies behind are the
//! browser's.

use crate::prelude::*;
use leptos::html;
use wasm_bindgen::JsCast;

use super::icon::{Glyph, Icon};

/// Open as long as it exists: whoever shows it takes it away in `on_close`. The focus then goes back to where it was.
#[component]
pub fn Sheet(
    /// Its heading.
    #[prop(into)]
    title: String,
    /// Has been closed, by its button, Escape, a tap beside it, or `close`.
    #[prop(into)]
    on_close: Callback<()>,
    /// Gets a way to close it from inside.
    #[prop(optional)]
    dialog: NodeRef<html::Dialog>,
    /// Stays in sight below what scrolls.
    #[prop(optional)]
    footer: Option<Children>,
    /// What scrolls.
    children: Children,
) -> View {
    effect(move |_| {
        if let Some(element) = dialog.get()
            && !element.open()
        {
            let _ = element.show_modal();
        }
    });
    let beside = move |event: leptos::ev::MouseEvent| {
        // Everything inside lies on a child; the dialog itself is only hit outside of it.
        let hit = event
            .target()
            .is_some_and(|target| target.dyn_ref::<web_sys::HtmlDialogElement>().is_some());
        if hit {
            close(dialog);
        }
    };
    view! {
        <dialog
            class="sheet"
            node_ref=dialog
            aria-labelledby="sheet-title"
            on:close=move |_| on_close.run(())
            on:click=beside
        >
            <div class="sheet-body">
                <div class="sheet-head">
                    <h2 id="sheet-title" tabindex="-1" autofocus>
                        {title}
                    </h2>
                    <button
                        class="icon-button"
                        type="button"
                        aria-label="Close"
                        on:click=move |_| close(dialog)
                    >
                        <Icon glyph=Glyph::Close />
                    </button>
                </div>
                <div class="sheet-scroll">{children()}</div>
                {footer.map(|footer| view! { <div class="sheet-foot">{footer()}</div> })}
            </div>
        </dialog>
    }
}

/// Closes a sheet by its handle.
pub fn close(dialog: NodeRef<html::Dialog>) {
    if let Some(element) = dialog.get_untracked() {
        element.close();
    }
}
