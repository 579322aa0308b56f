//! A native dialog: a sheet from the bottom on a phone, in the middle of a desk. Focus, Escape and the backdrop are the browser's.

use leptos::ev::MouseEvent;
use leptos::html;
use leptos::prelude::*;
use wasm_bindgen::JsCast;
use web_sys::HtmlDialogElement;

use super::icon::{Glyph, Icon};

/// Opens a dialog as a modal; does nothing if it is open.
pub fn open_dialog(dialog: NodeRef<html::Dialog>) {
    if let Some(element) = dialog.get_untracked()
        && !element.open()
    {
        let _ = element.show_modal();
    }
}

/// Closes a dialog.
pub fn close_dialog(dialog: NodeRef<html::Dialog>) {
    if let Some(element) = dialog.get_untracked() {
        element.close();
    }
}

/// A sheet that is open as long as it exists: its owner removes it in `on_close`. The focus then returns to where it was.
#[component]
pub fn Sheet(
    /// The heading.
    #[prop(into)]
    title: String,
    /// Called when the sheet was closed, by its button, Escape, a tap on the backdrop, or [`close_dialog`].
    #[prop(into)]
    on_close: Callback<()>,
    /// The dialog's element, for a parent that closes it.
    #[prop(optional)]
    dialog: NodeRef<html::Dialog>,
    /// Stays in sight below the scrolling content.
    #[prop(optional)]
    footer: Option<Children>,
    /// The scrolling content.
    children: Children,
) -> impl IntoView {
    dialog.on_load(move |_| open_dialog(dialog));
    let close_on_backdrop = move |event: MouseEvent| {
        // All content is inside a child; a click on the dialog itself is a click on the backdrop.
        if event
            .target()
            .is_some_and(|target| target.has_type::<HtmlDialogElement>())
        {
            close_dialog(dialog);
        }
    };
    view! {
        <dialog
            class="sheet"
            node_ref=dialog
            aria-labelledby="sheet-title"
            on:close=move |_| on_close.run(())
            on:click=close_on_backdrop
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
                        on:click=move |_| close_dialog(dialog)
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
